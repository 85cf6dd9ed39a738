"""Push what was built as a release, and tell the next job its id."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from programs.pakashop.ci.commands import git, pakashop, required
from tools.ci.actions import add_to_summary, run, set_outputs, variable


def main(
    artefacts: Annotated[Path, typer.Argument(metavar="DIR", help="The packed artefacts.")],
    application: Annotated[Path, typer.Option("--application", metavar="DIR", help="The application's repository.")],
    stack: Annotated[str, typer.Option("--stack", metavar="STACK")],
) -> None:
    """Push the artefacts of the run's commit; the same bytes make the same release."""
    commit = variable("GITHUB_SHA")
    asked = ("show", "--no-patch", "--format=%ct", commit)
    created = datetime.fromtimestamp(int(required(git(application, *asked), asked)), UTC)
    pushed = pakashop(
        "release",
        "push",
        str(artefacts.absolute()),
        "--commit",
        commit,
        "--created",
        f"{created:%Y-%m-%dT%H:%M:%SZ}",
        "--stack",
        stack,
    )
    release: str = pushed["release"]
    set_outputs({"release": release})
    add_to_summary(f"Release `{release}` of commit `{commit[:8]}` is in {stack}'s bucket.")


if __name__ == "__main__":
    run(main)
