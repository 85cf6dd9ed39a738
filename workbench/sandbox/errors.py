"""Why the embedded AWS could not make a resource, in words that name the resource and the way out."""

import re
from collections.abc import Iterable, Mapping

from botocore.exceptions import BotoCoreError, ClientError


class SandboxError(Exception):
    """Anything that the embedded AWS refuses; the message is one line.

    It does not name the resource: whoever collects the failures of many resources does.
    """


class UnknownTypeError(SandboxError):
    """The program registered a resource type that has no row in the table."""

    def __init__(self, type_token: str) -> None:
        super().__init__(f"the embedded AWS has no row for the type {type_token}")


class FunctionError(SandboxError):
    """The program called a provider function that has no row, or that failed."""

    def __init__(self, token: str, reason: object) -> None:
        super().__init__(f"{token}: {reason}")


class UnmappedInputError(SandboxError):
    """An input has no counterpart in the operation: it would be lost in silence."""

    def __init__(self, path: str, operation: str, allowed: Iterable[str]) -> None:
        super().__init__(f"input {path} is not mapped; {operation} takes {', '.join(sorted(allowed)) or 'nothing'}")


class UnchangeableInputError(SandboxError):
    """An input of a made resource changed, and the row does not say how that reaches the resource."""

    def __init__(self, type_token: str, name: str, *, removed: bool = False) -> None:
        change = "taken away again" if removed else "changed"
        super().__init__(f"input {name} of a {type_token} cannot be {change} in the embedded AWS")


class HalfMadeError(SandboxError):
    """A resource was made, and a step behind its operation failed."""

    def __init__(self, identifier: str, cause: SandboxError) -> None:
        self.identifier = identifier
        self.cause = cause
        super().__init__(f"{cause}")


class InputTypeError(SandboxError):
    """An input's value does not fit the type that the operation takes."""

    def __init__(self, path: str, value: object, wanted: str) -> None:
        # The value itself may be a secret, so that only its type is told.
        super().__init__(f"input {path}: came {type(value).__name__}; {wanted} is allowed")


class UnansweredOutputError(SandboxError):
    """A row promises an output that the response does not hold."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the answer holds no {name}")


class NameTooLongError(SandboxError):
    """The provider cannot make a name from the logical name: it has no room for its random suffix."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f"name '{name}' plus 8 characters for the random suffix is longer than maximum length {limit}")


class AwsRefusalError(SandboxError):
    """An API refused an operation."""

    def __init__(self, *, operation: str, code: str, message: str) -> None:
        self.operation = operation
        self.code = code
        self.is_not_found = any(part in code.lower() for part in _NOT_FOUND)
        self.is_unanswered = any(part in code.lower() for part in _UNANSWERED)
        self.likely_cause = likely_cause(code)
        cause = f" (likely cause: {self.likely_cause})" if self.likely_cause else ""
        super().__init__(f"{operation} failed with {code}: {message}{cause}")

    @classmethod
    def of(cls, error: ClientError) -> "AwsRefusalError":
        """Return the refusal that botocore's error stands for."""
        details = error.response.get("Error", {})
        return cls(
            operation=error.operation_name,
            code=details.get("Code", "Unknown"),
            message=_one_line(details.get("Message", "")),
        )

    @classmethod
    def before_the_service(cls, error: BotoCoreError, *, operation: str) -> "AwsRefusalError":
        """Return the refusal of what contradicts the service's own model or never reached the service."""
        message = _one_line(f"{error}".removeprefix("Parameter validation failed:"))
        # botocore tells a value of the wrong type, which may be a secret.
        message = re.sub(r"value: .*?(?=, type: )", "value: [hidden]", message)
        return cls(operation=operation, code=type(error).__name__.removesuffix("Error"), message=message)


_NOT_FOUND = ("notfound", "nosuch", "doesnotexist")
"""Parts of the codes, in lower case, that say that a resource is not there."""


_UNANSWERED = ("endpointconnection", "connectionclosed", "connecttimeout", "readtimeout")
"""Parts of the codes, in lower case, that say that nothing answers any more."""


def _one_line(message: str) -> str:
    if "<html" in message:
        # A web server answers a path that it has no operation for with a page.
        return "no such operation"
    return " ".join(message.split()) or "no message"


_LIKELY_CAUSES: Mapping[str, str] = {
    "alreadyexist": "something of that name is already there, perhaps from an earlier run",
    "already.exist": "something of that name is already there, perhaps from an earlier run",
    "duplicate": "something of that name is already there, perhaps from an earlier run",
    "alreadyownedbyyou": "this account has a bucket of that name already",
    "bucketalreadyexists": "another account has a bucket of that name",
    "conflict": "its address range or name overlaps with something that is already there",
    "inuse": "something else still uses it",
    "notfound": "it refers to something that was never made, or lies in another region",
    "nosuch": "it refers to something that was never made, or lies in another region",
    "limitexceeded": "a quota of the account is used up",
    "quota": "a quota of the account is used up",
    "paramvalidation": "an input has a value or a shape that the API does not take",
    "invalidparameter": "an input has a value that the API does not take",
    "validation": "an input has a value that the API does not take",
    "malformed": "a document or an id is not written the way the API wants it",
    "accessdenied": "a policy forbids it",
    "notimplemented": "this operation is not emulated",
    "internalfailure": "this operation is not emulated, or the emulation tripped over its input",
    "invalidaction": "this operation is not emulated",
    "unknownoperation": "this operation is not emulated",
    "endpointconnection": "the AWS at this address has ended",
    "connectionclosed": "the AWS at this address has ended",
    "400": "this operation is not emulated",
    "404": "this operation is not emulated",
}
"""What an error code usually means, by a part of the code in lower case; the first that occurs counts."""


def likely_cause(code: str) -> str | None:
    """Return what usually stands behind an AWS error code, or None for one that the table does not know."""
    lowered = code.lower()
    return next((cause for part, cause in _LIKELY_CAUSES.items() if part in lowered), None)
