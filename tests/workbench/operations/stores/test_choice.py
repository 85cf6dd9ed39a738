"""The store that a command means: the only one of its kind, or the one that is named."""

from dataclasses import replace

import pytest

from tests.workbench.operations.environments import AURORA, DESCRIPTION, REDIS
from tests.workbench.operations.stores.test_aurora import LIVE, MOMENT, FakeRds
from tests.workbench.operations.stores.test_points import Known
from workbench.errors import OperatorError
from workbench.operations.stores import aurora
from workbench.operations.stores.choice import chosen_store
from workbench.operations.stores.kinds import ENTRIES, entry_of, kind_of
from workbench.operations.stores.restoration import RestoreChoice
from workbench.operations.stores.restoring import plan_restoration
from workbench.stores import RedisNode, Store

QUEUES = replace(REDIS, label="Queues")
ONE, TWO, NONE = (replace(DESCRIPTION, stores=stores) for stores in ((AURORA, REDIS), (REDIS, QUEUES), (AURORA,)))


def test_only_store_of_a_kind_needs_no_name() -> None:
    assert chosen_store(ONE, RedisNode, None) is chosen_store(ONE, RedisNode, "Redis") is REDIS
    assert chosen_store(TWO, RedisNode, "Queues") is QUEUES


@pytest.mark.parametrize(
    ("description", "label", "line"),
    [
        (NONE, None, "production has no store of this kind; its stores: Aurora"),
        (TWO, None, "--store: came nothing; allowed in production: Redis, Queues"),
        (TWO, "Cache", "--store: came Cache; allowed in production: Redis, Queues"),
        (ONE, "Cache", "--store: came Cache; allowed in production: Redis"),
    ],
)
def test_store_that_is_not_known_is_refused(description: object, label: str | None, line: str) -> None:
    with pytest.raises(OperatorError) as refused:
        chosen_store(description, RedisNode, label)  # pyright: ignore[reportArgumentType]
    assert str(refused.value) == line


def test_command_that_goes_on_names_the_store_where_there_are_several() -> None:
    orders = replace(AURORA, label="Orders' archive", identifier="shop-orders")
    rds = FakeRds()
    rds.clusters = {LIVE.identifier: LIVE, "shop-orders": replace(LIVE, identifier="shop-orders")}
    restoration = plan_restoration(
        replace(DESCRIPTION, stores=(AURORA, orders)),
        aurora.ENTRY,
        "Orders' archive",
        RestoreChoice(source=MOMENT.isoformat()),
        program="shop",
        wrappers=Known(rds),
    )
    assert restoration.plan.command.endswith(
        """ restore aurora --store 'Orders'"'"' archive' --stack production --at 2026-11-25T10:15:00Z"""
    )
    assert restoration.plan.source == "shop-orders"


def _kinds(store: type[Store]) -> list[type[Store]]:
    """Return the classes that have none below them: what they share is no kind."""
    below = store.__subclasses__()
    return [kind for each in below for kind in _kinds(each)] if below else [store]


def test_every_kind_of_the_contract_is_in_the_list_once() -> None:
    assert sorted(entry.store_type.__name__ for entry in ENTRIES) == sorted(kind.__name__ for kind in _kinds(Store))
    assert [entry_of(store).load() is kind_of(store) for store in (AURORA, REDIS)] == [True, True]
