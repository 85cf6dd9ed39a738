"""Runs Pulumi's own script that starts a Python program, with one wait of the SDK's done in another way.

``wait_for_rpcs`` of pulumi 3.272 asks for the first of all outstanding outputs, over and over: each time asyncio puts a
callback on every one of them and takes it off again, so that the work grows with the square of their number. Here the
same call returns when all of them are done, or one has failed. Nothing of the program is imported before it runs.
"""

import asyncio
import runpy
import sys
from collections.abc import Collection
from typing import Any
from unittest.mock import patch


class _Asyncio:
    """The module as the SDK's loop sees it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def wait(self, tasks: Collection["asyncio.Task[Any]"], *, return_when: str) -> Any:
        """Wait for all of ``tasks``, or for the first that fails."""
        assert return_when == asyncio.FIRST_COMPLETED
        return await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)


def run(runner: str) -> None:
    """Run Pulumi's script; the arguments are its own."""
    sys.argv[0] = runner
    with patch("pulumi.runtime.stack.asyncio", _Asyncio()):
        runpy.run_path(runner, run_name="__main__")
