"""Plans of rollouts in the shop."""

from collections.abc import Mapping
from typing import Any

from tests.workbench.operations.seen import D
from tests.workbench.operations.shop import DEPLOYABLE, Shop
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.deploy import Choice, plan_deploy
from workbench.operations.deploys.rollback import plan_rollback
from workbench.operations.deploys.rollout_plan import RolloutPlan

NOTHING_CHOSEN: Mapping[str, Any] = {"containers": [], "tag": None, "digest": None}
GAVE_UP = "ECS deployment circuit breaker: rolling back to deploymentId 1."
UNDER_WAY = D(running=1)
TARGETS = ("arn:aws:elasticloadbalancing:r:1:targetgroup/shop/1",)


def deploy(shop: Shop, options: RolloutOptions | None = None, **chosen: str) -> RolloutPlan:
    named = {container: Choice(tag=f"staging-{letter}") for container, letter in chosen.items()}
    return plan_deploy(DEPLOYABLE, named, shop.aws, options or RolloutOptions())


def rollback(shop: Shop, to: str | None = None) -> RolloutPlan:
    return plan_rollback(DEPLOYABLE, to=to, aws=shop.aws, options=RolloutOptions())
