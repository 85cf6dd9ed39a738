"""The SSM document that asks a host's release agent: the only way in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.hosts.command_document import command_content, command_document, options_call
from zelly_components.identity.grants import grant_to_role
from zelly_components.identity.iam import Statement

AGENT = "/usr/local/sbin/release-agent"

ACTIONS = ("deploy", "confirm", "rollback", "restart", "status")

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "action": {"type": "String", "description": "What the agent is to do", "allowedValues": list(ACTIONS)},
    "release": {
        "type": "String",
        "description": "The release's id, or none",
        "allowedPattern": "^([0-9a-f]{16}|none)$",
    },
    "service": {
        "type": "String",
        "description": "A service, or all",
        "allowedPattern": "^[a-z][a-z0-9-]{0,30}$",
    },
    "environment": {
        "type": "String",
        "description": "The host's own environment, which the agent compares",
        "allowedPattern": "^[a-z][a-z0-9-]{0,19}$",
    },
}
"""The document's parameters, as Run Command checks them before a host is asked. None holds a character that a shell
reads."""

_TIMEOUT_SECONDS = 1800
"""As long as a release may take, its snapshot of the database included."""


@dataclass(frozen=True, kw_only=True)
class ReleaseDocumentArgs:
    """Arguments of a release document."""

    document_name: str
    """The physical name, e.g. ``shop-production-release``."""
    record_name: str
    """The SSM parameter that says what is released, e.g. ``/shop/production/release``."""
    region: str
    """The region of the hosts that are asked, e.g. ``eu-west-1``."""
    account_id: str
    """The account of the hosts that are asked, twelve digits."""


class ReleaseDocument(Component):
    """A Run Command document whose whole script is one call of the release agent, with four checked parameters.

    Whoever may send it may release, and nothing else: there is no shell, no other command, and no other document. What
    was released is recorded in a parameter beside it, which the program makes empty and never writes again.

    Example::

        from zelly_components.release_document import ReleaseDocument, ReleaseDocumentArgs

        document = ReleaseDocument(
            "shop-release",
            ReleaseDocumentArgs(
                document_name="shop-release",
                record_name="/shop/release",
                region="eu-west-1",
                account_id="123456789012",
            ),
        )
        document.grant_send("release", "shop-pipeline", host_name="shop-host")
    """

    document_name: pulumi.Output[str]
    """The document's name, with which it is sent."""
    document_arn: pulumi.Output[str]
    """The document's ARN, for grants."""
    record_name: pulumi.Output[str]
    """The SSM parameter that says what is released."""
    record_arn: pulumi.Output[str]
    """The ARN of the same parameter, for grants."""

    def __init__(self, name: str, args: ReleaseDocumentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._region, self._account_id = args.region, args.account_id
        document = command_document(self, name, document_name=args.document_name, content=document_content())
        self.document_name = document.name
        self.document_arn = document.arn
        record = aws.ssm.Parameter(
            f"{name}-record",
            name=args.record_name,
            description="What is released; written by whoever releases",
            type="String",
            value="{}",
            # Its versions are the history.
            opts=self.child_with(pulumi.ResourceOptions(ignore_changes=["value"])),
        )
        self.record_name = record.name
        self.record_arn = record.arn
        self.register_annotated_outputs()

    def grant_send(self, policy_name: str, role_name: pulumi.Input[str], *, host_name: pulumi.Input[str]) -> None:
        """Let a role send this document to the instances of one ``Name``, read what came of it, and record it.

        The policy is an inline one.
        """
        grant_to_role(
            self,
            f"{self._name}-{policy_name}",
            send_statements(
                document_arn=self.document_arn,
                record_arn=self.record_arn,
                region=self._region,
                account_id=self._account_id,
                host_name=host_name,
            ),
            policy_name=policy_name,
            role_name=role_name,
        )


def send_statements(
    *,
    document_arn: pulumi.Input[str],
    record_arn: pulumi.Input[str],
    region: str,
    account_id: str,
    host_name: pulumi.Input[str],
) -> list[Statement]:
    """Return the statements that allow to send a document to the instances of one ``Name``, and to record it."""
    return [
        # Both the document and the instances have to be allowed ("SendCommand", Service Authorization Reference of
        # Systems Manager).
        Statement(sid="SendDocument", actions=["ssm:SendCommand"], resources=[document_arn]),
        Statement(
            sid="SendToHosts",
            actions=["ssm:SendCommand"],
            resources=[f"arn:aws:ec2:{region}:{account_id}:instance/*"],
            conditions={"StringEquals": {"ssm:resourceTag/Name": host_name}},
        ),
        Statement(sid="Record", actions=["ssm:GetParameterHistory", "ssm:PutParameter"], resources=[record_arn]),
        # Take no resource, as the look for the host by its name.
        Statement(
            sid="ReadAnswers",
            actions=["ssm:GetCommandInvocation", "ssm:DescribeInstanceInformation", "ec2:DescribeInstances"],
            resources=["*"],
        ),
    ]


def document_content() -> dict[str, Any]:
    """Return the document's content (Systems Manager User Guide, "Command document plugin reference")."""
    return command_content(
        description="Asks the release agent of a host",
        step="release",
        parameters=PARAMETERS,
        call=options_call(AGENT, PARAMETERS),
        timeout_seconds=_TIMEOUT_SECONDS,
    )
