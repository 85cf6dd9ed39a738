"""AWS IAM: the roles through which AWS services act for the account."""

from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_PATH = "/aws-service-role/"
"""Below it every service-linked role has its service's name ("IAM identifiers", IAM User Guide)."""


class ServiceLinkedRoles:
    """The calls of AWS IAM on service-linked roles that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: IAMClient = connection.client("iam")

    def services(self) -> frozenset[str]:
        """Return the services that have their role, by the names that they are made by."""
        with calling("iam:ListRoles", f"roles below {_PATH}"):
            pages = self._client.get_paginator("list_roles").paginate(PathPrefix=_PATH)
            return frozenset(role["Path"].removeprefix(_PATH).rstrip("/") for page in pages for role in page["Roles"])

    def create(self, service: str) -> None:
        """Make a service's role; one that is there already is as good."""
        try:
            with calling("iam:CreateServiceLinkedRole", service):
                self._client.create_service_linked_role(AWSServiceName=service)
        except AwsError as error:
            # "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."
            if error.code != "InvalidInput" or "has been taken" not in error.lines[0]:
                raise
