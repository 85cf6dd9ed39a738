"""Run Command in the embedded AWS: parameters checked as the service does, scripts run on simulated hosts."""

import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError
from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from moto.ssm.exceptions import InvalidDocument

from workbench.sandbox.clients import Clients
from workbench.sandbox.server.ending import at_end, endpoint_url
from workbench.sandbox.server.table import Call, Missing, RefusalError
from workbench.sandbox.ssm.host.document import problem, script
from workbench.sandbox.ssm.host.machine import Machine, NotConfiguredError

_OUTPUT_LIMIT = 24_000
_PLUGIN = "aws-runShellScript"


@dataclass(kw_only=True)
class _Command:
    """A command on one host."""

    id: str
    instance_id: str
    document: str
    comment: str
    parameters: Mapping[str, Any]
    sent_at: datetime
    status: str = "InProgress"
    exit_code: int = -1
    output: str = ""
    error: str = ""

    def invocation(self) -> Mapping[str, Any]:
        """Return the members of GetCommandInvocation's answer. No output is told before the end."""
        return {
            "CommandId": self.id,
            "InstanceId": self.instance_id,
            "Comment": self.comment,
            "DocumentName": self.document,
            "DocumentVersion": "$DEFAULT",
            "PluginName": _PLUGIN,
            "ResponseCode": self.exit_code,
            "ExecutionStartDateTime": self.sent_at.isoformat(),
            "Status": self.status,
            "StatusDetails": self.status,
            "StandardOutputContent": self.output[:_OUTPUT_LIMIT],
            "StandardOutputUrl": "",
            "StandardErrorContent": self.error[:_OUTPUT_LIMIT],
            "StandardErrorUrl": "",
        }


@dataclass(kw_only=True)
class _Log:
    """The log group that a command's output goes to."""

    clients: Clients
    region: str
    group: str | None
    instance_id: str
    _known: set[str] = field(default_factory=set[str])

    def write(self, stream: str, line: str) -> None:
        """Write a line; without the group, nothing."""
        if self.group is None or not line:
            return
        logs = self.clients.get("logs", self.region)
        try:
            if stream not in self._known:
                self._known.add(stream)
                with suppress(logs.exceptions.ResourceAlreadyExistsException):
                    logs.create_log_stream(logGroupName=self.group, logStreamName=stream)
            event = {"timestamp": int(time.time() * 1000), "message": line}
            logs.put_log_events(logGroupName=self.group, logStreamName=stream, logEvents=[event])
        except ClientError:
            return


def _send(call: Call) -> Mapping[str, Any]:
    parameters = call.parameters
    document = str(parameters["DocumentName"])
    content = _content(call, document)
    given: Mapping[str, Any] = parameters.get("Parameters", {})
    if content is not None and (why := problem(content, given)) is not None:
        raise RefusalError("InvalidParameters", why)
    names = {instance_id: _name_of(call, instance_id) for instance_id in parameters.get("InstanceIds", [])}
    command_id = str(uuid4())
    kept = call.kept("commands")
    group = parameters.get("CloudWatchOutputConfig", {}).get("CloudWatchLogGroupName")
    for instance_id, name in names.items():
        command = _Command(
            id=command_id,
            instance_id=instance_id,
            document=document,
            comment=parameters.get("Comment", ""),
            parameters=given,
            sent_at=datetime.now(UTC),
        )
        kept[f"{command_id} {instance_id}"] = command
        machine = _machine(call, instance_id, name)
        log = _Log(clients=Clients(endpoint_url()), region=call.region, group=group, instance_id=instance_id)
        text = "" if content is None else script(content, given)
        # moto answers while the host works: the host's own calls of AWS come here, too.
        threading.Thread(target=_run, args=(command, machine, text, log), daemon=True).start()
    return {
        "Command": {
            "CommandId": command_id,
            "DocumentName": document,
            "Parameters": given,
            "InstanceIds": list(names),
            "Status": "Pending",
            "StatusDetails": "Pending",
            "Comment": parameters.get("Comment", ""),
        }
    }


def _run(command: _Command, machine: Machine, text: str, log: _Log) -> None:
    stream = f"{command.id}/{command.instance_id}/{_PLUGIN}"
    try:
        code, out, error = machine.run(
            text,
            say=lambda line: log.write(f"{stream}/stderr", line),
            log=lambda service, line: log.write(f"{service}/{command.instance_id}", line),
        )
    except NotConfiguredError as none:
        code, out, error = 1, "", f"{none}\n"
    except Exception as fault:
        code, out, error = 1, "", f"the embedded AWS: {type(fault).__name__}: {fault}\n"
    log.write(f"{stream}/stdout", out)
    command.exit_code, command.output, command.error = code, out, error
    command.status = "Success" if code == 0 else "Failed"


def _invocation(call: Call) -> Mapping[str, Any]:
    key = f"{call.parameters['CommandId']} {call.parameters['InstanceId']}"
    command = call.kept("commands").get(key)
    if command is None:
        raise RefusalError("InvocationDoesNotExist", f"command {key} does not exist")
    return command.invocation()


def _information(call: Call) -> Mapping[str, Any]:
    """Tell every instance that runs to be online: what it says of itself is not looked at."""
    filters = {each["Key"]: each["Values"] for each in call.parameters.get("Filters", [])}
    wanted = filters.get("InstanceIds")
    return {
        "InstanceInformationList": [
            {"InstanceId": instance.id, "PingStatus": "Online", "PlatformType": "Linux", "ResourceType": "EC2Instance"}
            for instance in _instances(call)
            if (wanted is None or instance.id in wanted) and instance.state == "running"
        ]
    }


def _content(call: Call, name: str) -> Mapping[str, Any] | None:
    """Return a document's content; None for one of AWS's own."""
    if name.startswith("AWS-"):
        return None
    backend: Any = get_backend("ssm")[call.account_id][call.region]
    try:
        return json.loads(backend.get_document(name, None, None, "JSON")["Content"])
    except (InvalidDocument, ServiceException):
        raise RefusalError("InvalidDocument", f"Document with name {name} does not exist.") from None


def _instances(call: Call) -> list[Any]:
    backend: Any = get_backend("ec2")[call.account_id][call.region]
    return [instance for reservation in backend.all_reservations() for instance in reservation.instances]


def _name_of(call: Call, instance_id: str) -> str:
    found = next((each for each in _instances(call) if each.id == instance_id and each.state == "running"), None)
    if found is None:
        raise RefusalError("InvalidInstanceId", f"Instances {instance_id} not in a valid state for account")
    return next((str(tag["value"]) for tag in found.get_tags() if tag["key"] == "Name"), "")


def _machine(call: Call, instance_id: str, name: str) -> Machine:
    machines = call.kept("machines")
    if instance_id not in machines:
        machine = Machine(Clients(endpoint_url()), call.region, name)
        at_end(machine.end)
        machines[instance_id] = machine
    return machines[instance_id]


MISSING = (
    Missing(service="ssm", operation="SendCommand", answer=_send),
    Missing(service="ssm", operation="GetCommandInvocation", answer=_invocation),
    Missing(service="ssm", operation="DescribeInstanceInformation", answer=_information),
)
"""moto has the first two, and lets every command succeed without doing anything."""
