"""The secrets of an environment: who owns them, which keys have values, who needs them. Never a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from workbench.aws.secrets_manager.versions import NoObjectError, SecretVersions
from workbench.operations.secrets.values import is_blank
from workbench.operations.times import utc
from workbench.program import Program

PROGRAM = "program"
OPERATORS = "operators"


class KeyState(StrEnum):
    """The state of a key."""

    PRESENT = "present"
    EMPTY = "empty"
    NOT_TEXT = "not text"
    """A number, an object…, which ECS would write in its own way."""
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    """It has a value and the catalog does not know it."""


@dataclass(frozen=True, kw_only=True)
class SecretRow:
    """One secret as it stands."""

    name: str
    owner: str | None
    """Whose the values are; None: a secret that the catalog does not know."""
    state: str
    """``present``, ``absent``, ``without value``, ``no JSON object`` or ``to be deleted``."""
    changed_at: datetime | None
    deleted_on: datetime | None
    keys: Mapping[str, KeyState]
    needed_by: tuple[str, ...]

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        return {
            "secret": self.name,
            "owner": self.owner,
            "state": self.state,
            "changed_at": timestamp(self.changed_at),
            "deleted_on": timestamp(self.deleted_on),
            "keys": {key: state.value for key, state in self.keys.items()},
            "needed_by": list(self.needed_by),
        }


def timestamp(time: datetime | None) -> str | None:
    """Return a time in UTC, ISO 8601, to the second."""
    return None if time is None else utc(time)


def owner_of(program: Program[Any], secret: str) -> str | None:
    """Return who owns a secret's values; None for one that the catalog does not know."""
    if secret in program.secrets.application:
        return OPERATORS
    return PROGRAM if secret in program.secrets.own else None


def services_needing(program: Program[Any], secret: str) -> tuple[str, ...]:
    """Return the services of the catalog that are given something of a secret."""
    given = {
        service.name: [variable for container in service.containers for variable in container.secrets]
        for service in program.services
    }
    given |= {unit.name: [*unit.secrets] for unit in program.units}
    return tuple(name for name, variables in given.items() if any(each.secret == secret for each in variables))


def inventory(program: Program[Any], secrets: SecretVersions, *, is_owner: bool = True) -> list[SecretRow]:
    """Return the catalog's secrets, the operators' first, then whatever else lies beside them.

    ``is_owner`` says whether the stack has what the account has once.
    """
    listed = program.secrets
    known = {**listed.operators(is_owner=is_owner), **listed.programs(is_owner=is_owner)}
    others = [name for name in secrets.names(program.secrets.prefix) if name not in known]
    return [_row(program, name, known.get(name, ()), secrets) for name in (*known, *others)]


def _row(program: Program[Any], name: str, keys: Sequence[str], secrets: SecretVersions) -> SecretRow:
    found = secrets.secret(name)
    values: Mapping[str, Any] = {}
    if found is None:
        state = "absent"
    elif found.deleted_on is not None:
        state = "to be deleted"
    else:
        values, state = _values(name, secrets)
    host = program.secrets.hosts.get(name)
    return SecretRow(
        name=name,
        owner=owner_of(program, name),
        state=state,
        changed_at=found and found.changed_at,
        deleted_on=found and found.deleted_on,
        # What a secret on its way out holds cannot be read.
        keys=_key_states(keys, values) if state != "to be deleted" else {},
        needed_by=(*services_needing(program, name), *([host] if host is not None else [])),
    )


def _values(name: str, secrets: SecretVersions) -> tuple[Mapping[str, Any], str]:
    try:
        version = secrets.current(name)
    except NoObjectError:
        return {}, "no JSON object"
    return ({}, "without value") if version is None else (version.values, "present")


def _key_states(keys: Sequence[str], values: Mapping[str, Any]) -> Mapping[str, KeyState]:
    expected = {key: _state(key, values) for key in keys}
    return {**expected, **{key: KeyState.UNEXPECTED for key in sorted(values) if key not in expected}}


def _state(key: str, values: Mapping[str, Any]) -> KeyState:
    if key not in values:
        return KeyState.MISSING
    if is_blank(values[key]):
        return KeyState.EMPTY
    return KeyState.PRESENT if isinstance(values[key], str) else KeyState.NOT_TEXT
