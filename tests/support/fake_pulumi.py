"""A script in the place of Pulumi's command line: it notes what it is asked, and answers as it is told to."""

import stat
from pathlib import Path


def pulumi(folder: Path, *, stdout: str = "", stderr: str = "", code: int = 0) -> str:
    """Make a program that notes what it was given, and says this."""
    path = folder / "pulumi"
    (folder / "stdout").write_text(stdout)
    (folder / "stderr").write_text(stderr)
    path.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$PWD" "$PULUMI_SKIP_UPDATE_CHECK" "$@" > {folder}/asked\n'
        f"cat {folder}/stdout\ncat {folder}/stderr >&2\nread line && exit 99\nexit {code}\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def asked(folder: Path) -> list[str]:
    return (folder / "asked").read_text().splitlines()
