"""How the tests are dealt out to pytest-xdist's workers."""

from tests.support.dealing import ALONE_OR_FIRST, in_order, scope
from tests.zelly_infra.stack_files import ROOT

DEALT = [
    ("engine/production]", "tests/zelly_infra/engine/test_up.py::test_a[production]"),
    ("end_to_end/", "tests/workbench/end_to_end/test_drift.py::test_a"),
    ("test_adoption.pystaging]", "tests/adoption/test_adoption.py::test_a[staging]"),
    ("engine/staging]", "tests/zelly_infra/engine/test_policy_pack.py::test_a[staging]"),
    ("operated/test_first_day.py", "tests/zelly_infra/operated/test_first_day.py::test_a"),
    ("adoption/", "tests/adoption/test_estate.py::test_a[staging]"),
    ("engine/", "tests/zelly_infra/engine/test_former_state.py::test_a"),
    ("commands/test_service_add.py::test_a", "tests/zelly_infra/commands/test_service_add.py::test_a"),
    ("embedded/", "tests/zelly_infra/embedded/permissions/test_access.py::test_a[staging]"),
    ("cli/test_cost.py::test_a[1]", "tests/workbench/cli/test_cost.py::test_a[1]"),
    ("tests/components/test_iam.py::test_a[staging]", "tests/components/test_iam.py::test_a[staging]"),
]
"""The end of a scope, and a test in it; in the order in which they begin."""


def test_what_shares_something_dear_is_one_scope() -> None:
    assert [(end, scope(test).endswith(end)) for end, test in DEALT] == [(end, True) for end, _ in DEALT]


def test_what_takes_long_begins_first_and_the_rest_stays_in_order() -> None:
    tests = [test for _, test in DEALT]
    assert in_order(reversed(tests), nodeid=str) == tests
    others = [f"tests/components/test_vpc.py::test_{number}" for number in (3, 1, 2)]
    assert in_order(others, nodeid=str) == others
    waiting = [f"tests/machines/test_nat_host.py::test_{number}" for number in (2, 1)]
    assert in_order([*waiting, *others, tests[0]], nodeid=str) == [
        tests[0],
        others[0],
        waiting[0],
        others[1],
        waiting[1],
        others[2],
    ]


def test_whatever_is_named_is_there() -> None:
    assert [
        name
        for name in ALONE_OR_FIRST
        if not (ROOT / name.removesuffix("production]").removesuffix("staging]")).exists()
    ] == []
