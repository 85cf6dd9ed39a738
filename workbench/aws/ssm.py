"""AWS Systems Manager: parameters and their earlier values."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


@dataclass(frozen=True, kw_only=True)
class ParameterVersion:
    """One value that a parameter had."""

    version: int
    """1 is the value that it was made with."""
    value: str
    written_at: datetime
    written_by: str
    """The ARN of whoever wrote it."""


class Ssm:
    """The calls of AWS Systems Manager that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: SSMClient = connection.client("ssm")
        self._connection = connection

    def history(self, name: str) -> list[ParameterVersion]:
        """Return every value that is kept of a parameter, the oldest first, the one that holds last.

        Parameter Store keeps the last hundred ("PutParameter", Systems Manager API reference).
        """
        versions: list[ParameterVersion] = []
        with calling("ssm:GetParameterHistory", f"parameter {name}"):
            for page in self._client.get_paginator("get_parameter_history").paginate(Name=name):
                versions += [
                    ParameterVersion(
                        version=version["Version"],
                        value=version["Value"],
                        written_at=version["LastModifiedDate"],
                        written_by=version["LastModifiedUser"],
                    )
                    for version in page["Parameters"]
                ]
        return sorted(versions, key=lambda version: version.version)

    def value(self, name: str) -> str | None:
        """Return a parameter's value; None when there is no such parameter."""
        try:
            with calling("ssm:GetParameter", f"parameter {name}"):
                return self._client.get_parameter(Name=name)["Parameter"]["Value"]
        except AwsError as error:
            if error.code == "ParameterNotFound":
                return None
            raise

    def put(self, name: str, value: str) -> None:
        """Give a parameter that is there another value."""
        with calling("ssm:PutParameter", f"parameter {name}"):
            self._client.put_parameter(Name=name, Value=value, Overwrite=True)

    def put_next(self, name: str, value: str, *, after: int) -> bool:
        """Write the value that follows a version of a parameter; 0 makes the parameter.

        Return whether it is the next one. If not, somebody else wrote in between: where the parameter was there, the
        value stands in its history behind theirs. Parameter Store has no condition for a write, but numbers every one
        ("PutParameter", Systems Manager API reference).
        """
        try:
            with calling("ssm:PutParameter", f"parameter {name}"):
                # Made again after a lost answer, it would follow itself.
                once: SSMClient = self._connection.client("ssm", repeatable=False)
                written = once.put_parameter(Name=name, Value=value, Type="String", Overwrite=after > 0)
        except AwsError as error:
            if error.code == "ParameterAlreadyExists":
                return False
            raise
        return written["Version"] == after + 1
