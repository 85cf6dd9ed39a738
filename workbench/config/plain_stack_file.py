"""Reads the project and the stack files of any Pulumi program in Python: plain keys, whose meaning only it knows.

The shapes are Pulumi's ("Pulumi project file reference", "Stack settings file reference"). What an environment of
Pulumi ESC adds is not known here.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from workbench.config.stack_file import TOP_LEVEL_KEYS, is_secret, read_yaml, shown, stack_names
from workbench.errors import OperatorError

PROJECT_FILE = "Pulumi.yaml"
_RUNTIME = "python"
_REGION = "aws:region"
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""Where the AWS provider looks when no configuration names a region."""
_DECLARES = ("type", "description", "default", "secret", "items", "value")
"""The members of a key's declaration in the project file; a mapping with others is a value."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Pulumi project in Python."""

    root: Path
    name: str
    folder: Path
    """The folder that the program runs in, its ``main``."""
    main: Path
    """The file that is run."""
    virtual_environment: Path | None
    """Where the program's packages are installed, where the file says so."""
    declared: Mapping[str, Any]
    """What the project file says of the configuration, by full key."""


@dataclass(frozen=True, kw_only=True)
class PlainStackFile:
    """One stack's configuration, by keys that mean nothing here."""

    project: Project
    stack: str
    config: Mapping[str, str]
    """By full key, as the engine hands it to the program: text as it is, everything structured as JSON."""
    secret_keys: list[str]
    """The keys whose values are secret. Offline their values are placeholders."""

    @cached_property
    def region(self) -> str:
        """The region of the AWS provider; empty where nothing names one."""
        named = (os.environ.get(variable) for variable in _REGION_VARIABLES)
        return self.config.get(_REGION) or next((region for region in named if region), "")


def read_project(root: Path) -> Project:
    """Return the project in a folder.

    Raises:
        OperatorError: when its file has mistakes, or its program is not one in Python.
    """
    path = root / PROJECT_FILE
    document = read_yaml(path)
    name, runtime = document.get("name"), document.get("runtime")
    if not isinstance(name, str):
        raise OperatorError(f"{path}: name: came {shown(name)}; the name of the project is required")
    members = _members(runtime) or {"name": runtime}
    language, options = members.get("name"), _members(members.get("options"))
    if language != _RUNTIME:
        raise OperatorError(f"{path}: runtime: came {shown(language)}; allowed: {_RUNTIME}")
    main = root / str(document.get("main") or ".")
    main = main / "__main__.py" if main.is_dir() else main
    if not main.is_file():
        raise OperatorError(f"{main}: not there; the program's main file is required")
    environment = options.get("virtualenv")
    return Project(
        root=root,
        name=name,
        folder=main.parent,
        main=main,
        virtual_environment=root / str(environment) if environment else None,
        declared=dict(_named(path, name, document.get("config") or {})),
    )


def read_plain_stack_file(stack: str, root: Path) -> PlainStackFile:
    """Return the configuration of a stack; that of one without a file is what the project file says.

    Raises:
        OperatorError: when files have mistakes, other stacks have files and this one has none, or a value is missing.
    """
    project = read_project(root)
    names = stack_names(root)
    if names and stack not in names:
        raise OperatorError(f"stack: {stack}; allowed: {', '.join(names)}")
    path = root / f"Pulumi.{stack}.yaml"
    values: dict[str, Any] = {}
    if names:
        document = read_yaml(path)
        if unknown := [key for key in document if key not in TOP_LEVEL_KEYS]:
            raise OperatorError(f"{path.name}: {unknown[0]}: unknown key; allowed: {', '.join(TOP_LEVEL_KEYS)}")
        values = dict(_named(path, project.name, document.get("config") or {}))
    values = {**dict(_declared_values(project, values, path)), **values}
    secrets = sorted(key for key, value in values.items() if _holds_secret(value))
    return PlainStackFile(
        project=project,
        stack=stack,
        config={key: _text(value, key) for key, value in values.items()},
        secret_keys=secrets,
    )


def _named(path: Path, project: str, config: object) -> Iterator[tuple[str, Any]]:
    """Yield the values of a file's ``config`` by full key: one without a namespace is the project's."""
    if not isinstance(config, dict):
        raise OperatorError(f"{path.name}: config: came {shown(config)}; a mapping of keys is required")
    for key, value in cast("dict[Any, Any]", config).items():
        if not isinstance(key, str):
            raise OperatorError(f"{path.name}: config.{key}: came {shown(key)}; a text is required as a key")
        yield key if ":" in key else f"{project}:{key}", value


def _declared_values(project: Project, given: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Any]]:
    for key, declaration in project.declared.items():
        members = _members(declaration)
        if not members or not set(members) <= set(_DECLARES):
            yield key, declaration
        elif "value" in members or "default" in members:
            yield key, members.get("value", members.get("default"))
        elif key not in given:
            raise OperatorError(f"{path.name}: config.{key}: missing; {PROJECT_FILE} declares it without a default")


def _members(value: object) -> Mapping[str, Any]:
    """Return the members of a mapping; none of anything else."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _holds_secret(value: Any) -> bool:
    if is_secret(value):
        return True
    if isinstance(value, dict):
        return any(map(_holds_secret, cast("dict[Any, Any]", value).values()))
    return isinstance(value, list) and any(map(_holds_secret, cast("list[Any]", value)))


def _text(value: Any, key: str) -> str:
    """Return a value as the engine hands it on, with a placeholder for each secret in it."""
    plain = _without_secrets(value, key)
    return plain if isinstance(plain, str) else json.dumps(plain, default=str)


def _without_secrets(value: Any, key: str) -> Any:
    if is_secret(value):
        return f"${{config {key}.value}}"
    if isinstance(value, dict):
        return {name: _without_secrets(member, key) for name, member in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list):
        return [_without_secrets(member, key) for member in cast("list[Any]", value)]
    return value
