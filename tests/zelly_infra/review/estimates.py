"""The estimates of both stacks, with the assumptions of each."""

import functools

from tests.workbench.review.cost.plans import prices
from tests.zelly_infra.evaluations import config_of, evaluation_of
from tests.zelly_infra.stack_files import ROOT
from workbench.review.cost.estimate import Estimate, estimate
from workbench.review.cost.plan import plan_of
from workbench.review.cost.usage import Usage, read_usage


@functools.cache
def usage_of(stack: str) -> Usage:
    return read_usage(ROOT / "usage" / f"{stack}.yaml")


@functools.cache
def estimate_of(stack: str) -> Estimate:
    resources = evaluation_of(stack).resources
    return estimate(plan_of(stack, config_of(stack).region, resources, usage_of(stack)), prices())
