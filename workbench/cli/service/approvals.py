"""The approvals of a service, in the stack that images are promoted to."""

from workbench.aws.account.identity import Sts
from workbench.aws.ssm import Ssm
from workbench.cli.shared.environment import Environment
from workbench.errors import OperatorError
from workbench.operations.approvals.transitions import Subject
from workbench.operations.approvals.use import Approvals


def caller(environment: Environment) -> str:
    """Return the ARN of whoever the credentials are."""
    return Sts(environment.aws).caller().arn


def asked_for(environment: Environment, service: str, *, source: str) -> Approvals | None:
    """Return the approvals that promotions of a service need; None: they need none."""
    return None if environment.description.approval is None else approvals_of(environment, service, source=source)


def approvals_of(environment: Environment, service: str, *, source: str) -> Approvals:
    """Return the approvals of a service in the stack that images are promoted to.

    Raises:
        OperatorError: when promotions to that stack need none.
    """
    rules = environment.description.approval
    if rules is None:
        raise OperatorError(f"{environment.stack}: promotions to it need no approval")
    names = environment.names
    return Approvals(
        ssm=Ssm(environment.aws),
        parameter=names.approval_parameter(service),
        subject=Subject(service=service, name=names.name(service), stack=environment.stack, source=source),
        longest_wait_minutes=rules.longest_wait_minutes,
    )
