"""``zelly service restart`` against the embedded AWS."""

import json

import pytest

from tests.workbench.end_to_end.conftest import Completed, Operator, Sandbox
from tests.workbench.end_to_end.rollouts import FOR_EVER, Shop
from workbench.operations.deploys import plan as rollout_plan

SKIP = "--skip-secret-check"
"""Its secrets are empty: that is checked elsewhere."""


@pytest.fixture
def shop(sandbox: Sandbox, operator: Operator) -> Shop:
    """Staging's orion-backend, healthy."""
    first = Shop(sandbox=sandbox, operator=operator, stack="staging", service="orion-backend")
    first.push("staging-5e000001")
    assert first.zelly("deploy", "--tag", "staging-5e000001", "--force", SKIP).exit_code == 0
    return Shop(sandbox=sandbox, operator=operator, stack="staging", service="orion-backend")


def tasks(shop: Shop) -> set[str]:
    return set(shop.client("ecs").list_tasks(cluster=f"zelly-{shop.stack}", serviceName=shop.name)["taskArns"])


def test_every_task_is_new_and_nothing_else_is(shop: Shop) -> None:
    before, recorded = tasks(shop), shop.recorded
    deployment = shop.described["deployments"][0]["id"]
    completed = shop.zelly("restart", SKIP)
    digest = shop.newest["containerDefinitions"][0]["image"].rpartition("@")[2][:19]
    assert completed == Completed(
        exit_code=0,
        stdout=(
            f"zelly-staging-orion-backend runs orion-backend staging-5e000001 ({digest}) in REVISION+0, after N s.\n"
        ),
        stderr=(
            "zelly-staging-orion-backend, now REVISION+0:\n"
            f"  orion-backend: staging-5e000001 ({digest}) again\n"
            "  every task is replaced by a new one, which reads its secrets anew\n"
            "SECRETS NOT CHECKED (--skip-secret-check): a task whose secret lacks a key does not start.\n"
        ),
    )
    assert shop.described["deployments"][0]["id"] != deployment
    assert (len(tasks(shop)), tasks(shop) & before) == (1, set())
    assert (shop.registered, shop.recorded[-1]) == (0, recorded[-1])


def test_dry_run_restarts_nothing(shop: Shop) -> None:
    before = tasks(shop)
    assert shop.zelly("restart", SKIP, "--dry-run").exit_code == 0
    assert tasks(shop) == before


def test_empty_secret_is_named_before_a_task_is_lost_to_it(shop: Shop) -> None:
    before = tasks(shop)
    refused = shop.zelly("restart")
    assert refused.exit_code == 2
    assert refused.stderr == (
        "zelly-staging-orion-backend is left as it is:\n"
        "  secret zelly/orion-backend/env, needed by orion-backend: CORS_ORIGINS, JWT_SECRET_KEY empty\n"
    )
    assert tasks(shop) == before


def test_service_of_third_parties_images_is_restarted_too(
    sandbox: Sandbox, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It has no health check, so that it is watched for a while: that it is, is tested with a clock of its own.
    monkeypatch.setattr(rollout_plan, "SETTLING_SECONDS", 1)
    shop = Shop(sandbox=sandbox, operator=operator, stack="staging", service="internal-tools")
    shop.until_complete()
    before = tasks(shop)
    completed = operator.zelly("service", "restart", "internal-tools", "--stack", "staging", "--timeout", "60")
    assert (completed.exit_code, tasks(shop) & before) == (0, set())


@pytest.mark.usefixtures("shop")
def test_service_without_a_check_is_watched_for_a_while(operator: Operator) -> None:
    def watched_seconds(service: str) -> float:
        planned = operator.zelly(
            "service", "restart", service, "--stack", "staging", "--dry-run", "--json", "--force", SKIP
        )
        return json.loads(planned.stdout)["plan"]["settling_seconds"]

    assert [watched_seconds(name) for name in ("internal-tools", "orion-backend")] == [30, 0]


def test_restart_that_does_not_end_in_time_says_how_to_follow_it(shop: Shop) -> None:
    digest = shop.push("staging-5e000002", ready_after=FOR_EVER)
    image = shop.image(digest)
    newest = shop.newest["containerDefinitions"][0]
    shop.change_template(containerDefinitions=[{**newest, "image": image}])
    shop.want(1)
    completed = shop.zelly("restart", "--force", SKIP, "--timeout", "0")
    assert (completed.exit_code, completed.stderr.splitlines()[-3:]) == (
        1,
        [
            "zelly-staging-orion-backend: not complete after 0 seconds.",
            "The restart (DEPLOYMENT) goes on without this command; the earlier tasks stay until it is complete.",
            "Follow it with `zelly service status orion-backend --stack staging`.",
        ],
    )
    shop.want(0)
    shop.until_complete()
