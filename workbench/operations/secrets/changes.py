"""New values for keys of secrets: a plan names the keys that change and never a value."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from workbench.aws.secrets_manager.versions import LARGEST_BYTES, SecretVersion, SecretVersions
from workbench.aws.shared.errors import AwsError
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.secrets.inventory import PROGRAM, owner_of, services_needing
from workbench.operations.secrets.values import is_blank
from workbench.program import Program
from workbench.words import command

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What can be an environment variable; ECS would not even take a colon (``<arn>:<key>:<stage>:<version>``)."""


class Change(StrEnum):
    """The change of a key."""

    ADDED = "added"
    FILLED = "filled"
    """It was there and empty."""
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True)
class SecretChange:
    """The changes of the given keys of one secret."""

    name: str
    keys: Mapping[str, Change]
    others: int
    """How many keys stay as they are, without being given."""
    before: SecretVersion = field(repr=False)
    after: Mapping[str, Any] = field(repr=False)

    @property
    def changes_anything(self) -> bool:
        """Whether it has to be written at all."""
        return any(change is not Change.UNCHANGED for change in self.keys.values())


@dataclass(frozen=True, kw_only=True)
class ChangesPlan:
    """The changes of some secrets."""

    secrets: tuple[SecretChange, ...]
    program: Program[Any] = field(repr=False)

    @property
    def pending(self) -> tuple[SecretChange, ...]:
        """The secrets that are written."""
        return tuple(change for change in self.secrets if change.changes_anything)

    @property
    def services(self) -> tuple[str, ...]:
        """The services that are given something of a secret that is written."""
        return tuple(
            dict.fromkeys(name for change in self.pending for name in services_needing(self.program, change.name))
        )

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        return [
            line
            for change in self.secrets
            for line in (
                f"{change.name}:",
                *(f"  {key}: {state}" for key, state in change.keys.items()),
                *([f"  others that stay as they are: {change.others}"] if change.others else []),
            )
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "secrets": [
                {"secret": change.name, "keys": {key: state.value for key, state in change.keys.items()}}
                for change in self.secrets
            ],
            "services": list(self.services),
        }


def check_names(program: Program[Any], secret: str, keys: Iterable[str], *, new_keys: bool) -> list[str]:
    """Return a line for each name that is not the operators' to set.

    A name that is not known is not repeated: a value may have got into its place.
    """
    if owner_of(program, secret) == PROGRAM:
        return [f"secret {secret}: its values are the program's own, `pulumi up` would replace yours"]
    known = program.secrets.application
    if secret not in known:
        return [f"secret: unknown; allowed: {', '.join(known)}{_meant(secret, known)}"]
    allowed = known[secret]
    lines: list[str] = []
    for key in keys:
        if key in allowed:
            continue
        if _KEY.fullmatch(key) is None:
            lines.append(f"secret {secret}: a key is no name of an environment variable (letters, digits and _)")
        elif not new_keys:
            lines.append(
                f"secret {secret}: unknown key; allowed: {', '.join(allowed)}{_meant(key, allowed)}; "
                "--new-key adds one that the catalog does not know"
            )
    return lines


def plan_changes(
    program: Program[Any],
    given: Mapping[str, Mapping[str, str]],
    secrets: SecretVersions,
    *,
    new_keys: bool = False,
) -> ChangesPlan:
    """Plan to give keys of secrets the values of ``given``; keys that are not given stay.

    Raises:
        OperatorError: a line for each secret or key that cannot be set.
    """
    lines = [line for name, values in given.items() for line in check_names(program, name, values, new_keys=new_keys)]
    lines = lines or [
        f"secret {name}: {key}: came {'white space alone' if value else 'nothing'}; a value is required"
        for name, values in given.items()
        for key, value in values.items()
        if is_blank(value)
    ]
    if lines:
        raise OperatorError(*lines)
    return ChangesPlan(secrets=tuple(_change(name, values, secrets) for name, values in given.items()), program=program)


def change_secrets(plan: ChangesPlan, secrets: SecretVersions) -> None:
    """Write what the plan changes, a secret at a time.

    Raises:
        OperationFailedError: when one could not be written, or somebody else wrote it in the meantime; the lines say
            which ones were.
    """
    done: list[str] = []
    for change in plan.pending:
        try:
            written = secrets.replace(change.name, change.after, instead_of=change.before)
        except AwsError as error:
            raise OperationFailedError(*error.lines, *_progress(plan, done)) from None
        if not written:
            raise OperationFailedError(
                f"secret {change.name}: somebody else changed it in the meantime; theirs stays, yours was not written",
                *_progress(plan, done),
            )
        done.append(change.name)


def _progress(plan: ChangesPlan, done: list[str]) -> list[str]:
    rest = [change.name for change in plan.pending if change.name not in done]
    return [
        f"Written: {', '.join(done) or 'none'}. Not written: {', '.join(rest)}.",
        "Run the same command again: it writes only what differs by then.",
    ]


def _change(name: str, values: Mapping[str, str], secrets: SecretVersions) -> SecretChange:
    secret = secrets.secret(name)
    if secret is None:
        raise OperatorError(f"secret {name}: not there; `pulumi up` makes it")
    if secret.deleted_on is not None:
        raise OperatorError(f"secret {name}: to be deleted; `{command('secrets restore', name)}` keeps it")
    before = secrets.current(name)
    if before is None:
        raise OperatorError(f"secret {name}: made, but not filled; `pulumi up` has to end first")
    after = {**before.values, **values}
    if (size := len(json.dumps(after).encode())) > LARGEST_BYTES:
        raise OperatorError(f"secret {name}: would have {size} bytes; allowed: {LARGEST_BYTES}")
    return SecretChange(
        name=name,
        keys={key: _state(key, value, before.values) for key, value in values.items()},
        others=sum(key not in values for key in before.values),
        before=before,
        after=after,
    )


def _state(key: str, value: str, before: Mapping[str, Any]) -> Change:
    if key not in before:
        return Change.ADDED
    if before[key] == value:
        return Change.UNCHANGED
    return Change.FILLED if before[key] is None or is_blank(before[key]) else Change.CHANGED


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
