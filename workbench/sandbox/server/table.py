"""The vocabulary of the supplement: operations that moto lacks, and members that it takes and forgets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.sandbox.server.state import kept


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, read through botocore's model of its operation."""

    service: str
    """boto3's name of the service."""
    region: str
    account_id: str
    parameters: Mapping[str, Any] = field(repr=False)

    def kept(self, kind: str) -> dict[str, Any]:
        """Return what earlier requests left behind of one kind of thing, as :func:`~.state.kept` does."""
        return kept(self.account_id, self.region, self.service, kind)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something in the request's region."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"


@dataclass(frozen=True, kw_only=True)
class Missing:
    """An operation that moto lacks."""

    service: str
    """boto3's name of the service."""
    operation: str
    """The API's name of the operation, e.g. ``CreateCacheParameterGroup``."""
    answer: Callable[[Call], Mapping[str, Any]]
    """Returns the response's members; raises :class:`RefusalError` for what the service would refuse."""


def update(structure: dict[str, Any], remembered: Mapping[str, Any]) -> None:
    """Put every remembered member into the structure."""
    structure.update(remembered)


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """Members that moto takes in a write and leaves out of its answers: remembered, and put into every answer."""

    service: str
    creates: Mapping[str, str]
    """Operation -> JMESPath of the structures in its response that describe what it made. Nothing is left of what was
    remembered of a deleted one with the same key."""
    reads: Mapping[str, str]
    """Operation -> JMESPath of the structures in its response that describe what was written before."""
    changes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Operation -> JMESPath of the structures in its response that describe what it changed."""
    key: str
    """The member of such a structure that identifies it."""
    remember: Callable[[Call], Mapping[str, Any]]
    """Turns the request of a creation or a change into the members that its structures should have; what a change
    leaves out stays as an earlier request left it."""
    merge: Callable[[dict[str, Any], Mapping[str, Any]], None] = update
    """Puts what was remembered into a structure."""

    @property
    def kind(self) -> str:
        """Return what :meth:`Call.kept` keeps it under: the remembered members by the key's value."""
        return f"{self.key} {','.join(self.creates)} {','.join(self.reads)}"


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """Something that AWS has by itself and moto does not: made just before moto gets a request that refers to it."""

    service: str
    operation: str
    prepare: Callable[[Call], None]


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """Something that a request brings about in AWS and not in moto: done once moto has carried the request out."""

    service: str
    operation: str
    finish: Callable[[Call], None]


@dataclass(frozen=True, kw_only=True)
class Supplement:
    """What the sandbox adds to moto for one AWS service."""

    missing: tuple[Missing, ...] = ()
    forgotten: tuple[Forgotten, ...] = ()
    limits: tuple[Preparation, ...] = ()
    """What AWS refuses for its size, and moto takes."""
    preparations: tuple[Preparation, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    start: Callable[[], None] | None = None
    """Called once, before the server answers its first request."""


def members(*names: str) -> Callable[[Call], Mapping[str, Any]]:
    """Return a function that remembers request members under the names that they have in the answer too."""
    return lambda call: {name: call.parameters[name] for name in names if name in call.parameters}


class RefusalError(Exception):
    """An error that the service itself would answer with."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
