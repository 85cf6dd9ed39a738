"""Which tests share a worker, and which of them begin first."""

from collections.abc import Callable, Iterable
from typing import TypeVar

_T = TypeVar("_T")

_OWN_ENVIRONMENTS = (
    "tests/zelly_infra/operated/test_environment_day.py",
    "tests/zelly_infra/operated/test_first_day.py",
    "tests/workbench/end_to_end/test_what_is_missing.py",
)
"""Tests with an embedded AWS of their own, beside others that share one."""

_ON_ONE_WORKER = (
    *_OWN_ENVIRONMENTS,
    "tests/adoption/",
    "tests/machines/backups/",
    "tests/machines/postgresql/",
    "tests/machines/redis_host/",
    "tests/machines/releases/",
    "tests/machines/search_host/",
    "tests/machines/services/test_configuration.py",
    "tests/machines/services/test_services.py",
    "tests/machines/test_clickhouse_configuration.py",
    "tests/programs/pakashop/operated/",
    "tests/programs/relay/operated/",
    "tests/workbench/engine/test_killed_update.py",
    "tests/zelly_infra/embedded/",
    "tests/workbench/cli/test_closed_files.py",
    "tests/workbench/cli/test_sandbox_standing.py",
    "tests/workbench/end_to_end/",
    "tests/workbench/test_sample_program.py",
    "tests/zelly_infra/operated/",
    "tests/zelly_infra/composition/test_aws_requests.py",
    "tests/zelly_infra/pages/test_generated_pages.py",
)
"""Tests that share what takes seconds of processor time to make: environments, booted hosts, pages."""

_ON_A_WORKER_PER_STACK = ("tests/zelly_infra/engine/", "tests/programs/engine/")
"""Tests that share a stack on the real engine, which their parameter names; those without one share another."""

_FIRST = (
    *_OWN_ENVIRONMENTS,
    "tests/workbench/end_to_end/",
    "tests/zelly_infra/operated/",
    "tests/zelly_infra/engine/production]",
    "tests/zelly_infra/engine/staging]",
    "tests/adoption/",
    "tests/programs/pakashop/operated/",
    "tests/programs/relay/operated/",
    "tests/machines/releases/",
    "tests/zelly_infra/engine/",
    "tests/programs/engine/",
    "tests/workbench/engine/test_killed_update.py",
    "tests/machines/services/",
    "tests/zelly_infra/commands/test_service_add.py",
    "tests/zelly_infra/commands/test_environment_add.py",
    "tests/zelly_infra/embedded/",
    "tests/zelly_infra/composition/test_aws_requests.py",
    "tests/workbench/cli/",
    "tests/machines/",
)
"""Scopes that take long, by how they begin (``pytest --durations`` tells); all others fill the gaps behind them."""


def scope(nodeid: str) -> str:
    """Return what a test shares its worker with: all tests of the same scope run on one."""
    folder = next((folder for folder in _ON_A_WORKER_PER_STACK if nodeid.startswith(folder)), None)
    if folder is not None:
        return folder + nodeid.partition("[")[2]
    return next((shared for shared in _ON_ONE_WORKER if nodeid.startswith(shared)), nodeid)


def in_order(tests: Iterable[_T], *, nodeid: Callable[[_T], str]) -> list[_T]:
    """Return the tests with the longest scopes first; within one, and behind them, they stay in the order given."""

    def place(test: _T) -> int:
        of_test = scope(nodeid(test))
        return next((place for place, long in enumerate(_FIRST) if of_test.startswith(long)), len(_FIRST))

    return sorted(tests, key=place)


ALONE_OR_FIRST = frozenset({*_ON_ONE_WORKER, *_FIRST})
"""Every place that is named here."""
