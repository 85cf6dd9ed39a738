"""AWS Security Token Service: whose credentials these are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The owner of the credentials."""

    account_id: str
    arn: str


class Sts:
    """The calls of AWS Security Token Service that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: STSClient = connection.client("sts")

    def caller(self) -> Caller:
        """Return whose credentials are in use. Needs no permission."""
        with calling("sts:GetCallerIdentity", "the credentials in use"):
            answer = self._client.get_caller_identity()
        return Caller(account_id=answer["Account"], arn=answer["Arn"])
