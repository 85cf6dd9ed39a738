"""The table of the commands that only programs with services under systemd have."""

from collections.abc import Mapping

from workbench.words import Noun, Verb

UNITS: Mapping[str, Noun | Verb] = {
    "service": Noun(
        "Look at the services.",
        {
            "list": Verb(
                "workbench.cli.release.units",
                "List the services: their units, ports and languages, and the waves in which they start. Nothing asks "
                "AWS.",
            ),
        },
    ),
    "backup": Noun(
        "Look at the dumps of a stack's database, and have its host make, drill and restore them.",
        {
            "list": Verb(
                "workbench.cli.backup",
                "List the dumps, the newest first: age, size, whether verified and drilled; exit 1 when that is not "
                "enough.",
            ),
            "now": Verb(
                "workbench.cli.backup",
                "Have the host make a dump now, which is restored before it is kept below production/.",
            ),
            "drill": Verb(
                "workbench.cli.backup",
                "Have the host restore the newest dump out of the bucket, and compare it with its manifest.",
            ),
            "verify": Verb(
                "workbench.cli.backup",
                "Have the host restore one dump out of the bucket, and compare it with its manifest.",
            ),
            "restore": Verb(
                "workbench.cli.backup",
                "Restore a dump into a new database beside the live one, to look into it. Nothing that is there is "
                "touched.",
            ),
        },
    ),
    "release": Noun(
        "Bring releases to where a stack's host finds them, and look at them.",
        {
            "list": Verb(
                "workbench.cli.release.command",
                "List the releases in the stack's bucket, the newest first: their commits, and which were healthy or "
                "run.",
            ),
            "push": Verb(
                "workbench.cli.release.command",
                "Pack what CI built and bring it into the stack's bucket as a release; print the release's id.",
            ),
        },
    ),
    "deploy": Verb(
        "workbench.cli.release.deploy",
        "Bring a release to the services: fetched, checked, migrated once, switched wave by wave, and confirmed.",
    ),
    "rollback": Verb(
        "workbench.cli.release.deploy",
        "Go back to what was last healthy, with all services or one; a release that waits to be confirmed is taken "
        "back.",
    ),
    "promote": Verb(
        "workbench.cli.release.deploy",
        "Bring to one stack the release that is healthy in another: the same bytes, compared by hash, then deployed.",
    ),
    "restart": Verb(
        "workbench.cli.release.deploy",
        "Start a service anew, or all of them wave by wave, unchanged: so do new values of secrets reach a service.",
    ),
    "logs": Verb("workbench.cli.release.units", "Print what a service logged, the newest last."),
}
"""The commands of a program with services under systemd, in the place of those on ECS."""
