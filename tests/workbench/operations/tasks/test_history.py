"""A service's events and its stopped tasks are one history, the newest last."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from tests.workbench.operations.seen import service
from tests.workbench.operations.tasks.described import CONTAINER, CREATED, stopped
from workbench.aws.ecs.services import Ecs, Service, ServiceEvent
from workbench.aws.ecs.tasks import EcsTasks, Task
from workbench.errors import OperatorError
from workbench.operations.tasks.history import HistoryReader, stopped_message


def event(number: int, second: int) -> ServiceEvent:
    return ServiceEvent(
        id=f"event-{number}", created_at=CREATED + timedelta(seconds=second), message=f"(service shop-api) {number}"
    )


class FakeEcs:
    """A service whose events come the newest first, as ECS's do."""

    def __init__(self, *events: ServiceEvent) -> None:
        self.events = events

    def services(self, names: Sequence[str]) -> Mapping[str, Service]:
        return {"shop-api": replace(service(), events=self.events)} if "shop-api" in names else {}


class FakeTasks:
    def __init__(self, *tasks: Task) -> None:
        self.tasks = [*tasks]

    def of_family(self, family: str, status: str) -> list[Task]:
        assert (family, status) == ("shop-api", "STOPPED")
        return self.tasks


def reader(ecs: FakeEcs, tasks: FakeTasks, service: str = "shop-api") -> HistoryReader:
    return HistoryReader(service, ecs=cast(Ecs, ecs), tasks=cast(EcsTasks, tasks))


def test_events_and_stopped_tasks_are_sorted_the_newest_last() -> None:
    ecs = FakeEcs(event(4, 50), event(3, 41), event(2, 41), event(1, 41))
    still_stopping = replace(stopped(1), arn="x/other", stopped_at=None)
    happened = reader(ecs, FakeTasks(stopped(1), still_stopping)).new()
    assert [one.id for one in happened] == ["event-1", "event-2", "event-3", "abc123", "event-4"]
    assert happened[3].document() == {
        "time": "2026-01-01T12:00:42Z",
        "source": "task",
        "id": "abc123",
        "message": (
            "task abc123 (shop-api:7, started by zelly/ann) stopped: Essential container in task exited; "
            "api: exit code 1"
        ),
    }


def test_each_happening_is_told_once() -> None:
    ecs, tasks = FakeEcs(event(1, 1)), FakeTasks()
    reading = reader(ecs, tasks)
    assert [one.id for one in reading.new()] == ["event-1"]
    assert reading.new() == []
    ecs.events = (event(2, 60), event(1, 1))
    tasks.tasks = [stopped(0)]
    assert [one.id for one in reading.new()] == ["abc123", "event-2"]


def test_reason_of_a_container_is_told_unless_it_is_the_tasks() -> None:
    def ended(reason: str) -> Task:
        container = replace(CONTAINER, exit_code=137, reason=reason)
        return replace(stopped(None, reason="Out of\nmemory"), started_by=None, containers=(container, CONTAINER))

    assert stopped_message(ended("OutOfMemoryError")) == (
        "task abc123 (shop-api:7) stopped: Out of memory; api: exit code 137, OutOfMemoryError"
    )
    assert stopped_message(ended("Out of\nmemory")) == (
        "task abc123 (shop-api:7) stopped: Out of memory; api: exit code 137"
    )


def test_absent_service_is_one_line() -> None:
    with pytest.raises(OperatorError, match=r"^service: shop-web is not in ECS; `pulumi up` makes it$"):
        reader(FakeEcs(), FakeTasks(), "shop-web").new()
