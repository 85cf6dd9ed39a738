"""How pytest-xdist deals the tests out, how fast the embedded AWS is for them, and that nothing else is timed."""

import functools
import os
import signal
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.support.dealing import in_order, scope
from workbench import words

# Starting, failing and stopping tasks takes less than an answer does: whoever looks sees what comes of it.
os.environ.setdefault("ZELLY_SANDBOX_SPEED", "10000")

# Whoever starts the tests in the background lets them ignore it, and so would every command that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# As the installed command is called: texts name what to type.
words.call_by("zelly")

# An example that takes longer than Hypothesis likes says something of the machine.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

_parse = JSONFileLoader.load_file


@functools.cache
def _parsed(path: str) -> Any:
    return _parse(JSONFileLoader(), path)


def _load_file(self: JSONFileLoader, file_path: str) -> Any:
    del self
    return _parsed(file_path)


# Each session of boto3's parses the models of its services anew, megabytes of JSON: half of what a command takes that
# is run in this process. Within a session the loader's callers share what it returns already.
JSONFileLoader.load_file = _load_file


class _Scheduling(LoadScopeScheduling):
    """Every test goes wherever there is room, those that share something dear to one worker.

    The standard way, marks and ``--dist loadgroup``, is without effect under pytest 9.2 (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Scheduling:
    # Scopes are dealt out as they come, not by their number of tests.
    config.option.loadscopereorder = False
    return _Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first, so that no worker ends alone."""
    items[:] = in_order(items, nodeid=lambda item: item.nodeid)
