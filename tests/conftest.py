"""How pytest-xdist deals the tests out, how fast the embedded AWS is for them, and that nothing else is timed."""

import os
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# Starting, failing and stopping tasks takes less than an answer does: whoever looks sees what comes of it.
os.environ.setdefault("ZELLY_SANDBOX_SPEED", "10000")

# An example that takes longer than Hypothesis likes says something of the machine.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

_ON_ONE_WORKER = (
    "tests/machines/test_clickhouse_configuration.py",
    "tests/zelly_infra/embedded/",
    "tests/zelly_infra/operating/",
    "tests/zelly_infra/test_aws_requests.py",
)
"""Tests that share what takes seconds of processor time to make: both environments in an embedded AWS, booted hosts."""

_ON_A_WORKER_PER_STACK = "tests/engine/"
"""Tests that share a stack on the real engine, which their parameter names; those without one share another."""


class _Scheduling(LoadScopeScheduling):
    """Every test goes wherever there is room, those that share something dear to one worker.

    The standard way, marks and ``--dist loadgroup``, is without effect under pytest 9.2 (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_ON_A_WORKER_PER_STACK):
            return _ON_A_WORKER_PER_STACK + nodeid.partition("[")[2]
        return next((shared for shared in _ON_ONE_WORKER if nodeid.startswith(shared)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Scheduling:
    return _Scheduling(config, log)
