"""Reads policy documents: JSON text whose statements may be one or many, and each of whose lists may be one value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from workbench.review.rules.model import Resource


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement, its lists always lists."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    """Each as text, whatever its kind; ``*`` is everybody."""
    federated: bool
    conditions: Mapping[str, Mapping[str, Any]]

    @property
    def condition_keys(self) -> set[str]:
        """Return what its conditions compare, in lower case: IAM does not tell keys by their case."""
        return {key.lower() for tests in self.conditions.values() for key in tests}


def statements(resource: Resource, path: str = "policy") -> Iterator[Statement]:
    """Yield the statements of the document at a path; none where it is not known yet."""
    document: Mapping[str, Any] = resource.document(path) or {}
    for number, raw in enumerate(_list(document.get("Statement")), start=1):
        principals = raw.get("Principal")
        kinds: Mapping[str, Any] = cast(Mapping[str, Any], principals) if isinstance(principals, Mapping) else {}
        named = _list(principals) if not kinds else [each for kind in kinds.values() for each in _list(kind)]
        yield Statement(
            sid=raw.get("Sid") or f"statement {number}",
            allows=raw.get("Effect") == "Allow",
            actions=tuple(_list(raw.get("Action"))),
            resources=tuple(_list(raw.get("Resource"))),
            principals=tuple(named),
            federated="Federated" in kinds,
            conditions=raw.get("Condition") or {},
        )


def denies_plaintext(resource: Resource, path: str = "policy") -> bool:
    """Tell whether a policy denies everybody what comes without TLS."""
    return any(
        not statement.allows
        and "*" in statement.principals
        and f"{statement.conditions.get('Bool', {}).get('aws:SecureTransport')}".lower() == "false"
        for statement in statements(resource, path)
    )


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return cast(list[Any], value) if isinstance(value, list) else [value]
