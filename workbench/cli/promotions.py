"""The rows of the commands on approvals and notifications, for the table of all commands."""

from workbench.words import Verb

APPROVAL = {
    "ask": Verb(
        "workbench.cli.approval",
        "Ask for an approval of what is healthy in one stack now, to promote it to another.",
    ),
    "give": Verb("workbench.cli.approval", "Approve what waits, for one promotion until its time is over."),
    "refuse": Verb("workbench.cli.approval", "Refuse what waits, or take an approval back that no promotion used yet."),
    "list": Verb(
        "workbench.cli.approval", "List the approvals as they stand; of one service its whole record, the newest first."
    ),
}
"""Of programs with a stack that takes only what was approved."""

NOTIFY = {
    "slack": Verb(
        "workbench.cli.notify",
        "Tell Slack that a build started, failed, waits for an approval or reached an environment.",
    ),
    "monday": Verb("workbench.cli.notify", "Make the release's item on Monday's board, or bring its state up to date."),
    "sentry": Verb("workbench.cli.notify", "Tell Sentry of a release, and that it was deployed to an environment."),
}
"""Of programs that say who is told."""
