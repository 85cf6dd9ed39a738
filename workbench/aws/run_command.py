"""AWS Systems Manager Run Command: a document that is sent to a host, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

OUTPUT_LIMIT = 24_000
"""As many characters of each output are told ("GetCommandInvocation", Systems Manager API reference)."""

_UNDER_WAY = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """A command on one host."""

    status: str
    """``Success``, ``Failed``, ``TimedOut``, …"""
    detail: str
    """The same, more exactly: ``DeliveryTimedOut``, ``ExecutionTimedOut``, …"""
    exit_code: int
    """-1 while it runs, and of one that never ran."""
    output: str
    """Empty while it runs, and cut after :data:`OUTPUT_LIMIT` characters."""
    error: str
    """Likewise."""

    @property
    def is_under_way(self) -> bool:
        """Tell whether it has not ended yet."""
        return self.status in _UNDER_WAY


def stream_prefix(command_id: str, instance_id: str) -> str:
    """Return how the names of a command's log streams begin, which are written while it runs.

    They end with ``/stdout`` and ``/stderr``; between stands the name of the plugin or of the document's step (Systems
    Manager User Guide, "Configuring Amazon CloudWatch Logs for Run Command"; which of the two, was not looked up).
    """
    return f"{command_id}/{instance_id}/"


class RunCommand:
    """The calls of Run Command that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: SSMClient = connection.client("ssm")
        # A lost answer must not send a command twice.
        self._once: SSMClient = connection.client("ssm", repeatable=False)

    def send(
        self, document: str, instance_id: str, parameters: Mapping[str, str], *, log_group: str, comment: str
    ) -> str:
        """Send a document to a host, and return the command's id. Its output goes to a log group, too."""
        with calling("ssm:SendCommand", f"document {document} to {instance_id}"):
            answer = self._once.send_command(
                DocumentName=document,
                InstanceIds=[instance_id],
                Parameters={name: [value] for name, value in parameters.items()},
                Comment=comment,
                CloudWatchOutputConfig={"CloudWatchLogGroupName": log_group, "CloudWatchOutputEnabled": True},
            )
        return answer["Command"].get("CommandId", "")

    def invocation(self, command_id: str, instance_id: str) -> Invocation | None:
        """Return what is known of a command on a host; None as long as nothing is."""
        try:
            with calling("ssm:GetCommandInvocation", f"command {command_id} on {instance_id}"):
                answer = self._client.get_command_invocation(CommandId=command_id, InstanceId=instance_id)
        except AwsError as error:
            if error.code == "InvocationDoesNotExist":
                return None
            raise
        return Invocation(
            status=answer["Status"],
            detail=answer["StatusDetails"],
            exit_code=answer["ResponseCode"],
            output=answer["StandardOutputContent"],
            error=answer["StandardErrorContent"],
        )

    def ping_status(self, instance_id: str) -> str | None:
        """Return whether the agent of Systems Manager on a host answers: ``Online``, ``ConnectionLost``, ``Inactive``.

        None: it never did.
        """
        with calling("ssm:DescribeInstanceInformation", instance_id):
            answer = self._client.describe_instance_information(
                Filters=[{"Key": "InstanceIds", "Values": [instance_id]}]
            )
        return next((each.get("PingStatus") for each in answer["InstanceInformationList"]), None)

    def has_document(self, name: str) -> bool:
        """Tell whether there is a document of this name."""
        try:
            with calling("ssm:DescribeDocument", f"document {name}"):
                self._client.describe_document(Name=name)
        except AwsError as error:
            if error.code == "InvalidDocument":
                return False
            raise
        return True
