"""Push the images that were tested, with the tags of the document: of the commit, of the branch, of the night."""

import hashlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from programs.relay.ci.commands import REGISTRY_STACK, dockerfile, each_service, local_name, relay, variable
from relay_infra import catalog
from tools.ci.actions import run

_LONGEST_TAG = 128
"""OCI distribution specification, "Pulling manifests"."""
_HASH_DIGITS = 8


def branch_tag(branch: str) -> str:
    """Return the tag of a branch. Where a tag can't hold the name, a hash of it keeps two branches apart."""
    clean = re.sub(r"[^A-Za-z0-9_.-]", "-", branch)
    if clean == branch and len(f"branch-{branch}") <= _LONGEST_TAG:
        return f"branch-{branch}"
    digest = hashlib.sha256(branch.encode()).hexdigest()[:_HASH_DIGITS]
    return f"branch-{clean[: _LONGEST_TAG - len(f'branch--{digest}')]}-{digest}"


def other_tags(branch: str, *, nightly: bool, now: datetime) -> list[str]:
    """Return the tags that an image gets beside its commit's. None of them may be deployed."""
    return [branch_tag(branch), *([f"nightly-{now:%Y-%m-%d}"] if nightly else [])]


def main(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="The application's repository.")],
) -> None:
    """Push the image of every service. The same image again is no error, another one under the same tag is."""
    nightly = os.environ.get("NIGHTLY") == "true"
    tags = other_tags(variable("BRANCH_NAME"), nightly=nightly, now=datetime.now(UTC))
    also = [word for tag in tags for word in ("--also", tag)]

    def push(name: str) -> None:
        service = catalog.service(name)
        files = ("--context", str(source), "--dockerfile", str(dockerfile(source, service)))
        relay("image", "push", name, *files, "--built", local_name(service), *also, "--stack", REGISTRY_STACK)

    each_service("pushed", push)


if __name__ == "__main__":
    run(main)
