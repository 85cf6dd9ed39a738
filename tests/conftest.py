"""How pytest-xdist deals the tests out, how fast the embedded AWS is for them, and that nothing else is timed."""

import functools
import gc
import os
import signal
from collections.abc import Generator
from typing import Any

import botocore.session
import pytest
from botocore.loaders import create_loader
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.support.dealing import in_order, scope
from workbench import words

# Starting, failing and stopping tasks takes less than an answer does: whoever looks sees what comes of it.
os.environ.setdefault("ZELLY_SANDBOX_SPEED", "10000")

# Whoever starts the tests in the background lets them ignore both, and so would every command that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

# As the installed command is called: texts name what to type.
words.call_by("zelly")

# An example that takes longer than Hypothesis likes says something of the machine.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

# Each session of boto3's looks for the models of its services and parses them anew, megabytes of JSON: half of what a
# command takes that is run in this process. Within a session, callers share what the loader returns already.
botocore.session.create_loader = functools.cache(create_loader)


class _Scheduling(LoadScopeScheduling):
    """Every test goes wherever there is room, those that share something dear to one worker.

    The standard way, marks and ``--dist loadgroup``, is without effect under pytest 9.2 (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Have a worker more than processors, unless the environment says how many: a fifth of all time is waited for."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Scheduling:
    # Scopes are dealt out as they come, not by their number of tests.
    config.option.loadscopereorder = False
    return _Scheduling(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Keep the collector away while tests are collected: all that is made then stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes longest begin first, so that no worker ends alone."""
    items[:] = in_order(items, nodeid=lambda item: item.nodeid)


def pytest_collection_finish() -> None:
    """Let the collector look seldom, and never again at what stays to the end: modules, tests, models of services."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
