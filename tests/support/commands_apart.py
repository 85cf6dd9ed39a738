"""Commands one after the other in a process of their own, which imports what it likes or lacks rights."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.operators import Completed

# As the installed command does, it leaves garbage alone. Models of services stay between its commands, which otherwise
# parse megabytes of JSON each.
_LOOP = """
import contextlib, functools, gc, io, json, os, sys
gc.disable()
import botocore.session
from workbench.cli.main import run
botocore.session.create_loader = functools.cache(botocore.session.create_loader)
asked, answers = sys.stdin, sys.stdout
sys.stdin = io.StringIO()
PREPARE
for line in asked:
    arguments, variables, folder = json.loads(line)
    own, here = dict(os.environ), os.getcwd()
    os.chdir(folder)
    os.environ.update(variables)
    said, complained, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        try:
            run(arguments)
        except SystemExit as ended:
            code = ended.code
    os.chdir(here)
    os.environ.clear()
    os.environ.update(own)
    print(json.dumps([code or 0, said.getvalue(), complained.getvalue()]), file=answers, flush=True)
gc.freeze()
"""


@dataclass(frozen=True, kw_only=True)
class CommandsApart:
    """A process that runs the command line's commands, each as if it had been started for it."""

    process: "subprocess.Popen[str]"

    def run(self, *arguments: str, folder: Path | None = None, variables: Mapping[str, str] | None = None) -> Completed:
        """Run one command, in the process's folder or another, without a terminal and with nothing to read."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([arguments, variables or {}, str(folder or ".")]), file=self.process.stdin, flush=True)
        code, stdout, stderr = json.loads(self.process.stdout.readline())
        return Completed(exit_code=code, stdout=stdout, stderr=stderr)


@contextmanager
def commands_apart(
    folder: Path, environment: Mapping[str, str], *, imports: Path | None = None, prepare: str = ""
) -> Generator[CommandsApart]:
    """Start the process in a folder. Packages in ``imports`` come first, and ``prepare`` runs before all commands."""
    path = os.pathsep.join([*([str(imports)] if imports is not None else []), environment.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, "-c", _LOOP.replace("PREPARE", prepare)],
        cwd=folder,
        env={**environment, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield CommandsApart(process=process)
