"""Reads a stack's ``Pulumi.<stack>.yaml`` as the engine does, for what runs without the engine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from workbench.config.errors import KEY, parse_environment
from workbench.errors import OperatorError
from zelly_infra.catalog_checks import check_catalog
from zelly_infra.config import EnvironmentConfig
from zelly_infra.other_stacks import OtherStack, check_against_others

PROJECT = "zelly"
CLOUDFLARE_TOKEN = "cloudflare:apiToken"  # noqa: S105 (the key's name)

_STACK_FILES = "Pulumi.*.yaml"
_TOP_LEVEL_KEYS = ("config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt")
_ENGINE_NAMESPACES = ("aws", "cloudflare", "pulumi", "random")
UNREADABLE_SECRET = "not-known-offline"  # noqa: S105 (stands in for a secret that only the engine can decrypt)


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """One stack's configuration, checked."""

    path: Path
    config: Mapping[str, str]
    """By full key, as the engine hands it to the program: text as it is, everything structured as JSON."""
    secret_keys: list[str]
    """The keys whose values are secret. Offline their values are stand-ins."""
    environment: EnvironmentConfig


def stack_names(root: Path) -> list[str]:
    """Return the stacks that have a file in ``root``, sorted.

    Raises:
        OSError: when nobody lets the folder be listed, which a pattern takes for an empty one.
    """
    names = [path.name for path in root.iterdir()]
    return sorted(name.removeprefix("Pulumi.").removesuffix(".yaml") for name in names if fnmatch(name, _STACK_FILES))


def read_stack_file(stack: str, root: Path) -> StackFile:
    """Return the configuration of ``stack``.

    Raises:
        OperatorError: when there is no such file, it is not the YAML it should be, or a value is wrong; one line each.
    """
    check_stack_name(stack, root)
    path = root / f"Pulumi.{stack}.yaml"
    document = _read_yaml(path)
    if unknown := [key for key in document if key not in _TOP_LEVEL_KEYS]:
        raise OperatorError(f"{path.name}: {unknown[0]}: unknown key; allowed: {', '.join(_TOP_LEVEL_KEYS)}")
    settings = document.get("config")
    if not isinstance(settings, dict):
        raise OperatorError(f"{path.name}: config: came {_shown(settings)}; a mapping with {KEY} is required")
    values = _flatten(path.name, cast(dict[Any, Any], settings))
    if KEY not in values.plain:
        raise OperatorError(f"{path.name}: {KEY}: missing; a mapping with the keys of EnvironmentConfig is required")
    check_catalog()
    environment = parse_environment(values.plain[KEY], source=path.name)
    check_stack(environment, stack, root)
    return StackFile(
        path=path,
        config={CLOUDFLARE_TOKEN: UNREADABLE_SECRET, **values.plain},
        secret_keys=sorted({CLOUDFLARE_TOKEN, *values.secret}),
        environment=environment,
    )


def check_stack_name(stack: str, root: Path) -> None:
    """Refuse a stack that has no file.

    Raises:
        OperatorError: when there is none in ``root``.
    """
    names = stack_names(root)
    if stack not in names:
        raise OperatorError(f"stack: {stack}; allowed: {', '.join(names) or f'none, {root} has no stack file'}")


def check_stack(environment: EnvironmentConfig, stack: str, root: Path) -> None:
    """Refuse a config that belongs to another stack, or wants what another stack of the project has.

    Either would rename, or overwrite, what is another environment's.

    Raises:
        OperatorError: when the environment's name is not the stack's, or a file beside it has taken the same.
    """
    source = f"Pulumi.{stack}.yaml"
    if environment.environment != stack:
        raise OperatorError(
            f"{source}: {KEY}.environment: came {environment.environment}; allowed: {stack}, as the stack"
        )
    check_against_others(environment, other_stacks(root, beside=stack), source=source)


def other_stacks(root: Path, *, beside: str | None = None) -> list[OtherStack]:
    """Return what the project's stack files say, unchecked; those that cannot be read are left out.

    ``beside`` is a stack that is none of the others.
    """
    found = [(stack, _structured_key(root / f"Pulumi.{stack}.yaml")) for stack in stack_names(root) if stack != beside]
    return [
        OtherStack(name=stack, values=cast(Mapping[str, Any], values))
        for stack, values in found
        if isinstance(values, dict)
    ]


def _structured_key(path: Path) -> object:
    try:
        settings = _read_yaml(path).get("config")
    except OperatorError:
        return None
    return cast(dict[Any, Any], settings).get(KEY) if isinstance(settings, dict) else None


@dataclass(frozen=True, kw_only=True)
class _Values:
    plain: dict[str, str]
    secret: list[str]


def _read_yaml(path: Path) -> dict[Any, Any]:
    try:
        document: Any = YAML(typ="safe", pure=True).load(path)  # pyright: ignore[reportUnknownMemberType]
    except MarkedYAMLError as error:
        details: Any = error
        mark = details.problem_mark or details.context_mark
        where = f" line {mark.line + 1}, column {mark.column + 1}:" if mark is not None else ""
        raise OperatorError(f"{path.name}:{where} not YAML: {details.problem or details.context}") from None
    except OSError as error:
        raise OperatorError(f"{path.name}: {error.strerror}; a file that can be read is required") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise OperatorError(f"{path.name}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise OperatorError(f"{path.name}: came {_shown(document)}; a mapping with the key config is required")
    return cast(dict[Any, Any], document)


def _flatten(source: str, settings: Mapping[Any, Any]) -> _Values:
    values = _Values(plain={}, secret=[])
    for key, value in settings.items():
        _check_key(source, key)
        if _is_secret(value):
            if key == KEY:
                raise OperatorError(
                    f"{source}: {KEY}: came a secret; plain values are required, secrets have keys of their own"
                )
            values.plain[key] = UNREADABLE_SECRET
            values.secret.append(key)
        elif key == CLOUDFLARE_TOKEN:
            raise OperatorError(
                f"{source}: {key}: came plain text; a secret is required: pulumi config set --secret {key}"
            )
        else:
            values.plain[key] = value if isinstance(value, str) else json.dumps(value, default=str)
    return values


def _check_key(source: str, key: object) -> None:
    namespace = key.partition(":")[0] if isinstance(key, str) and ":" in key else None
    if key == KEY or namespace in _ENGINE_NAMESPACES:
        return
    namespaces = ", ".join(f"{name}:…" for name in _ENGINE_NAMESPACES)
    raise OperatorError(f"{source}: config.{key}: unknown key; allowed: {KEY}, {namespaces}")


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and list(cast(dict[object, object], value)) == ["secure"]


def _shown(value: object) -> str:
    return "nothing" if value is None else json.dumps(value, default=str)[:60]
