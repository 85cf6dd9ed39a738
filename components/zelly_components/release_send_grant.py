"""The right to release to a host, as data: what ``grant_send`` of a release document does."""

from dataclasses import dataclass

import pulumi

from zelly_components.base import Component
from zelly_components.identity.grants import grant_to_role
from zelly_components.release_document import send_statements


@dataclass(frozen=True, kw_only=True)
class ReleaseSendGrantArgs:
    """Arguments of a grant to release."""

    role_name: pulumi.Input[str]
    """The name of the role that is granted the right; not its ARN."""
    policy_name: str
    """The name of the inline policy in IAM: 1 to 128 letters, digits and ``+=,.@_-``, unique in the role. All inline
    policies of a role may have 10,240 characters in sum."""
    document_arn: pulumi.Input[str]
    """The release document: its output ``document_arn``."""
    record_arn: pulumi.Input[str]
    """The SSM parameter with the record of releases: the document's output ``record_arn``."""
    region: str
    """The region of the hosts, e.g. ``eu-west-1``."""
    account_id: str
    """The account of the hosts, twelve digits."""
    host_name: pulumi.Input[str]
    """The tag ``Name`` of the hosts that are asked, which is the name of their component."""


class ReleaseSendGrant(Component):
    """Let a role send a release document to the hosts of one name, read what came of it, and record what is released.

    There is no shell and no other document. In Python it does what ``ReleaseDocument.grant_send`` does.

    Example::

        from zelly_components.release_send_grant import ReleaseSendGrant, ReleaseSendGrantArgs

        ReleaseSendGrant(
            "shop-send-releases",
            ReleaseSendGrantArgs(
                role_name="shop-pipeline",
                policy_name="send-releases",
                document_arn="arn:aws:ssm:eu-west-1:123456789012:document/shop-release",
                record_arn="arn:aws:ssm:eu-west-1:123456789012:parameter/shop/release",
                region="eu-west-1",
                account_id="123456789012",
                host_name="shop-host",
            ),
        )
    """

    policy_name: str
    """The name of the inline policy."""

    def __init__(self, name: str, args: ReleaseSendGrantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        grant_to_role(
            self,
            name,
            send_statements(
                document_arn=args.document_arn,
                record_arn=args.record_arn,
                region=args.region,
                account_id=args.account_id,
                host_name=args.host_name,
            ),
            policy_name=args.policy_name,
            role_name=args.role_name,
        )
        self.policy_name = args.policy_name
        self.register_annotated_outputs()
