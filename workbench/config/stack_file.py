"""The reading of a stack's ``Pulumi.<stack>.yaml``, as the engine does it, for commands without the engine."""

import copy
import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from workbench.config.errors import parse_config
from workbench.errors import OperatorError
from workbench.program import Description, OtherStack, Program

CLOUDFLARE_TOKEN = "cloudflare:apiToken"  # noqa: S105 (the key's name)

_STACK_FILES = "Pulumi.*.yaml"
TOP_LEVEL_KEYS = ("config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt")
_ENGINE_NAMESPACES = ("aws", "cloudflare", "pulumi", "random")
UNREADABLE_SECRET = "not-known-offline"  # noqa: S105 (stands in for a secret that only the engine can decrypt)


Config = TypeVar("Config", bound=Any)


@dataclass(frozen=True, kw_only=True)
class StackFile(Generic[Config]):
    """One stack's configuration, checked."""

    program: Program[Config]
    path: Path
    config: Mapping[str, str]
    """By full key, as the engine hands it to the program: text as it is, everything structured as JSON."""
    secret_keys: list[str]
    """The keys whose values are secret. Offline their values are stand-ins."""
    environment: Config

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.path.name.removeprefix("Pulumi.").removesuffix(".yaml")

    @cached_property
    def description(self) -> Description:
        """The parts of the environment, as the program describes them."""
        return self.program.describe(self.environment)

    @property
    def region(self) -> str:
        """The region that the stack is in."""
        return self.environment.region


def stack_names(root: Path) -> list[str]:
    """Return the stacks that have a file in ``root``, sorted.

    Raises:
        OSError: when nobody lets the folder be listed, which a pattern takes for an empty one.
    """
    names = [path.name for path in root.iterdir()]
    return sorted(name.removeprefix("Pulumi.").removesuffix(".yaml") for name in names if fnmatch(name, _STACK_FILES))


def read_stack_file(program: Program[Config], stack: str, root: Path) -> StackFile[Config]:
    """Return the configuration of ``stack``.

    Raises:
        OperatorError: when there is no such file, it is not the YAML it should be, or a value is wrong; one line each.
    """
    check_stack_name(stack, root)
    path, key = root / f"Pulumi.{stack}.yaml", program.config_key
    document = read_yaml(path)
    if unknown := [name for name in document if name not in TOP_LEVEL_KEYS]:
        raise OperatorError(f"{path.name}: {unknown[0]}: unknown key; allowed: {', '.join(TOP_LEVEL_KEYS)}")
    settings = document.get("config")
    if not isinstance(settings, dict):
        raise OperatorError(f"{path.name}: config: came {shown(settings)}; a mapping with {key} is required")
    values = _flatten(path.name, key, cast(dict[Any, Any], settings))
    if key not in values.plain:
        raise OperatorError(missing_key(program, source=path.name))
    environment = parse_environment(program, values.plain[key], source=path.name)
    check_stack(program, environment, stack, root)
    return StackFile(
        program=program,
        path=path,
        config={CLOUDFLARE_TOKEN: UNREADABLE_SECRET, **values.plain},
        secret_keys=sorted({CLOUDFLARE_TOKEN, *values.secret}),
        environment=environment,
    )


def missing_key(program: Program[Any], *, source: str) -> str:
    """Return the error's line for a stack file without the program's key."""
    model = program.config_type().__name__
    return f"{source}: {program.config_key}: missing; a mapping with the keys of {model} is required"


def parse_environment(program: Program[Config], text: str, *, source: str) -> Config:
    """Return the config in a JSON text; ``source`` is the file it came from, for the error's lines.

    Raises:
        OperatorError: one line for every mistake of the program's own data, else for every value that is wrong.
    """
    program.check()
    return parse_config(program.config_type(), text, key=program.config_key, source=source)


def check_stack_name(stack: str, root: Path) -> None:
    """Refuse a stack without a file.

    Raises:
        OperatorError: when there is none in ``root``.
    """
    names = stack_names(root)
    if stack not in names:
        raise OperatorError(f"stack: {stack}; allowed: {', '.join(names) or f'none, {root} has no stack file'}")


def check_stack(program: Program[Config], environment: Config, stack: str, root: Path) -> None:
    """Refuse a config that belongs to another stack, or collides with another stack of the project.

    Either would rename, or overwrite, what is another environment's.

    Raises:
        OperatorError: when the environment's name is not the stack's, or a file beside it has taken the same.
    """
    source = f"Pulumi.{stack}.yaml"
    if environment.environment != stack:
        raise OperatorError(
            f"{source}: {program.config_key}.environment: came {environment.environment}; "
            f"allowed: {stack}, as the stack"
        )
    check_against_others(program, environment, other_stacks(program, root, beside=stack), source=source)


def check_against_others(
    program: Program[Config], environment: Config, others: Iterable[OtherStack], *, source: str
) -> None:
    """Refuse a config that collides with a neighbour's.

    Raises:
        OperatorError: with a line for each thing that both would call their own.
    """
    lines = [line for other in others for line in program.collisions(environment, other)]
    if lines:
        raise OperatorError(*(f"{source}: {program.config_key}.{line}" for line in lines))


def other_stacks(program: Program[Any], root: Path, *, beside: str | None = None) -> list[OtherStack]:
    """Return the values of the project's stack files, unchecked, without those that cannot be read.

    ``beside`` is a stack that is none of the others.
    """
    found = [
        (stack, _structured_key(root / f"Pulumi.{stack}.yaml", program.config_key))
        for stack in stack_names(root)
        if stack != beside
    ]
    return [
        OtherStack(name=stack, values=cast(Mapping[str, Any], values))
        for stack, values in found
        if isinstance(values, dict)
    ]


def _structured_key(path: Path, key: str) -> object:
    try:
        settings = read_yaml(path).get("config")
    except OperatorError:
        return None
    return cast(dict[Any, Any], settings).get(key) if isinstance(settings, dict) else None


@dataclass(frozen=True, kw_only=True)
class _Values:
    plain: dict[str, str]
    secret: list[str]


def read_yaml(path: Path) -> dict[Any, Any]:
    """Return the mapping in a YAML file.

    Raises:
        OperatorError: when it cannot be read, or holds something else.
    """
    try:
        document = copy.deepcopy(_loaded(path.read_bytes()))
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
        raise OperatorError(f"{path.name}: came {shown(document)}; a mapping with the key config is required")
    return cast(dict[Any, Any], document)


@functools.lru_cache(maxsize=16)
def _loaded(content: bytes) -> Any:
    """Return what a YAML file's content says. A command reads each stack's file several times."""
    return YAML(typ="safe", pure=True).load(content)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _flatten(source: str, structured: str, settings: Mapping[Any, Any]) -> _Values:
    values = _Values(plain={}, secret=[])
    for key, value in settings.items():
        _check_key(source, structured, key)
        if is_secret(value):
            if key == structured:
                raise OperatorError(
                    f"{source}: {key}: came a secret; plain values are required, secrets have keys of their own"
                )
            values.plain[key] = UNREADABLE_SECRET
            values.secret.append(key)
        elif key == CLOUDFLARE_TOKEN:
            raise OperatorError(
                f"{source}: {key}: came plain text; a secret is required: pulumi config set --secret {key}"
            )
        else:
            values.plain[key] = value if isinstance(value, str) else json.dumps(value, default=str)
            _refuse_dates(source, key, value)
    return values


def _refuse_dates(source: str, path: str, value: object) -> None:
    """Refuse a date without quotes: to Pulumi's own reader it is a point in time, and it hands that on."""
    if isinstance(value, date):
        raise OperatorError(f'{source}: {path}: came {value} without quotes; "{value}" is required')
    if isinstance(value, dict):
        for key, each in cast("dict[object, object]", value).items():
            _refuse_dates(source, f"{path}.{key}", each)
    if isinstance(value, list):
        for each in cast("list[object]", value):
            _refuse_dates(source, path, each)


def _check_key(source: str, structured: str, key: object) -> None:
    namespace = key.partition(":")[0] if isinstance(key, str) and ":" in key else None
    if key == structured or namespace in _ENGINE_NAMESPACES:
        return
    namespaces = ", ".join(f"{name}:…" for name in _ENGINE_NAMESPACES)
    raise OperatorError(f"{source}: config.{key}: unknown key; allowed: {structured}, {namespaces}")


def is_secret(value: object) -> bool:
    """Tell whether a value of a stack file is encrypted."""
    return isinstance(value, dict) and list(cast(dict[object, object], value)) == ["secure"]


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    return "nothing" if value is None else json.dumps(value, default=str)[:60]
