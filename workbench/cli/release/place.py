"""The environment of releases that a command is for, and the service that it names."""

from typing import Annotated

import typer

from workbench.aws.account.identity import Sts
from workbench.aws.cloudwatch import CloudWatch
from workbench.aws.ec2.instances import Ec2
from workbench.aws.logs.events import Logs
from workbench.aws.run_command import RunCommand
from workbench.aws.s3_objects import S3Objects
from workbench.aws.ssm import Ssm
from workbench.cli.shared.console import talk
from workbench.cli.shared.environment import Environment
from workbench.cli.shared.program import current_program
from workbench.errors import OperatorError
from workbench.operations import clock as clocks
from workbench.operations.releases.deploy import Place
from workbench.operations.releases.host import HostAws, ReleaseHost
from workbench.program import ReleaseTarget


def unit_names() -> tuple[str, ...]:
    """Return the services under systemd, in the program's order."""
    return tuple(unit.name for unit in current_program().units)


def complete_unit(incomplete: str) -> list[str]:
    """Return the services whose names begin like that, for the shell's completion."""
    return [name for name in unit_names() if name.startswith(incomplete)]


def known_unit(name: str | None) -> str | None:
    """Return the service that an operator named.

    Raises:
        OperatorError: when there is none of that name.
    """
    known = unit_names()
    if name is not None and name not in known:
        raise OperatorError(f"service: {name}; allowed: {', '.join(known)}")
    return name


ServiceOption = Annotated[
    str | None,
    typer.Option(
        "--service",
        metavar="SERVICE",
        help="One service alone; all of them without.",
        autocompletion=complete_unit,
        callback=known_unit,
    ),
]
UnitArgument = Annotated[
    str,
    typer.Argument(metavar="SERVICE", help="The service.", autocompletion=complete_unit, callback=known_unit),
]
OptionalUnitArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[SERVICE]",
        help="The service; all of them without one.",
        autocompletion=complete_unit,
        callback=known_unit,
    ),
]


def release_target(environment: Environment) -> ReleaseTarget:
    """Return what an environment's releases are brought to.

    Raises:
        OperatorError: when the program releases nothing to hosts.
    """
    target = environment.description.releases
    if target is None:
        raise OperatorError(f"{environment.stack}: nothing is released to hosts there")
    return target


def release_bucket(environment: Environment) -> S3Objects:
    """Return the bucket of an environment's releases."""
    return S3Objects(environment.aws, release_target(environment).bucket, environment.config.aws_account_id)


def release_host(environment: Environment) -> ReleaseHost:
    """Return the host of an environment's releases."""
    connection = environment.aws
    return ReleaseHost(
        target=release_target(environment),
        environment=environment.stack,
        aws=HostAws(ec2=Ec2(connection), run_command=RunCommand(connection), logs=Logs(connection)),
        clock=clocks.CLOCK,
        say=talk,
    )


def release_place(environment: Environment) -> Place:
    """Return an environment as releases see it."""
    return Place(
        stack=environment.stack,
        services=unit_names(),
        bucket=release_bucket(environment),
        ssm=Ssm(environment.aws),
        cloudwatch=CloudWatch(environment.aws),
        alarm_prefix=environment.description.alarm_prefix,
        host=release_host(environment),
    )


def who(environment: Environment) -> str:
    """Return the ARN of whoever runs the command."""
    return Sts(environment.aws).caller().arn
