"""Ask the host for a dump of its database, and wait until it has said how that went."""

import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError

from pakashop_infra.names import Names
from tools.ci.actions import add_to_summary, run
from workbench.errors import OperationFailedError, OperatorError

PAUSE_SECONDS = 15.0
PATIENCE_SECONDS = 4 * 3600.0
"""As long as the document itself may take."""
_UNDER_WAY = ("Pending", "InProgress", "Delayed")
_UNKNOWN_TRIES = 8


class Hosts(Protocol):
    """The calls that are made."""

    def instance(self, name: str) -> str | None:
        """Return the id of the running instance of a name."""
        ...

    def send(self, document: str, instance_id: str, parameters: Mapping[str, list[str]]) -> str:
        """Send a document and return the command's id."""
        ...

    def invocation(self, command_id: str, instance_id: str) -> Mapping[str, Any] | None:
        """Return how a command fares; None while it is not known yet."""
        ...


class AwsHosts:
    """The same at AWS."""

    def __init__(self) -> None:
        self._ec2: Any = boto3.client("ec2")  # pyright: ignore[reportUnknownMemberType]
        self._ssm: Any = boto3.client("ssm")  # pyright: ignore[reportUnknownMemberType]

    def instance(self, name: str) -> str | None:
        """Return the id of the running instance of a name."""
        filters = [{"Name": "tag:Name", "Values": [name]}, {"Name": "instance-state-name", "Values": ["running"]}]
        found = [
            instance["InstanceId"]
            for reservation in self._ec2.describe_instances(Filters=filters)["Reservations"]
            for instance in reservation["Instances"]
        ]
        return found[0] if found else None

    def send(self, document: str, instance_id: str, parameters: Mapping[str, list[str]]) -> str:
        """Send a document and return the command's id."""
        sent = self._ssm.send_command(DocumentName=document, InstanceIds=[instance_id], Parameters=parameters)
        return sent["Command"]["CommandId"]

    def invocation(self, command_id: str, instance_id: str) -> Mapping[str, Any] | None:
        """Return how a command fares; None while it is not known yet."""
        try:
            return self._ssm.get_command_invocation(CommandId=command_id, InstanceId=instance_id)
        except self._ssm.exceptions.InvocationDoesNotExist:
            return None


def back_up(environment: str, hosts: Hosts, sleep: Callable[[float], None]) -> str:
    """Ask for a dump and return the last line that the host said.

    Raises:
        OperatorError: when there is no host that runs.
        OperationFailedError: when the dump failed, or nothing is heard of it.
    """
    names = Names(environment)
    instance_id = hosts.instance(names.host)
    if instance_id is None:
        raise OperatorError(f"host {names.host}: none runs; it makes the dump")
    parameters = {"action": "dump", "backup": "newest", "into": "none", "environment": environment}
    command = hosts.send(names.name("backup"), instance_id, {name: [value] for name, value in parameters.items()})
    ended = _ended(command, instance_id, hosts, sleep)
    said = f"{ended.get('StandardErrorContent', '')}\n{ended.get('StandardOutputContent', '')}".strip().splitlines()
    last = said[-1] if said else "it said nothing"
    if ended["Status"] != "Success":
        raise OperationFailedError(f"the dump on {names.host} ended with {ended['Status']}: {last}")
    return last


def _ended(command: str, instance_id: str, hosts: Hosts, sleep: Callable[[float], None]) -> Mapping[str, Any]:
    unknown, waited = 0, 0.0
    while waited <= PATIENCE_SECONDS:
        found = hosts.invocation(command, instance_id)
        if found is None:
            unknown += 1
            if unknown == _UNKNOWN_TRIES:
                raise OperationFailedError(f"Run Command does not know command {command}")
        elif found["Status"] not in _UNDER_WAY:
            return found
        sleep(PAUSE_SECONDS)
        waited += PAUSE_SECONDS
    raise OperationFailedError(f"command {command}: still under way after {PATIENCE_SECONDS / 3600:g} hours")


def main(stack: Annotated[str, typer.Option("--stack", metavar="STACK")]) -> None:
    """Ask for the dump; the run fails when it does."""
    try:
        last = back_up(stack, AwsHosts(), time.sleep)
    except (BotoCoreError, ClientError) as error:
        raise OperationFailedError(f"AWS: {error}") from None
    add_to_summary(f"The host of {stack} said: {last}")


if __name__ == "__main__":
    run(main)
