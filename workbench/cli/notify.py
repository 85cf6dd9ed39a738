"""``notify slack | monday | sentry``: what others are told of a pipeline's builds. A build never fails of it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.cli.shared.acting import DryRunOption, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json, talk
from workbench.cli.shared.environment import open_account
from workbench.cli.shared.program import current_program
from workbench.errors import OperatorError
from workbench.notifications import monday as board
from workbench.notifications import sentry as releases
from workbench.notifications import slack as channel
from workbench.notifications.builds import Build, Event
from workbench.notifications.delivery import NotToldError
from workbench.promotions import Notifications

app = App()

CommitOption = Annotated[
    str,
    typer.Option(
        "--commit", "--release", metavar="SHA", envvar=["COMMIT", "GIT_COMMIT"], help="The commit that is built."
    ),
]
BuildOption = Annotated[
    str,
    typer.Option("--build", metavar="URL", envvar=["BUILD_URL", "BUILD"], help="The address of the pipeline's build."),
]
Teller = Callable[[str, Mapping[str, Any] | None, Any], None]


@app.command()
def slack(
    event: Annotated[Event, typer.Option("--event", help="What happened.")],
    commit: CommitOption,
    build: BuildOption,
    environment: Annotated[
        str | None, typer.Option("--environment", metavar="ENV", help="Where it was deployed, or is to be.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="What else to say.")] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Tell Slack that a build started, failed, was aborted, waits for an approval or reached an environment."""
    body = channel.message(_build(commit, build), event, environment=environment, text=text)
    _tell("Slack", str(body["text"]), lambda found: found.slack, channel.tell, body, dry_run=dry_run, json=json)


@app.command()
def monday(
    stage: Annotated[str, typer.Option("--stage", metavar="ENV", help="The environment that the state is of.")],
    state: Annotated[str, typer.Option("--state", metavar="STATE", help=f"One of {', '.join(board.STATES)}.")],
    commit: CommitOption,
    build: BuildOption,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Make the release's item on Monday's board, or bring its status up to date."""
    if state not in board.STATES:
        raise OperatorError(f"--state: came {state}; allowed: {', '.join(board.STATES)}")
    wanted = board.item(_build(commit, build), stage=stage, state=state)
    what = f"{wanted['name']}: {wanted['status']}"
    _tell("Monday", what, lambda found: found.monday, board.tell, wanted, dry_run=dry_run, json=json)


@app.command()
def sentry(
    environment: Annotated[str, typer.Option("--environment", metavar="ENV", help="Where it was deployed.")],
    commit: CommitOption,
    build: BuildOption,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Tell Sentry of a release, and that it was deployed to an environment."""
    made = _build(commit, build)
    wanted = releases.deploy(made, environment=environment)
    what = f"{made.name} is deployed to {environment}"
    _tell("Sentry", what, lambda found: found.sentry, releases.tell, wanted, dry_run=dry_run, json=json)


def _build(commit: str, url: str) -> Build:
    return Build(program=current_program().name, commit=commit, url=url)


def _tell(
    receiver: str,
    what: str,
    secret_of: Callable[[Notifications], str],
    tell: Teller,
    body: Mapping[str, Any],
    *,
    dry_run: bool,
    json: bool,
) -> None:
    if dry_run:
        if json:
            print_json({"executed": False, "plan": {"receiver": receiver, "body": body}})
        else:
            typer.echo(f"{receiver} is told: {what}")
        return
    try:
        notifications = current_program().notifications
        if notifications is None:
            raise NotToldError("the program names nobody to tell")
        environment = open_account(None)
        secret = secret_of(notifications)
        tell(secret, SecretsManager(environment.aws).values_of(secret), body)
    except (NotToldError, OperatorError) as error:
        why = str(error).partition("\n")[0]
        talk(f"{receiver} was not told ({what}): {why}. The build goes on.")
        if json:
            print_json({"executed": False, "receiver": receiver, "why": why})
        return
    report({"receiver": receiver, "body": body}, json=json, lines=[f"{receiver} was told: {what}"])
