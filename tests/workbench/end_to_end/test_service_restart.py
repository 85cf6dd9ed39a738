"""``zelly service restart`` against the embedded AWS."""

import json

import pytest

from tests.workbench.conftest import Completed, Operator, Up
from tests.workbench.end_to_end.rollouts import FOR_EVER, Shop
from workbench.operations.deploys import rollout_plan

SKIP = "--skip-secret-check"
"""Its secrets are empty: that is checked elsewhere."""


@pytest.fixture
def shop(up: Up, operator: Operator) -> Shop:
    """Staging's worker, healthy."""
    first = Shop(up=up, operator=operator, stack="trial", service="worker")
    first.push("trial-5e000001")
    assert first.run("deploy", "--tag", "trial-5e000001", "--force", SKIP).exit_code == 0
    return Shop(up=up, operator=operator, stack="trial", service="worker")


def tasks(shop: Shop) -> set[str]:
    return set(shop.client("ecs").list_tasks(cluster=f"sample-{shop.stack}", serviceName=shop.name)["taskArns"])


def test_every_task_is_new_and_nothing_else_is(shop: Shop) -> None:
    before, recorded = tasks(shop), shop.recorded
    deployment = shop.described["deployments"][0]["id"]
    completed = shop.run("restart", SKIP)
    digest = shop.newest["containerDefinitions"][0]["image"].rpartition("@")[2][:19]
    assert completed == Completed(
        exit_code=0,
        stdout=(f"sample-trial-worker runs worker trial-5e000001 ({digest}) in REVISION+0, after N s.\n"),
        stderr=(
            "sample-trial-worker, now REVISION+0:\n"
            f"  worker: trial-5e000001 ({digest}) again\n"
            "  every task is replaced by a new one, which reads its secrets anew\n"
            "SECRETS NOT CHECKED (--skip-secret-check): a task whose secret lacks a key does not start.\n"
        ),
    )
    assert shop.described["deployments"][0]["id"] != deployment
    assert (len(tasks(shop)), tasks(shop) & before) == (1, set())
    assert (shop.registered, shop.recorded[-1]) == (0, recorded[-1])


def test_dry_run_restarts_nothing(shop: Shop) -> None:
    before = tasks(shop)
    assert shop.run("restart", SKIP, "--dry-run").exit_code == 0
    assert tasks(shop) == before


def test_empty_secret_is_named_before_a_task_is_lost_to_it(shop: Shop) -> None:
    before = tasks(shop)
    refused = shop.run("restart")
    assert refused.exit_code == 2
    assert refused.stderr == (
        "sample-trial-worker is left as it is:\n"
        "  secret sample/worker/env, needed by worker: ORIGINS, QUEUE_KEY empty\n"
    )
    assert tasks(shop) == before


def test_service_of_third_parties_images_is_restarted_too(
    up: Up, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It has no health check, so that it is watched for a while: that it is, is tested with a clock of its own.
    monkeypatch.setattr(rollout_plan, "SETTLING_SECONDS", 1)
    shop = Shop(up=up, operator=operator, stack="trial", service="tools")
    shop.until_complete()
    before = tasks(shop)
    completed = operator.run("service", "restart", "tools", "--stack", "trial", "--timeout", "60")
    assert (completed.exit_code, tasks(shop) & before) == (0, set())


@pytest.mark.usefixtures("shop")
def test_service_without_a_check_is_watched_for_a_while(operator: Operator) -> None:
    def watched_seconds(service: str) -> float:
        planned = operator.run(
            "service", "restart", service, "--stack", "trial", "--dry-run", "--json", "--force", SKIP
        )
        return json.loads(planned.stdout)["plan"]["settling_seconds"]

    assert [watched_seconds(name) for name in ("tools", "worker")] == [30, 0]


def test_restart_that_does_not_end_in_time_says_how_to_follow_it(shop: Shop) -> None:
    digest = shop.push("trial-5e000002", ready_after=FOR_EVER)
    image = shop.image(digest)
    newest = shop.newest["containerDefinitions"][0]
    shop.change_template(containerDefinitions=[{**newest, "image": image}])
    shop.want(1)
    completed = shop.run("restart", "--force", SKIP, "--timeout", "0")
    assert (completed.exit_code, completed.stderr.splitlines()[-3:]) == (
        1,
        [
            "sample-trial-worker: not complete after 0 seconds.",
            "The restart (DEPLOYMENT) goes on without this command; the earlier tasks stay until it is complete.",
            "Follow it with `zelly service status worker --stack trial`.",
        ],
    )
    shop.want(0)
    shop.until_complete()
