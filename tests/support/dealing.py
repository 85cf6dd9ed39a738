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
    "tests/browser/",
    "tests/checkov/",
    "tests/components/test_package.py",
    "tests/languages/test_options.py",
    "tests/languages/test_page.py",
    "tests/languages/test_yaml.py",
    "tests/local_dev/",
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
    "tests/programs/relay/pipeline/",
    "tests/workbench/adopt/test_stack_values.py",
    "tests/workbench/cli/test_closed_files.py",
    "tests/workbench/cli/test_sandbox_standing.py",
    "tests/workbench/clickhouse/",
    "tests/workbench/end_to_end/",
    "tests/workbench/engine/test_adopting.py",
    "tests/workbench/engine/test_database_taken_over.py",
    "tests/workbench/engine/test_killed_update.py",
    "tests/workbench/engine/test_provider.py",
    "tests/workbench/engine/test_shifted_traffic.py",
    "tests/workbench/sandbox/ssm/test_run_command.py",
    "tests/workbench/test_sample_program.py",
    "tests/zelly_infra/composition/test_aws_requests.py",
    "tests/zelly_infra/embedded/",
    "tests/zelly_infra/operated/",
    "tests/zelly_infra/pages/test_generated_pages.py",
)
"""Tests that share what takes seconds of processor time to make: environments, booted hosts, pages."""

_ON_A_WORKER_PER_STACK = ("tests/adoption/test_adoption.py", "tests/zelly_infra/engine/", "tests/programs/engine/")
"""Tests that share a stack on the real engine, which their parameter names; those without one share another."""

_WAITING = "tests/machines/"
"""Tests that wait for half of their time: for a boot, for a restart, for a time-out."""

_FIRST = (
    "tests/machines/releases/",
    "tests/zelly_infra/engine/production]",
    "tests/workbench/end_to_end/",
    "tests/adoption/test_adoption.py",
    "tests/languages/",
    "tests/machines/services/",
    "tests/zelly_infra/engine/staging]",
    "tests/programs/pakashop/operated/",
    "tests/programs/relay/operated/",
    "tests/machines/backups/",
    *_OWN_ENVIRONMENTS,
    "tests/zelly_infra/operated/",
    "tests/adoption/",
    "tests/machines/redis_host/",
    "tests/machines/search_host/",
    "tests/local_dev/",
    "tests/zelly_infra/engine/",
    "tests/programs/engine/",
    "tests/workbench/engine/",
    "tests/checkov/",
    "tests/programs/relay/pipeline/",
    "tests/zelly_infra/commands/test_service_add.py",
    "tests/zelly_infra/commands/test_environment_add.py",
    "tests/zelly_infra/embedded/",
    "tests/zelly_infra/composition/test_aws_requests.py",
    "tests/workbench/cli/",
)
"""Scopes that take long, by how they begin (``pytest --durations`` tells); all others fill the gaps behind them. What
waits stands among what computes: there is a worker more than there are processors, so that none is idle meanwhile."""


def scope(nodeid: str) -> str:
    """Return what a test shares its worker with: all tests of the same scope run on one."""
    folder = next((folder for folder in _ON_A_WORKER_PER_STACK if nodeid.startswith(folder)), None)
    if folder is not None:
        return folder + nodeid.partition("[")[2]
    return next((shared for shared in _ON_ONE_WORKER if nodeid.startswith(shared)), nodeid)


def in_order(tests: Iterable[_T], *, nodeid: Callable[[_T], str]) -> list[_T]:
    """Return the tests with the longest scopes first; within one, they stay in the order given.

    So do the others behind them, but for those that wait, which are spread among them.
    """

    def place(test: _T) -> int:
        of_test = scope(nodeid(test))
        return next((place for place, long in enumerate(_FIRST) if of_test.startswith(long)), len(_FIRST))

    placed = sorted(tests, key=place)
    others = [test for test in placed if place(test) == len(_FIRST)]
    waiting = [test for test in others if nodeid(test).startswith(_WAITING)]
    computing = [test for test in others if not nodeid(test).startswith(_WAITING)]
    return [*placed[: len(placed) - len(others)], *_spread(waiting, computing)]


def _spread(few: list[_T], many: list[_T]) -> list[_T]:
    """Return both lists in one, each in its order and evenly from the beginning to the end."""
    positions = [((number + 0.5) / len(those), those, number) for those in (few, many) for number in range(len(those))]
    return [those[number] for _, those, number in sorted(positions, key=lambda each: each[0])]


ALONE_OR_FIRST = frozenset({*_ON_ONE_WORKER, *_ON_A_WORKER_PER_STACK, *_FIRST, _WAITING})
"""Every place that is named here."""
