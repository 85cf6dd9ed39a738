"""The examples of the rules: small stacks, read from examples.yaml."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML

from workbench.review.rules.model import Resource, Rule, Stack
from workbench.review.rules.table import RULES


@dataclass(frozen=True, kw_only=True)
class Example:
    """What passes one rule, and what fails it."""

    passes: Stack
    fails: Stack
    says: list[str]
    """What the rule says of what fails."""


@functools.cache
def examples() -> Mapping[str, Example]:
    """Return the examples by the id of their rule."""
    document: Any = YAML(typ="safe", pure=True).load(Path(__file__).with_name("examples.yaml"))  # pyright: ignore[reportUnknownMemberType]
    by_id = {rule.id: rule for rule in RULES}
    return {
        rule: Example(
            passes=stack(by_id[rule], entry["passes"]), fails=stack(by_id[rule], entry["fails"]), says=entry["says"]
        )
        for rule, entry in document.items()
    }


def stack(rule: Rule, given: Any) -> Stack:
    """Return a stack of what an example has: the properties of one resource, or a list of resources."""
    alone = [{"type": rule.types[0], "name": "it", "properties": given}]
    resources: list[Any] = cast("list[Any]", given) if isinstance(given, list) else alone
    return Stack(name="example", resources=[_resource(entry) for entry in resources])


def _resource(entry: Mapping[str, Any]) -> Resource:
    return Resource(
        type=entry["type"],
        name=entry.get("name", "companion"),
        urn=_urn(entry.get("name", "companion")),
        properties=entry.get("properties", {}),
        depends_on=frozenset(_urn(name) for name in entry.get("uses", ())),
        protect=entry.get("protect", False),
        delete_before_replace=entry.get("delete_before_replace", False),
        provider=_urn(entry["provider"]) if "provider" in entry else "",
    )


def _urn(name: str) -> str:
    return f"urn:pulumi:example::shop::any::{name}"
