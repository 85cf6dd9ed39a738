"""A Terraform state file, read: version 4, as ``terraform state pull`` prints it.

The format is Terraform's own: ``internal/states/statefile/version4.go`` of its source. What cannot be taken over is
refused in one line, with the address where there is one; no value of the state stands in any of them.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, cast

from workbench.adopt.model import Instance, Path, TerraformState
from workbench.counting import counted
from workbench.errors import OperatorError

VERSION = 4
"""Written by Terraform since 0.12, and by OpenTofu."""
LARGEST_MIB = 64
"""The size above which a file is refused: reading needs about ten times as much memory."""
STANDARD_INPUT = "-"


def read_state(source: str) -> TerraformState:
    """Return the state in a file; ``-`` is standard input.

    Raises:
        OperatorError: when it cannot be read, or holds what cannot be taken over.
    """
    return parsed(_bytes_of(source), source="standard input" if source == STANDARD_INPUT else source)


def parsed(content: bytes, *, source: str) -> TerraformState:
    """Return the state that ``content`` holds.

    Raises:
        OperatorError: with one line for each thing that is wrong, beginning with ``source``.
    """
    document = _document(content, source)
    refused: list[str] = []
    managed: list[Instance] = []
    data: list[Instance] = []
    for resource in _objects(document, "resources", source):
        for address, instance in _instances(resource, source):
            refused += [f"{source}: {address}: {reason}" for reason in _reasons(instance)]
            (data if resource["mode"] == "data" else managed).append(_instance(address, resource, instance, source))
    if refused:
        raise OperatorError(*refused)
    if not managed:
        raise OperatorError(f"{source}: an empty state: no managed resource in it")
    return TerraformState(
        terraform_version=str(document.get("terraform_version", "")),
        serial=int(document.get("serial") or 0),
        lineage=str(document.get("lineage", "")),
        managed=managed,
        data=data,
    )


def check_place(state: TerraformState, *, account: str | None, region: str, source: str) -> None:
    """Refuse the state of another account than the stack's, and one that has nothing in its region, where it says one.

    Raises:
        OperatorError: with the address of what is elsewhere.
    """
    regions: dict[str, str] = {}
    for instance in state.managed:
        match = _ARN.match(str(instance.attributes.get("arn") or ""))
        if match is None:
            continue
        if account is not None and match["account"] not in ("", account):
            raise OperatorError(
                f"{source}: {instance.address}: came account {match['account']}; allowed for the stack: {account}"
            )
        if match["region"]:
            regions.setdefault(match["region"], instance.address)
    if regions and region and region not in regions:
        (found, address), *_ = regions.items()
        raise OperatorError(f"{source}: {address}: came region {found}; nothing of the stack's region {region}")


def missing_modules(state: TerraformState) -> Mapping[str, str]:
    """Return each module that instances depend on and of which the state has nothing, with one that names it."""
    present = {
        "".join(parts)
        for instance in (*state.managed, *state.data)
        for parts in _heads(_MODULE.findall(_INDEX.sub("", instance.address)))
    }
    missing: dict[str, str] = {}
    for instance in state.managed:
        for dependency in instance.dependencies:
            module = "".join(_MODULE.findall(dependency))
            if module and module not in present:
                missing.setdefault(module.removesuffix("."), instance.address)
    return missing


_ARN = re.compile(r"arn:[\w-]+:[\w-]+:(?P<region>[\w-]*):(?P<account>\d*):")
_MODULE = re.compile(r"module\.[^.]+\.")
_INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


def without_index(address: str) -> str:
    """Return an address as ``dependencies`` names it: ``module.a[0].aws_vpc.b[0]`` is ``module.a.aws_vpc.b``."""
    return _INDEX.sub("", address)


def indices(address: str) -> Sequence[str]:
    """Return the index keys in an address, of modules and of the resource: ``["x"]`` as ``"x"``, ``[0]`` as ``0``."""
    return [found[1:-1] for found in _INDEX.findall(address)]


def _heads(parts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (parts[: length + 1] for length in range(len(parts)))


def _bytes_of(source: str) -> bytes:
    largest = LARGEST_MIB * 1024 * 1024
    try:
        if source == STANDARD_INPUT:
            content = sys.stdin.buffer.read(largest + 1)
        else:
            with FilePath(source).open("rb") as file:
                content = file.read(largest + 1)
    except OSError as error:
        raise OperatorError(f"{source}: cannot be read: {error.strerror or error}") from None
    if len(content) > largest:
        raise OperatorError(f"{source}: larger than {LARGEST_MIB} MiB, which is the largest state that is read")
    return content


def _document(content: bytes, source: str) -> Mapping[str, Any]:
    try:
        document: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        where = f": {error.msg} in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise OperatorError(f"{source}: not a Terraform state: not JSON{where}") from None
    if not isinstance(document, dict):
        raise OperatorError(f"{source}: not a Terraform state: JSON, but no object")
    found = cast("dict[str, Any]", document)
    if "encrypted_data" in found:
        raise OperatorError(f"{source}: encrypted by OpenTofu; `tofu state pull` prints it in plain text")
    if "format_version" in found:
        raise OperatorError(
            f"{source}: not a state, but what `terraform show -json` prints; `terraform state pull` prints the state"
        )
    version = found.get("version")
    if version is None or ("resources" not in found and "modules" not in found):
        raise OperatorError(f'{source}: not a Terraform state: no "version" and "resources"')
    if version != VERSION:
        raise OperatorError(
            f"{source}: came a state of version {_number(version)}; allowed: {VERSION}, "
            "which any Terraform since 0.12 writes with its next apply"
        )
    return found


def _number(version: object) -> str:
    # Only a number is shown: what else stands there may be anything.
    return str(version) if isinstance(version, int) else "that is no number"


def _objects(of: Mapping[str, Any], key: str, where: str) -> Iterator[Mapping[str, Any]]:
    members: Any = of.get(key)
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in cast("list[Any]", members)):
        raise OperatorError(f'{where}: a damaged state: "{key}" is no list of objects')
    yield from cast("list[Mapping[str, Any]]", members)


def _instances(resource: Mapping[str, Any], source: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    texts = [resource.get(key) for key in ("mode", "type", "name")]
    module: Any = resource.get("module", "")
    if not all(isinstance(text, str) and text for text in texts) or not isinstance(module, str):
        raise OperatorError(f'{source}: a damaged state: a resource without "mode", "type" or "name"')
    mode, resource_type, name = cast("list[str]", texts)
    parts = (module, "data" if mode == "data" else "", resource_type, name)
    base = ".".join(part for part in parts if part)
    for instance in _objects(resource, "instances", f"{source}: {base}"):
        yield f"{base}{_index(instance.get('index_key'))}", instance


def _index(key: object) -> str:
    if key is None:
        return ""
    if isinstance(key, str):
        # As HCL quotes it: a template would begin in the key otherwise.
        quoted = json.dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
        return f"[{quoted}]"
    return f"[{key}]"


def _reasons(instance: Mapping[str, Any]) -> Iterator[str]:
    if instance.get("deposed"):
        yield "deposed: an old object that waits to be destroyed; `terraform apply` ends that first"
    elif instance.get("status") == "tainted":
        yield "tainted: Terraform would replace it; `terraform untaint` or an apply comes first"


def _instance(address: str, resource: Mapping[str, Any], instance: Mapping[str, Any], source: str) -> Instance:
    attributes: Any = instance.get("attributes")
    if not isinstance(attributes, dict):
        raise OperatorError(f'{source}: {address}: a damaged state: no "attributes"')
    dependencies: Any = instance.get("dependencies") or []
    return Instance(
        address=address,
        type=str(resource["type"]),
        attributes=cast("dict[str, Any]", attributes),
        sensitive=frozenset(_paths(instance.get("sensitive_attributes") or [])),
        dependencies=[str(each) for each in cast("list[Any]", dependencies)],
    )


def _paths(written: Iterable[Any]) -> Iterator[Path]:
    for steps in written:
        if isinstance(steps, list):
            yield tuple(_step(step) for step in cast("list[Any]", steps))


def _step(step: Any) -> str | int:
    value: Any = cast("Mapping[str, Any]", step).get("value") if isinstance(step, dict) else step
    if isinstance(value, dict):
        value = cast("Mapping[str, Any]", value).get("value")
    return value if isinstance(value, int) else str(value)


def summary(state: TerraformState) -> str:
    """Return a state's size in words."""
    return f"{counted(len(state.managed), 'instance')}, {counted(len(state.data), 'data source')}"
