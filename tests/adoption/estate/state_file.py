"""A Terraform state file of version 4, written as Terraform writes one.

``attributes.json`` has the attributes of each type, by name and kind, as the schemas of the providers hashicorp/aws
5.99.1, cloudflare/cloudflare 4.52.0 and hashicorp/random 3.7.2 have them: nested blocks are lists of one object.
``unset.json`` has what a provider writes for an attribute that nobody gave a value, where that is not null.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from tests.adoption.estate.options import AWS_PROVIDER, CLOUDFLARE_PROVIDER, RANDOM_PROVIDER

Schema = Mapping[str, Any]

_HERE = Path(__file__).parent
_SCHEMAS: Mapping[str, Mapping[str, Schema]] = json.loads((_HERE / "attributes.json").read_text())
_NOTHING: Mapping[str, Any] = {}
_UNSET: Mapping[str, Mapping[str, Any]] = json.loads((_HERE / "unset.json").read_text())

# The version of a type's schema in these releases of the providers, from memory but for those of
# aws_security_group_rule and random_password; all others have 0.
_SCHEMA_VERSIONS: Mapping[str, int] = {
    "aws_cloudwatch_metric_alarm": 1,
    "aws_ecs_task_definition": 1,
    "aws_elasticache_replication_group": 2,
    "aws_instance": 1,
    "aws_key_pair": 1,
    "aws_security_group": 1,
    "aws_security_group_rule": 2,
    "aws_subnet": 1,
    "aws_vpc": 1,
    "cloudflare_record": 3,
    "random_password": 3,
}

_FRAMEWORK_TYPES = frozenset(
    {"aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule", "random_password"}
)
"""Those that the plugin framework serves: no private data."""

_PRIVATE = "bnVsbA=="
"""``null`` in base64, as the older SDK leaves with what has no timeouts."""

_PROVIDERS = {"aws": AWS_PROVIDER, "cloudflare": CLOUDFLARE_PROVIDER, "random": RANDOM_PROVIDER}


@dataclass(frozen=True, kw_only=True)
class Written:
    """A resource's instance in the file."""

    address: str
    """Without its key: what dependencies name."""
    attributes: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """Return an attribute."""
        return self.attributes[name]


@dataclass
class StateFile:
    """A state file that is being written."""

    providers_in_modules: bool = False
    terraform_version: str = "1.9.8"
    _resources: dict[tuple[str, str, str, str], dict[str, Any]] = field(
        default_factory=dict[tuple[str, str, str, str], dict[str, Any]]
    )
    _upstream: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    _outputs: dict[str, Any] = field(default_factory=dict[str, Any])

    def add(
        self,
        module: str,
        address: str,
        attributes: Mapping[str, Any],
        *,
        key: str | int | None = None,
        after: Iterable[Written] = (),
        sensitive: Sequence[str] = (),
    ) -> Written:
        """Write an instance down.

        ``address`` is ``TYPE.NAME``, or ``data.TYPE.NAME``; what it does not say of the type's attributes is null.
        ``after`` are those that it refers to: Terraform notes them and all that these refer to.
        """
        mode = "data" if address.startswith("data.") else "managed"
        type_, name = address.removeprefix("data.").split(".")
        full = f"{module}.{address}" if module else address
        unset = _UNSET[type_] if mode == "managed" and type_ in _UNSET else _NOTHING
        whole = complete(_SCHEMAS[mode][type_], {**unset, **attributes}, full)
        instance: dict[str, Any] = {} if key is None else {"index_key": key}
        instance |= {
            "schema_version": 0 if mode == "data" else _SCHEMA_VERSIONS.get(type_, 0),
            "attributes": whole,
            "sensitive_attributes": [[{"type": "get_attr", "value": name}] for name in sensitive],
        }
        upstream = self._upstream.setdefault(full, set())
        for other in after:
            upstream |= {other.address, *self._upstream.get(other.address, ())}
        if mode == "managed":
            if type_ not in _FRAMEWORK_TYPES:
                instance["private"] = _PRIVATE
            if noted := sorted(address for address in upstream - {full} if "data." not in address):
                instance["dependencies"] = noted
        self._resource(module, mode, type_, name)["instances"].append(instance)
        return Written(address=full, attributes=whole)

    def output(self, name: str, value: str, *, sensitive: bool = False) -> None:
        """Write an output of the root module down."""
        self._outputs[name] = {"value": value, "type": "string"} | ({"sensitive": True} if sensitive else {})

    def document(self, *, serial: int, lineage: str) -> dict[str, Any]:
        """Return the file, its resources in Terraform's order."""
        return {
            "version": 4,
            "terraform_version": self.terraform_version,
            "serial": serial,
            "lineage": lineage,
            "outputs": dict(sorted(self._outputs.items())),
            "resources": [_in_order(self._resources[key]) for key in sorted(self._resources)],
            "check_results": None,
        }

    def _resource(self, module: str, mode: str, type_: str, name: str) -> dict[str, Any]:
        # Data sources stand before what is managed, as "data" does before "managed".
        key = (module, mode, type_, name)
        if key not in self._resources:
            provider = f'provider["{_PROVIDERS[type_.partition("_")[0]]}"]'
            if self.providers_in_modules and module:
                provider = f"{module}.{provider}.main"
            resource: dict[str, Any] = {"module": module} if module else {}
            self._resources[key] = resource | {
                "mode": mode,
                "type": type_,
                "name": name,
                "provider": provider,
                "instances": [],
            }
        return self._resources[key]


def _in_order(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource with its instances by their keys."""
    instances = sorted(resource["instances"], key=lambda instance: instance.get("index_key", 0))
    return {**resource, "instances": instances}


def complete(schema: Schema, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return all attributes of a schema: the given ones, and for the others what Terraform writes for nothing.

    Raises:
        KeyError: for one that the schema does not have.
    """
    if unknown := given.keys() - schema.keys():
        raise KeyError(f"{where}: no attribute {', '.join(sorted(unknown))}")
    return {name: _value(kind, given.get(name), f"{where}.{name}") for name, kind in schema.items()}


def _value(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, list):
        (block_schema,) = cast("list[Schema]", kind)
        return [complete(block_schema, block, where) for block in value or ()]
    if value is None:
        return None
    expected, turned = _KINDS[kind]
    if not isinstance(value, expected) or (isinstance(value, bool) and kind == "number"):
        raise TypeError(f"{where}: {value!r} is no {kind}")
    return turned(value)


def _whole(value: Any) -> Any:
    return value


def _sorted(value: Any) -> Any:
    return dict(sorted(value.items())) if isinstance(value, dict) else sorted(value)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportUnknownVariableType]


_KINDS: Mapping[str, tuple[tuple[type, ...], Callable[[Any], Any]]] = {
    "string": ((str,), _whole),
    "number": ((int, float), _whole),
    "bool": ((bool,), _whole),
    "list": ((list, tuple), list),
    "set": ((list, tuple), _sorted),
    "map": ((dict,), _sorted),
    "timeouts": ((dict,), _whole),
}
