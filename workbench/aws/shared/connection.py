"""Clients of AWS: with the operator's own credentials, in one region, under one policy of retries."""

from typing import Any

import boto3
from botocore import exceptions as botocore_errors
from botocore.config import Config

from workbench.aws.shared.errors import AwsError, Reason

_CONNECT_TIMEOUT_SECONDS = 5
_READ_TIMEOUT_SECONDS = 30
_ATTEMPTS = 5


class Connection:
    """AWS as the operator's tools see it, in one region.

    Credentials, profile, endpoint (``AWS_ENDPOINT_URL``) and proxy come from where every AWS tool takes them. The
    region does not: it is the stack's, whatever the operator's default is.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        try:
            self._session = boto3.session.Session(region_name=region)
        except botocore_errors.BotoCoreError as error:
            raise AwsError(
                operation="reading credentials",
                target="AWS profile",
                code=type(error).__name__,
                message=str(error),
                reason=Reason.CREDENTIALS,
            ) from None

    def client(self, service: str, *, repeatable: bool = True) -> Any:
        """Return a client of a service (boto3's name of it).

        With ``repeatable`` a throttled or lost call is made again, up to five times in all, with growing pauses
        (botocore's standard mode). Calls that would then be carried out twice go through a client without.
        """
        attempts = _ATTEMPTS if repeatable else 1
        session: Any = self._session
        return session.client(
            service,
            config=Config(
                connect_timeout=_CONNECT_TIMEOUT_SECONDS,
                read_timeout=_READ_TIMEOUT_SECONDS,
                retries={"mode": "standard", "total_max_attempts": attempts},
            ),
        )

    def in_region(self, region: str) -> "Connection":
        """Return the same credentials in another region."""
        return self if region == self.region else Connection(region)
