"""Amazon ECR as the registry that docker logs in to. What is in its repositories is in ``ecr``."""

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


@dataclass(frozen=True, kw_only=True)
class RegistryLogin:
    """Credentials with which docker logs in, valid for twelve hours (ECR API reference, "GetAuthorizationToken")."""

    username: str
    password: str = field(repr=False)


class EcrRegistry:
    """The calls of Amazon ECR on a registry that are used. The connection is one to the registry's region."""

    def __init__(self, connection: Connection) -> None:
        self._client: ECRClient = connection.client("ecr")

    def repository_uri(self, name: str) -> str | None:
        """Return a repository's ``<registry>/<name>``, as images are called by; None when there is none."""
        try:
            with calling("ecr:DescribeRepositories", f"repository {name}"):
                answer = self._client.describe_repositories(repositoryNames=[name])
        except AwsError as error:
            if error.code == "RepositoryNotFoundException":
                return None
            raise
        return answer["repositories"][0]["repositoryUri"]

    def login(self) -> RegistryLogin:
        """Return credentials of the registry, made from the operator's own and allowed no more than those."""
        with calling("ecr:GetAuthorizationToken", "the registry"):
            answer = self._client.get_authorization_token()
        token = base64.b64decode(answer["authorizationData"][0]["authorizationToken"]).decode()
        username, _, password = token.partition(":")
        return RegistryLogin(username=username, password=password)
