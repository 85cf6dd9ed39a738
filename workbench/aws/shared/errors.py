"""Errors of AWS, in one line for the operator."""

from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum

from botocore import exceptions as botocore_errors

from workbench.aws.shared.endpoint import VARIABLE, embedded_endpoint
from workbench.errors import OperatorError
from workbench.words import command


class Reason(StrEnum):
    """The reason for which a call failed, as far as it matters for going on."""

    CREDENTIALS = "credentials"
    """None, expired, or not those of an account."""
    DENIED = "denied"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    """No answer: whether the request was carried out is not known."""
    REFUSED = "refused"
    """The service's own reason; :attr:`AwsError.code` tells it."""


_CODES: dict[Reason, frozenset[str]] = {
    Reason.CREDENTIALS: frozenset(
        {
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException",
        }
    ),
    Reason.DENIED: frozenset(
        {"AccessDenied", "AccessDeniedException", "AuthorizationError", "NotAuthorized", "UnauthorizedOperation"}
    ),
    Reason.THROTTLED: frozenset(
        {
            "LimitExceededException",
            "RequestLimitExceeded",
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
        }
    ),
}
"""The services' names for one and the same thing ("Common errors" in their API references)."""

_HINTS = {
    Reason.CREDENTIALS: "log in again (e.g. aws sso login), or name a profile with --profile or AWS_PROFILE",
    Reason.DENIED: "the credentials in use may not do this; `aws sts get-caller-identity` tells whose they are",
    Reason.THROTTLED: "AWS asks for fewer calls; wait a minute and run the same command again",
    Reason.UNREACHABLE: "no answer came; whether it was carried out is not known",
}


def _ended() -> str:
    return (
        f"the embedded AWS that {VARIABLE} names has ended; `{command('sandbox up STACK --detach')}` starts another, "
        f"and `unset {VARIABLE}` turns to AWS itself"
    )


class AwsError(OperatorError):
    """One call that failed: what was asked of which thing, and what came back."""

    def __init__(self, *, operation: str, target: str, code: str, message: str, reason: Reason) -> None:
        endpoint = embedded_endpoint()
        # Only where nothing listens at its address; any other failure of an embedded AWS reads as one of AWS.
        has_ended = code == "EndpointConnectionError" and endpoint is not None and endpoint in message
        hint = _ended() if has_ended else _HINTS.get(reason)
        said = " ".join(f"{code}: {message}".split()).removesuffix(".")
        super().__init__(f"{operation}, {target}: {said}{f' ({hint})' if hint else ''}")
        self.operation = operation
        """IAM's name of the action, e.g. ``ecs:UpdateService``."""
        self.target = target
        self.code = code
        """The service's error code, or the name of botocore's exception when no answer came."""
        self.message = message
        """The service's own words."""
        self.reason = reason

    @property
    def kind(self) -> str:
        """The kind of failure, which calls share that fail alike: no credentials, no way, no right."""
        return self.code if self.reason is Reason.REFUSED else self.reason.value


@contextmanager
def calling(operation: str, target: str) -> Generator[None]:
    """Turn what botocore raises in the block into an :class:`AwsError`.

    ``operation`` is IAM's name of the action, ``target`` what it is asked of, both as the operator is to read them.

    Raises:
        AwsError: when the call fails. A request that is not of the operation's shape is a fault of ours and passes.
    """
    try:
        yield
    except botocore_errors.ClientError as error:
        answer = error.response.get("Error", {})
        code = answer.get("Code", "Unknown")
        raise AwsError(
            operation=operation,
            target=target,
            code=code,
            message=answer.get("Message") or "no message",
            reason=next((reason for reason, codes in _CODES.items() if code in codes), Reason.REFUSED),
        ) from None
    except (botocore_errors.ParamValidationError, botocore_errors.UnknownServiceError):
        raise
    except botocore_errors.BotoCoreError as error:
        raise AwsError(
            operation=operation,
            target=target,
            code=type(error).__name__,
            message=str(error),
            reason=_reason(error),
        ) from None


_UNREACHABLE = (
    botocore_errors.HTTPClientError,
    botocore_errors.EndpointConnectionError,
    botocore_errors.ConnectionError,
    botocore_errors.ConnectionClosedError,
)


def _reason(error: botocore_errors.BotoCoreError) -> Reason:
    # Everything else that botocore raises before it sends concerns where the credentials come from.
    return Reason.UNREACHABLE if isinstance(error, _UNREACHABLE) else Reason.CREDENTIALS
