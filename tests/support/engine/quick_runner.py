"""Runs Pulumi's own script that starts a Python program, without what takes half of the time and nobody looks at.

- ``wait_for_rpcs`` of pulumi 3.272 asks for the first of all outstanding outputs, over and over: each time asyncio puts
  a callback on every one of them and takes it off again, so that the work grows with the square of their number. Here
  the same call returns when all of them are done, or one has failed.
- The SDK tells the engine of each step in messages for debugging, four calls for every resource. The engine drops them.
- What ``zelly plan`` saves is saved here: garbage collection, source positions, and those of the SDK's resources that
  the program does not use.

Nothing of the program is imported before it runs, since a test may give it packages of its own.
"""

import asyncio
import gc
import importlib.util
import runpy
import sys
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

_EVALUATE = Path(__file__).parents[3] / "workbench" / "evaluate"


class _Asyncio:
    """The module as the SDK's loop sees it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def wait(self, tasks: Collection["asyncio.Task[Any]"], *, return_when: str) -> Any:
        """Wait for all of ``tasks``, or for the first that fails."""
        assert return_when == asyncio.FIRST_COMPLETED
        return await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)


def _alone(name: str) -> ModuleType:
    """Return a module of the evaluation's, without the packages that it lies in."""
    spec = importlib.util.spec_from_file_location(f"quick_runner_{name}", _EVALUATE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _tell_nobody(message: str) -> None:
    del message


def run(runner: str) -> None:
    """Run Pulumi's script; the arguments are its own."""
    sys.argv[0] = runner
    _alone("sdk_on_demand").load_sdk_on_demand()
    with (
        _alone("overhead").without_overhead(),
        patch("pulumi.runtime.stack.asyncio", _Asyncio()),
        patch("pulumi.log.debug", _tell_nobody),
    ):
        try:
            runpy.run_path(runner, run_name="__main__")
        finally:
            # The process ends: nothing has to be collected any more, neither when the block ends nor at the end.
            gc.freeze()
