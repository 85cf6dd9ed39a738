"""Choose what a push to live's branch releases: what staging ran, by its id, or a hotfix that is built anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from programs.pakashop.ci.commands import git, pakashop, required
from tools.ci.actions import add_to_summary, run, set_outputs, variable
from tools.ci.github import GitHub
from workbench.errors import OperatorError

HOTFIX = "hotfix/"
"""How the branches of hotfixes begin ("Branch Strategy")."""
_NEWEST = "100"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is released."""

    kind: str
    """``promote`` or ``hotfix``."""
    release: str
    """The id of what is promoted; empty for a hotfix, whose id its own bytes make."""
    reason: str
    """Of a hotfix: the pull request, for the record."""


def choose(
    releases: Sequence[Mapping[str, Any]],
    tree: str,
    tree_of: Callable[[str], str | None],
    pull_request: Mapping[str, Any] | None,
) -> Choice:
    """Choose the newest release that was healthy and has exactly these files; else a hotfix, if it is one.

    ``releases`` are the source's, the newest first, as ``release list --json`` tells them. ``tree_of`` returns the
    tree of a commit: what a branch holds, whichever merges led there. ``pull_request`` is the merged one.

    Raises:
        OperatorError: when nothing that was tested has these files, and no hotfix is merged.
    """
    same = [each for each in releases if tree_of(each["commit"]) == tree]
    for each in same:
        if each["healthy_at"]:
            return Choice(kind="promote", release=each["release"], reason="")
    if pull_request is not None and str(pull_request["head"]["ref"]).startswith(HOTFIX):
        title = " ".join(str(pull_request["title"]).split())
        return Choice(kind="hotfix", release="", reason=f"#{pull_request['number']} {title}"[:200])
    if same:
        raise OperatorError(
            f"release {same[0]['release']} has these files and was never healthy in the source: nothing is promoted"
        )
    raise OperatorError(
        "no release of the source has exactly these files: nothing is promoted. Either the source has not built them "
        "yet (run this again once it has), or this branch holds what the source's lacks, such as a hotfix that was "
        "not merged back: merge it back, and release from there"
    )


def main(
    application: Annotated[Path, typer.Argument(metavar="DIR", help="The application's repository, with history.")],
    source: Annotated[str, typer.Option("--from", metavar="STACK", help="Where releases are tested.")],
) -> None:
    """Set the step's outputs: kind, release and reason."""
    commit = variable("GITHUB_SHA")
    asked = ("rev-parse", f"{commit}^{{tree}}")
    listed = pakashop("release", "list", "--stack", source, "--limit", _NEWEST)
    chosen = choose(
        listed["releases"],
        required(git(application, *asked), asked),
        lambda other: git(application, "rev-parse", "--verify", "--quiet", f"{other}^{{tree}}"),
        _merged(GitHub.of_this_run(), commit),
    )
    set_outputs({"kind": chosen.kind, "release": chosen.release, "reason": chosen.reason})
    told = f"promotes release `{chosen.release}`" if chosen.kind == "promote" else f"is a hotfix: {chosen.reason}"
    add_to_summary(f"`{commit[:8]}` {told}.")


def _merged(github: GitHub, commit: str) -> Mapping[str, Any] | None:
    """Return the pull request that a commit was merged by."""
    found = [each for each in github.listed(f"/commits/{commit}/pulls") if each["merged_at"]]
    return found[0] if found else None


if __name__ == "__main__":
    run(main)
