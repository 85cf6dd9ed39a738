"""Runs a host's scripts without the host: what they call beyond text tools is faked and recorded."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.programs import require_program
from zelly_components.hosts.cloud_config import template_text

TEMPLATES = Path(__file__).parents[2] / "components" / "zelly_components" / "hosts" / "templates"


class FakeHost:
    """A directory with the fakes that come first on a script's path, and the record of what was called.

    ``retry`` is the real script; ``sleep`` returns at once.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._programs = directory / "bin"
        self._record = directory / "calls"
        self._programs.mkdir()
        self._write("retry", template_text("host/retry.sh"))
        self.fake("sleep")

    def fake(self, program: str, body: str = "") -> None:
        """Make a program that records its arguments and then runs ``body`` in bash."""
        self._write(program, f'#!/bin/bash\necho "{program} $*" >>"{self._record}"\n{body}\n')

    def answer(self, program: str, output: str) -> None:
        """Make a program that prints ``output``."""
        (self.directory / f"{program}.out").write_text(output, encoding="utf-8")
        self.fake(program, f'cat "{self.directory}/{program}.out"')

    def run(
        self, script: str, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a script below ``templates/`` and return what came of it."""
        return subprocess.run(
            [require_program("bash", package="bash"), TEMPLATES / script, *arguments],
            env={"PATH": f"{self._programs}:{os.environ['PATH']}", **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """Return, and forget, the calls of the fakes, in order."""
        if not self._record.exists():
            return []
        calls = self._record.read_text(encoding="utf-8").splitlines()
        self._record.unlink()
        return calls

    def _write(self, program: str, text: str) -> None:
        path = self._programs / program
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
