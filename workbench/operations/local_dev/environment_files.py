"""The environment files of a developer's machine: made once, completed later, never shown."""

import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.counting import listed
from workbench.errors import OperatorError
from workbench.files import write_whole
from workbench.local_dev.model import (
    FOLDER,
    FOLDER_PLACEHOLDER,
    Application,
    LocalPlatform,
    Part,
    environment_example,
    environment_file,
)
from workbench.local_dev.values import FilledIn, Known, Random, Variable
from workbench.operations.local_dev.variables import Assignment, assignments, read_lines

_MODE = 0o600
_CHARACTERS = string.ascii_letters + string.digits
_ON_HOST = ".host"
"""What stands behind a part's name in the file for the same program outside of a container."""


@dataclass(frozen=True, kw_only=True)
class FileState:
    """A part's environment file as it is."""

    part: str
    path: str
    """Within the repository."""
    exists: bool
    missing: tuple[str, ...]
    """The variables that it lacks, or has without the value that the machine makes."""
    unused: tuple[str, ...]
    """The variables that the part has no longer."""
    empty: tuple[str, ...]
    """The variables that the developer has not filled in."""
    changed: tuple[str, ...]
    """The variables with another value than the one that is the same on every machine."""
    is_private: bool
    """Whether its owner alone may read it."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentPlan:
    """Which variables are added to which files."""

    states: tuple[FileState, ...]
    left_over: tuple[str, ...]
    """Files that no part reads."""
    texts: Mapping[str, str]
    """The whole texts of files that change, by their paths in the repository."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not self.texts and all(state.is_private for state in self.states)

    def lines(self) -> list[str]:
        """Return what is going to happen, for the developer to read. No value is among it."""
        lines = [line for state in self.states for line in _state_lines(state)]
        lines += [f"{path}: no container reads it any more; it is left as it is" for path in self.left_over]
        return lines or [f"{FOLDER}/env/: every variable is there."]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "files": {
                state.path: {
                    "exists": state.exists,
                    "added": list(state.missing),
                    "unused": list(state.unused),
                    "empty": list(state.empty),
                }
                for state in self.states
            },
            "left_over": list(self.left_over),
        }


def _state_lines(state: FileState) -> Iterator[str]:
    if not state.exists:
        yield f"{state.path}: is made, with {listed(state.missing)}"
    elif state.missing:
        yield f"{state.path}: {listed(state.missing)} added"
    if state.unused:
        yield f"{state.path}: {listed(state.unused)} not used any more, and left as it is"
    if state.exists and not state.is_private:
        yield f"{state.path}: others may read it; from now on its owner alone"
    if state.empty:
        yield f"{state.path}: {listed(state.empty)} left to fill in; the comments there say where from"


def plan_environment(platform: LocalPlatform, root: Path) -> EnvironmentPlan:
    """Compare the files with what their containers need.

    Raises:
        OperatorError: for a file that cannot be read, or when two disagree on a secret.
    """
    parts = [part for part in platform.parts if part.variables]
    present = {part.name: _read(root, part) for part in parts}
    made = _shared(parts, present)
    states: list[FileState] = []
    texts: dict[str, str] = {}
    for part in parts:
        state = _state(root, part, present[part.name][1])
        states.append(state)
        if state.missing:
            texts[state.path] = _text(platform, part, present[part.name], made)
    return EnvironmentPlan(states=tuple(states), left_over=tuple(_left_over(platform, root)), texts=texts)


_Present = tuple[list[str], Mapping[str, Assignment]]


def _path(part: str) -> str:
    return f"{FOLDER}/{environment_file(part)}"


def _read(root: Path, part: Part) -> _Present:
    lines = read_lines(root / _path(part.name)) or []
    # The last one counts, as it does to compose.
    return lines, {found.name: found for found in assignments(_path(part.name), lines)}


def _state(root: Path, part: Part, present: Mapping[str, Assignment]) -> FileState:
    path = root / _path(part.name)
    exists = path.exists()
    names = {variable.name for variable in part.variables}
    return FileState(
        part=part.name,
        path=_path(part.name),
        exists=exists,
        missing=tuple(variable.name for variable in part.variables if _is_missing(variable, present)),
        unused=tuple(name for name in present if name not in names),
        empty=tuple(
            variable.name
            for variable in part.variables
            if isinstance(variable.value, FilledIn) and not (variable.name in present and present[variable.name].value)
        ),
        changed=tuple(
            variable.name
            for variable in part.variables
            if isinstance(variable.value, Known)
            and variable.name in present
            and present[variable.name].value != variable.value.text
        ),
        is_private=not exists or not path.stat().st_mode & 0o077,
    )


def _is_missing(variable: Variable, present: Mapping[str, Assignment]) -> bool:
    found = present.get(variable.name)
    # Whoever copies an example has the secrets of this machine empty.
    return found is None or (isinstance(variable.value, Random) and not found.value)


def _shared(parts: list[Part], present: Mapping[str, _Present]) -> Mapping[str, str]:
    """Return the secrets by their names: those that files have already, and new ones.

    Raises:
        OperatorError: when two files have two values for one.
    """
    values: dict[str, dict[str, str]] = {}
    lengths: dict[str, int] = {}
    for part in parts:
        for variable in part.variables:
            if isinstance(variable.value, Random):
                secret = variable.value.secret
                lengths[secret] = max(variable.value.characters, lengths.get(secret, 0))
                found = present[part.name][1].get(variable.name)
                if found is not None and found.value:
                    values.setdefault(secret, {}).setdefault(found.value, f"{_path(part.name)}: {variable.name}")
    if lines := [_disagreement(secret, tuple(found.values())) for secret, found in values.items() if len(found) > 1]:
        raise OperatorError(*lines)
    return {
        secret: next(iter(values[secret])) if secret in values else _random(length)
        for secret, length in lengths.items()
    }


def _disagreement(secret: str, places: tuple[str, ...]) -> str:
    return f"{listed(places)}: differ in {secret}; allowed: one value. Delete the wrong lines, and run it again"


def _random(length: int) -> str:
    return "".join(secrets.choice(_CHARACTERS) for _ in range(length))


def _text(platform: LocalPlatform, part: Part, present: _Present, made: Mapping[str, str]) -> str:
    lines, found = list(present[0]), present[1]
    if not lines:
        lines = [f"# Of this machine alone: `{platform.name} dev env` only ever adds to it.", *_hint(part)]
    for variable in part.variables:
        if not _is_missing(variable, found):
            continue
        line = f"{variable.name}={_value(variable, made)}"
        if variable.name in found:
            lines[found[variable.name].first] = line
        else:
            lines += [*_comment(variable), line]
    return "\n".join([*lines, ""])


def _hint(part: Part) -> list[str]:
    return [f"# {environment_example(part.name)} beside it says where each value is from."]


def _comment(variable: Variable) -> list[str]:
    return [f"# From {variable.value.source}."] if isinstance(variable.value, FilledIn) else []


def _value(variable: Variable, made: Mapping[str, str]) -> str:
    match variable.value:
        case Known(text):
            return text
        case Random(secret):
            return made[secret]
        case FilledIn():
            return ""


def _left_over(platform: LocalPlatform, root: Path) -> Iterator[str]:
    known = {environment_file(part.name) for part in platform.parts if part.variables}
    known |= {environment_file(f"{application.name}{_ON_HOST}") for application in platform.applications}
    for path in sorted((root / FOLDER / "env").glob("*.env")):
        if f"env/{path.name}" not in known:
            yield f"{FOLDER}/env/{path.name}"


def write_environment(plan: EnvironmentPlan, root: Path) -> None:
    """Write the files of a plan, readable for their owner alone.

    Raises:
        OSError: when one cannot be written. Those before it are done; planning again finds the rest.
    """
    for path, text in plan.texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(root / path, text, mode=_MODE)
    for state in plan.states:
        if not state.is_private:
            (root / state.path).chmod(_MODE)


def write_for_host(application: Application, root: Path) -> Path:
    """Write an application's variables as they are outside of a container, and return the file.

    What the developer changed stays changed; nothing but addresses of containers becomes another.

    Raises:
        OperatorError: when the application's own file lacks variables.
    """
    _, present = _read(root, application)
    if lacking := [variable.name for variable in application.variables if _is_missing(variable, present)]:
        raise OperatorError(f"{_path(application.name)}: {listed(lacking)} missing")
    lines = [f"# Made of {environment_file(application.name)} each time: changes belong there."]
    for variable in application.variables:
        lines.append(f"{variable.name}={_on_host(variable, present[variable.name].raw, root)}")
    for variable in application.additions:
        if isinstance(variable.value, Known):
            lines.append(f"{variable.name}={_on_host(variable, variable.value.text, root)}")
    path = root / _path(f"{application.name}{_ON_HOST}")
    write_whole(path, "\n".join([*lines, ""]), mode=_MODE)
    return path


def _on_host(variable: Variable, raw: str, root: Path) -> str:
    value = variable.value
    if not isinstance(value, Known) or value.on_host is None or raw != value.text:
        return raw
    folder = root / FOLDER
    text = value.on_host.replace(FOLDER_PLACEHOLDER, str(folder))
    # Whoever reads the file, a shell too, ends an unquoted value at a blank.
    return f"'{text}'" if " " in text else text
