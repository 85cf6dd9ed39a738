"""MiniStack, an emulator of AWS that nobody here wrote (github.com/ministackorg/ministack), while a block runs."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.support.programs import unavailable
from tests.support.servers import LOOPBACK, free_port, running

_PYTHON = Path(__file__).parents[2] / ".engine" / "ministack" / "bin" / "python"


@contextmanager
def ministack(folder: Path) -> Generator[str]:
    """Run it and give its address; ``folder`` takes its log and whatever it writes."""
    if not _PYTHON.exists():
        unavailable("MiniStack is not installed (make ministack)")
    port = free_port()
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "ERROR",
    }
    command = [_PYTHON, "-m", "ministack"]
    with running(command, port=port, log=folder / "ministack.log", environment=environment):
        yield f"http://{LOOPBACK}:{port}"
