"""Inputs that the state has a value for and the program leaves out: those whose absence changes something.

The SDK tells by its annotations. An output that may be absent is optional and not computed in the provider's schema
(pulumi-terraform-bridge, ``pkg/tfgen/generate.go``, ``variable.optional``): leaving it out takes the value away. Every
other one keeps the value that it has. The provider's default, which a state holds too, stands in the docstrings.
"""

import collections.abc
import functools
import importlib
import re
import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin

from workbench.adopt.first_up.same import is_empty, same
from workbench.evaluate.shapes import input_names, properties, sdk_class

MANAGED = "Managed by Pulumi"
"""The description that Pulumi gives several types (pulumi-aws, ``provider/resources.go``: ``managedByPulumi``)."""
_TAGS = frozenset({"tags", "tagsAll"})


_SILENT_DEFAULTS: Mapping[tuple[str, str], Any] = {
    # "always enabled" for an application load balancer, says the SDK; of others the state says what was asked for.
    ("aws:lb/loadBalancer:LoadBalancer", "enableCrossZoneLoadBalancing"): True,
    # The provider suppresses a block that is missing (internal/service/ecs/service.go, from memory).
    ("aws:ecs/service:Service", "deploymentController"): {"type": "ECS"},
    # IAM API Reference, CreateInstanceProfile, CreateRole and CreatePolicy: Path "defaults to a slash".
    ("aws:iam/instanceProfile:InstanceProfile", "path"): "/",
    ("aws:iam/policy:Policy", "path"): "/",
    ("aws:iam/role:Role", "path"): "/",
}
"""Values that a state holds for what was never asked for, and that the SDK's documentation does not call a default."""


class LeftOut:
    """What a resource type's inputs say when they are left out."""

    def __init__(self, type_token: str) -> None:
        self._type = type_token
        self._class = sdk_class(type_token, type_token.rpartition(":")[2])
        self._hints: Mapping[str, Any] = {} if self._class is None else _hints(self._class)
        self._inputs = frozenset[str]() if self._class is None else frozenset(input_names(self._class))

    def counts(self, name: str, value: Any) -> bool:
        """Tell whether the program takes a value away by leaving its input out."""
        if is_empty(value) or name in _TAGS or name not in self._inputs:
            return False
        return _is_optional(self._hints.get(name)) and not self.is_default(name, value)

    def has_input(self, name: str) -> bool:
        """Tell whether a program can give it."""
        return name in self._inputs

    def is_mapping(self, name: str) -> bool:
        """Tell whether its keys are the program's own, as those of tags."""
        hint = self._hints.get(name)
        return any(get_origin(one) is collections.abc.Mapping for one in (hint, *get_args(hint)))

    def is_default(self, name: str, value: Any) -> bool:
        """Tell whether the SDK's documentation says that a value is an input's default."""
        silent = _SILENT_DEFAULTS.get((self._type, name))
        if silent is not None and same(silent, value):
            return True
        if self._class is None or isinstance(value, Mapping | list):
            return False
        return any(same(value, one) for one in _documented_defaults(self._class).get(name, ()))

    @property
    def given_by_pulumi(self) -> Mapping[str, str]:
        """The inputs that Pulumi gives a value where a program gives none, against Terraform's own default."""
        texts: Mapping[str, str] = {} if self._class is None else _documentation(self._class)
        return {"description": MANAGED} if MANAGED in texts.get("description", "") else {}


@functools.cache
def left_out(type_token: str) -> LeftOut:
    """Return what is known of a type."""
    return LeftOut(type_token)


@functools.cache
def _hints(of: type) -> Mapping[str, Any]:
    return {found.name: found.hint for found in properties(of)}


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


_DEFAULT = re.compile(
    r"[Dd]efaults?(?: value)?(?: is| to|:)?:?\s*`?\"?(?P<after>[\w.:/-]+)|`\"?(?P<before>[\w.:/-]+)\"?` \(default\)"
)
_PARAMETER = re.compile(r":param pulumi\.Input\[.*?\] (?P<name>\w+): (?P<text>.*)")


@functools.cache
def _documented_defaults(of: type) -> Mapping[str, tuple[str, ...]]:
    return {
        name: tuple((match["after"] or match["before"]).rstrip(".") for match in _DEFAULT.finditer(text))
        for name, text in _documentation(of).items()
    }


@functools.cache
def _documentation(of: type) -> Mapping[str, str]:
    """Return what the SDK says of each input."""
    arguments: Any = getattr(importlib.import_module(of.__module__), f"{of.__name__}Args", None)
    documentation = "" if arguments is None else arguments.__init__.__doc__ or ""
    texts: dict[str, str] = {}
    name = ""
    for line in documentation.splitlines():
        parameter = _PARAMETER.match(line.strip())
        if parameter is not None:
            name = _camel_case(parameter["name"])
            texts[name] = parameter["text"]
        elif name:
            texts[name] += f" {line.strip()}"
    return texts


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
