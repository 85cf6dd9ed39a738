"""The values of variables on a developer's machine: known, random, or filled in by the developer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A value that is the same on every machine."""

    text: str
    """As compose reads it: ``${NAME:-…}`` in it is filled in, so it is written without quotes."""
    on_host: str | None = None
    """For the same program on the developer's machine itself, outside of a container; None: the same."""


@dataclass(frozen=True)
class Random:
    """A secret that each machine makes for itself: letters and digits."""

    secret: str
    """Its name. Variables with one name have one value, whichever files they are in."""
    characters: int = 32


@dataclass(frozen=True)
class FilledIn:
    """A value that nobody can invent: empty until the developer fills it in."""

    source: str
    """Where it is to be had."""


Value = Known | Random | FilledIn


@dataclass(frozen=True, kw_only=True)
class Variable:
    """An environment variable."""

    name: str
    value: Value
    reason: str = ""
    """Why the value differs from the one in AWS: a rule's name of the platform's ``value_rules``. Empty: it doesn't."""
