"""``zelly service list`` and ``scale`` against the embedded AWS."""

import json
from typing import Any

import pytest

from tests.workbench.conftest import Completed, Operator, Up

REGION = "eu-west-1"


@pytest.fixture
def desired(up: Up) -> Any:
    """Tell how many tasks of a trial service are wanted; what was changed is put back at the end."""
    ecs = up.client("ecs", REGION)
    services = ["sample-trial-web", "sample-trial-worker"]

    def counts() -> list[int]:
        described = ecs.describe_services(cluster="sample-trial", services=services)["services"]
        return [service["desiredCount"] for service in described]

    yield counts
    for service in services:
        ecs.update_service(cluster="sample-trial", service=service, desiredCount=1)


def test_services_are_listed_in_the_programs_order(operator: Operator) -> None:
    listed = json.loads(operator.run("service", "list", "--stack", "trial", "--json").stdout)
    assert listed["stack"] == "trial"
    assert [(row["service"], row["status"], row["desired"]) for row in listed["services"]] == [
        ("web", "active", 1),
        ("worker", "active", 1),
        ("tools", "active", 1),
    ]


def test_scaling_says_what_it_does_and_does_it(operator: Operator, desired: Any) -> None:
    assert operator.run("service", "scale", "web", "--tasks", "2", "--stack", "trial") == Completed(
        exit_code=0,
        stdout=("sample-trial-web is asked for 2; `zelly service status web` shows how far it is.\n"),
        stderr=(
            "sample-trial-web: 1 task wanted now, 2 tasks from then on\n"
            "Automatic scaling goes on between 1 and 2, so that the number may change again by itself.\n"
        ),
    )
    assert desired() == [2, 1]


def test_dry_run_changes_nothing(operator: Operator, desired: Any) -> None:
    completed = operator.run("service", "scale", "web", "--tasks", "2", "-s", "trial", "--dry-run", "--json")
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert json.loads(completed.stdout) == {
        "executed": False,
        "plan": {
            "service": "sample-trial-web",
            "before": 1,
            "after": 2,
            "range": {"minimum": 1, "maximum": 2},
        },
    }
    assert desired() == [1, 1]


@pytest.mark.parametrize(
    ("service", "tasks", "allowed"),
    [("web", "3", "0 or 1 to 2"), ("worker", "2", "0 or 1 to 1")],
)
def test_more_tasks_than_the_stack_file_allows_are_refused(
    operator: Operator, desired: Any, service: str, tasks: str, allowed: str
) -> None:
    completed = operator.run("service", "scale", service, "--tasks", tasks, "--stack", "trial")
    assert completed == Completed(
        exit_code=2,
        stdout="",
        stderr=f"--tasks: came {tasks}; allowed for sample-trial-{service}: {allowed}, as its stack file says\n",
    )
    assert desired() == [1, 1]


def test_stopping_a_service_wants_a_yes(operator: Operator, desired: Any) -> None:
    arguments = ("service", "scale", "worker", "--tasks", "0", "--stack", "trial")
    refused = operator.run(*arguments)
    assert (refused.exit_code, refused.stdout, refused.stderr.splitlines()[-1]) == (
        2,
        "",
        "Stop worker in trial? Without a terminal nobody can say so; --yes is required",
    )
    assert desired() == [1, 1]
    assert operator.run(*arguments, "--yes").exit_code == 0
    assert desired() == [1, 0]


def test_unknown_service_is_one_line(operator: Operator) -> None:
    assert operator.run("service", "scale", "wobker", "--tasks", "1", "-s", "trial") == Completed(
        exit_code=2,
        stdout="",
        stderr=("service: wobker; allowed: web, worker, tools\n"),
    )
