"""``sandbox up --engine``: a stack made by the Pulumi engine, and a shell in which to practise with it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from workbench.cli.sandbox.bring_up import make_prerequisites, owns_shared_resources
from workbench.cli.sandbox.running import one_maker
from workbench.cli.shared.console import talk
from workbench.engine.pulumi_cli import EngineSession, engine_session

if TYPE_CHECKING:
    from workbench.config.stack_file import StackFile

_FOLDER = Path(".sandbox/engine")
"""The project's copy, the state and the logs, relative to the repository."""

_LOCK_FILE = Path(".sandbox/engine.lock")

_PLUGINS = ("aws", "random")


def practise(file: "StackFile[Any]", root: Path, *, plugins: bool) -> None:
    """Make a stack with the engine in an embedded AWS of its own, then, on a terminal, open a shell.

    With ``plugins`` the real plugins make it, as far as they can: Cloudflare's would turn to Cloudflare.

    Raises:
        OperatorError: when there is no engine, or another shell is open already.
        typer.Exit: when the stack could not be made and nobody is there to go on.
    """
    folder = root / _FOLDER
    with one_maker(root, _LOCK_FILE, place=f"{root / _FOLDER}"):
        # One that was killed left it.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            with engine_session(root, folder, plugins=_PLUGINS if plugins else ()) as session:
                _practise(session, file)
        finally:
            shutil.rmtree(folder)


def _practise(session: EngineSession, file: "StackFile[Any]") -> None:
    stack = file.stack
    if not owns_shared_resources(file):
        make_prerequisites(session.aws, file)
    commands = (["stack", "init", stack], ["up", "--skip-preview", "--yes"])
    made = all(session.run_on_terminal(*command) == 0 for command in commands)
    if sys.stdin.isatty() and sys.stdout.isatty():
        talk(
            "",
            f"A shell to practise in: `pulumi` and `aws` reach the embedded AWS at {session.aws.endpoint_url} alone.",
            f"Change Pulumi.{stack}.yaml here, then `pulumi preview --diff`, `pulumi up`. `exit` ends all of it.",
        )
        shell = os.environ.get("SHELL", "/bin/sh")
        subprocess.run([shell], cwd=session.folder, env=session.environment, check=False)  # noqa: S603 (the operator's)
    elif not made:
        raise typer.Exit(1)
