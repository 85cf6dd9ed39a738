"""Open the pull request that brings a hotfix back, at once: live's branch into the one that staging is built from."""

from typing import Annotated

import typer

from tools.ci.actions import add_to_summary, annotate, run, variable
from tools.ci.github import GitHub

_BODY = """\
A hotfix was released to live. Until it is merged back, the other branch lacks it, and no release that is built there is
promoted: what live's branch then holds would be in no release that was tested.

Checks do not start by themselves for a pull request that a workflow opened: close it and open it again.
"""


def main(
    head: Annotated[str, typer.Option("--head", metavar="BRANCH", help="With the hotfix.")],
    base: Annotated[str, typer.Option("--base", metavar="BRANCH", help="That lacks it.")],
) -> None:
    """Open the pull request, unless nothing is missing or one is open already."""
    github = GitHub.of_this_run()
    missing = int(github.get(f"/compare/{base}...{head}")["ahead_by"])
    if missing == 0:
        add_to_summary(f"`{base}` has all that `{head}` has.")
        return
    owner = variable("GITHUB_REPOSITORY").partition("/")[0]
    found = list(github.listed("/pulls", state="open", base=base, head=f"{owner}:{head}"))
    pull_request = (
        found[0]
        if found
        else github.create(
            "/pulls", {"title": f"Merge {head} back into {base}", "head": head, "base": base, "body": _BODY}
        )
    )
    lacks = f"{base} lacks {missing} commits of {head}: merge #{pull_request['number']} now"
    annotate("warning", "Merge the hotfix back", lacks)
    add_to_summary(f"{lacks}.")


if __name__ == "__main__":
    run(main)
