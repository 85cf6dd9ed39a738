"""``zelly service list`` and ``scale`` against the embedded AWS."""

import json
from typing import Any

import pytest

from tests.workbench.end_to_end.conftest import Completed, Operator, Sandbox

REGION = "ap-southeast-1"


@pytest.fixture
def desired(sandbox: Sandbox) -> Any:
    """Tell how many tasks of a staging service are wanted; what was changed is put back at the end."""
    ecs = sandbox.client("ecs", REGION)
    services = ["zelly-staging-storefront", "zelly-staging-events-consumer"]

    def counts() -> list[int]:
        described = ecs.describe_services(cluster="zelly-staging", services=services)["services"]
        return [service["desiredCount"] for service in described]

    yield counts
    for service in services:
        ecs.update_service(cluster="zelly-staging", service=service, desiredCount=1)


def test_services_are_listed_in_the_platforms_order(operator: Operator) -> None:
    listed = json.loads(operator.zelly("service", "list", "--stack", "staging", "--json").stdout)
    assert listed["stack"] == "staging"
    assert [(row["service"], row["status"], row["desired"]) for row in listed["services"]] == [
        ("fastify-nova", "active", 1),
        ("customer-panel", "active", 1),
        ("orion-backend", "active", 1),
        ("events-consumer", "active", 1),
        ("storefront", "active", 1),
        ("internal-tools", "active", 1),
    ]


def test_scaling_says_what_it_does_and_does_it(operator: Operator, desired: Any) -> None:
    assert operator.zelly("service", "scale", "storefront", "--tasks", "2", "--stack", "staging") == Completed(
        exit_code=0,
        stdout=("zelly-staging-storefront is asked for 2; `zelly service status storefront` shows how far it is.\n"),
        stderr=(
            "zelly-staging-storefront: 1 task wanted now, 2 tasks from then on\n"
            "Automatic scaling goes on between 1 and 2, so that the number may change again by itself.\n"
        ),
    )
    assert desired() == [2, 1]


def test_dry_run_changes_nothing(operator: Operator, desired: Any) -> None:
    completed = operator.zelly("service", "scale", "storefront", "--tasks", "2", "-s", "staging", "--dry-run", "--json")
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert json.loads(completed.stdout) == {
        "executed": False,
        "plan": {
            "service": "zelly-staging-storefront",
            "before": 1,
            "after": 2,
            "range": {"minimum": 1, "maximum": 2},
        },
    }
    assert desired() == [1, 1]


@pytest.mark.parametrize(
    ("service", "tasks", "allowed"),
    [("storefront", "3", "0 or 1 to 2"), ("events-consumer", "2", "0 or 1 to 1")],
)
def test_more_tasks_than_the_stack_file_allows_are_refused(
    operator: Operator, desired: Any, service: str, tasks: str, allowed: str
) -> None:
    completed = operator.zelly("service", "scale", service, "--tasks", tasks, "--stack", "staging")
    assert completed == Completed(
        exit_code=2,
        stdout="",
        stderr=f"--tasks: came {tasks}; allowed for zelly-staging-{service}: {allowed}, as its stack file says\n",
    )
    assert desired() == [1, 1]


def test_stopping_a_service_wants_a_yes(operator: Operator, desired: Any) -> None:
    arguments = ("service", "scale", "events-consumer", "--tasks", "0", "--stack", "staging")
    refused = operator.zelly(*arguments)
    assert (refused.exit_code, refused.stdout, refused.stderr.splitlines()[-1]) == (
        2,
        "",
        "Stop events-consumer in staging? Without a terminal nobody can say so; --yes is required",
    )
    assert desired() == [1, 1]
    assert operator.zelly(*arguments, "--yes").exit_code == 0
    assert desired() == [1, 0]


def test_unknown_service_is_one_line(operator: Operator) -> None:
    assert operator.zelly("service", "scale", "storefrnt", "--tasks", "1", "-s", "staging") == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            "service: storefrnt; allowed: fastify-nova, customer-panel, orion-backend, events-consumer, storefront, "
            "internal-tools\n"
        ),
    )
