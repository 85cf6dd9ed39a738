"""Documents of Run Command whose whole script is one call of a host's own program, with checked parameters."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi_aws as aws

from zelly_components.base import Component


def command_content(
    *, description: str, step: str, parameters: Mapping[str, Mapping[str, Any]], call: str, timeout_seconds: int
) -> dict[str, Any]:
    """Return a document's content (Systems Manager User Guide, "Command document plugin reference").

    ``call`` is the one command, with its parameters in double braces.
    """
    return {
        "schemaVersion": "2.2",
        "description": description,
        "parameters": {name: dict(parameter) for name, parameter in parameters.items()},
        "mainSteps": [
            {
                "action": "aws:runShellScript",
                "name": step,
                "precondition": {"StringEquals": ["platformType", "Linux"]},
                "inputs": {"timeoutSeconds": str(timeout_seconds), "runCommand": [call]},
            }
        ],
    }


def options_call(program: str, parameters: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the call of a program that takes ``action`` as its argument, and each other parameter as an option."""
    options = " ".join(f"--{name} '{{{{ {name} }}}}'" for name in parameters if name != "action")
    return f"exec {program} '{{{{ action }}}}' {options}"


def command_document(
    component: Component, logical_name: str, *, document_name: str, content: Mapping[str, Any]
) -> aws.ssm.Document:
    """Make a component's document for instances of EC2."""
    return aws.ssm.Document(
        logical_name,
        name=document_name,
        document_type="Command",
        document_format="JSON",
        target_type="/AWS::EC2::Instance",
        content=json.dumps(content, sort_keys=True),
        opts=component.child(),
    )
