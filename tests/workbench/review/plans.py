"""Plans of small programs, to be compared."""

from collections.abc import Callable

import pulumi
import pulumi_aws as aws

from workbench.evaluate import evaluate
from workbench.review.difference.comparison import Comparison, ResourceChange, compare
from workbench.review.plan_document import PlanDocument, document

Program = Callable[[], object]


def plan(program: Program) -> PlanDocument:
    def run() -> None:
        program()

    return document(evaluate(run), "eu-west-1")


def compared(before: Program, after: Program) -> Comparison:
    return compare(plan(before), plan(after), base="before")


def only(comparison: Comparison) -> ResourceChange:
    (change,) = comparison.changes
    return change


def shown(comparison: Comparison) -> list[str]:
    """Return each change as ``action name: path, path``, with a star at what replaces."""
    return [
        f"{change.action} {change.name}: "
        + ", ".join(f"{one.path}{'*' if one.replaces else ''}" for one in change.properties)
        for change in comparison.changes
    ]


def network(cidr: str = "10.0.0.0/16", *, subnet_opts: pulumi.ResourceOptions | None = None) -> aws.ec2.Subnet:
    vpc = aws.ec2.Vpc("net", cidr_block=cidr)
    return aws.ec2.Subnet("sub", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=subnet_opts)
