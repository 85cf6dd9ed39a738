"""Amazon EC2: the rules of security groups."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling
from workbench.batches import batches

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_GROUPS_IN_A_FILTER = 200
"""The most values that a filter takes (from memory; the API reference of the call does not say)."""


class SecurityGroups:
    """The call of Amazon EC2 that lists rules."""

    def __init__(self, connection: Connection) -> None:
        self._client: EC2Client = connection.client("ec2")

    def rules(self, group_ids: Collection[str]) -> Sequence[Mapping[str, Any]]:
        """Return the rules of security groups, as the API answers."""
        found: list[Mapping[str, Any]] = []
        for some in batches(sorted(group_ids), _GROUPS_IN_A_FILTER):
            with calling("ec2:DescribeSecurityGroupRules", f"{len(group_ids)} security groups"):
                pages = self._client.get_paginator("describe_security_group_rules").paginate(
                    Filters=[{"Name": "group-id", "Values": some}]
                )
                found += [cast("Mapping[str, Any]", rule) for page in pages for rule in page["SecurityGroupRules"]]
        return found
