"""AWS IAM: the role that AWS Backup restores with."""

import json
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


class IamRoles:
    """The calls of AWS IAM that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: IAMClient = connection.client("iam")

    def arn_of(self, role: str) -> str | None:
        """Return a role's ARN; None when there is no such role."""
        try:
            with calling("iam:GetRole", f"role {role}"):
                return self._client.get_role(RoleName=role)["Role"]["Arn"]
        except AwsError as error:
            if error.code == "NoSuchEntity":
                return None
            raise

    def create_service_role(self, role: str, *, service: str, description: str) -> str:
        """Make a role that an AWS service may take, and return its ARN."""
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
        }
        with calling("iam:CreateRole", f"role {role}"):
            answer = self._client.create_role(
                RoleName=role, Description=description, AssumeRolePolicyDocument=json.dumps(trust)
            )
        return answer["Role"]["Arn"]

    def attach(self, role: str, policy_arn: str) -> None:
        """Give a role a managed policy; one that it has already changes nothing."""
        with calling("iam:AttachRolePolicy", f"role {role}"):
            self._client.attach_role_policy(RoleName=role, PolicyArn=policy_arn)
