"""Policy documents that ``aws.iam.get_policy_document`` makes of its arguments alone, as the AWS provider does.

It needs no account, so that a plan has the document itself and not a placeholder. The order of members and values is
the provider's (``internal/service/iam/policy_document_data_source.go`` and ``policy_model.go`` of
hashicorp/terraform-provider-aws).
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

_VERSION = "2012-10-17"
_WITHOUT_VARIABLES = "2008-10-17"
_LISTS = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
_PRINCIPALS = {"principals": "Principal", "notPrincipals": "NotPrincipal"}
_STATEMENT = ("sid", "effect", *_LISTS, *_PRINCIPALS, "conditions")
_WITH_VARIABLES = ("resources", "notResources")
"""The lists in which ``&{`` stands for the ``${`` of a policy variable; principals and conditions know it too."""

_SNAKE = re.compile(r"_(\w)")

# What Go's encoder escapes in every text.
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def policy_document(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outputs ``json`` and ``minifiedJson``.

    Raises:
        ValueError: for what the provider refuses too.
    """
    version = arguments.get("version") or _VERSION
    if version not in (_VERSION, _WITHOUT_VARIABLES):
        raise ValueError(f"version: came {version}; allowed: {_WITHOUT_VARIABLES}, {_VERSION}")
    own: dict[str, Any] = {"Version": version}
    if policy_id := arguments.get("policyId"):
        own["Id"] = policy_id
    own["Statement"] = [
        _statement(statement, version, where=f"statements[{position}]")
        for position, statement in enumerate(arguments.get("statements") or [])
    ]
    _check_sids(own["Statement"], "statements")
    sources = _parsed(arguments.get("sourcePolicyDocuments"), "sourcePolicyDocuments")
    _check_sids([statement for source in sources for statement in source["Statement"]], "sourcePolicyDocuments")
    overrides = _parsed(arguments.get("overridePolicyDocuments"), "overridePolicyDocuments")
    merged: dict[str, Any] = {"Version": "", "Id": "", "Statement": []}
    for document in [*sources, own, *overrides]:
        _merge(merged, document)
    filled = {key: value for key, value in merged.items() if value}
    return {"json": _escaped(json.dumps(filled, indent=2, ensure_ascii=False)), "minifiedJson": _minified(filled)}


def _minified(document: Mapping[str, Any]) -> str:
    return _escaped(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def _escaped(text: str) -> str:
    return text.translate(str.maketrans(_ESCAPED))


def _statement(given: Mapping[str, Any], version: str, *, where: str) -> dict[str, Any]:
    # The SDK hands on the keys of a plain dict as they are, and the provider understands not_actions too.
    statement = {_SNAKE.sub(lambda match: match[1].upper(), key): value for key, value in given.items()}
    if unknown := [key for key in statement if key not in _STATEMENT]:
        raise ValueError(f"{where}.{unknown[0]}: unknown key; allowed: {', '.join(_STATEMENT)}")
    made: dict[str, Any] = {}
    if statement.get("sid"):
        made["Sid"] = statement["sid"]
    made["Effect"] = statement.get("effect") or "Allow"
    for key, name in _LISTS.items():
        if values := statement.get(key):
            replaced = _with_variables(values, version, where) if key in _WITH_VARIABLES else values
            made[name] = _one_or_sorted(replaced)
    for key, name in _PRINCIPALS.items():
        if principals := statement.get(key):
            made[name] = _principals(principals, version, where)
    if conditions := statement.get("conditions"):
        made["Condition"] = _conditions(conditions, version, where)
    return made


def _with_variables(values: Iterable[str], version: str, where: str) -> list[str]:
    if version == _WITHOUT_VARIABLES and (found := [value for value in values if "&{" in value]):
        raise ValueError(f"{where}: came {found[0]}; policy variables need version {_VERSION}")
    return [value.replace("&{", "${") for value in values]


def _one_or_sorted(values: Iterable[str]) -> Any:
    """Return the only value by itself; several as the set that the provider takes them for, in descending order."""
    unique = sorted(set(values), reverse=True)
    return unique[0] if len(unique) == 1 else unique


def _principals(principals: Iterable[Mapping[str, Any]], version: str, where: str) -> Any:
    by_type: dict[str, Any] = {}
    for principal in principals:
        kind, found = principal["type"], _one_or_sorted(_with_variables(principal["identifiers"], version, where))
        former = by_type.get(kind)
        if former is None:
            by_type[kind] = found
        else:
            by_type[kind] = [*_as_list(former), *_as_list(found)]
    if by_type == {"*": "*"}:
        return "*"
    return dict(sorted(by_type.items()))


def _conditions(conditions: Iterable[Mapping[str, Any]], version: str, where: str) -> dict[str, Any]:
    tests: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        values = _with_variables(condition["values"], version, where)
        tests.setdefault(condition["test"], {}).setdefault(condition["variable"], []).extend(values)
    return {
        test: {name: values[0] if len(values) == 1 else values for name, values in sorted(variables.items())}
        for test, variables in sorted(tests.items())
    }


def _as_list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _parsed(texts: Iterable[str] | None, source: str) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = []
    for position, text in enumerate(texts or []):
        try:
            document = json.loads(text)
        except ValueError as error:
            raise ValueError(f"{source}[{position}]: not JSON: {error}") from None
        if not isinstance(document, dict):
            raise ValueError(f"{source}[{position}]: came {text[:60]}; a policy document is required")
        found = cast("dict[str, Any]", document)
        documents.append({**found, "Statement": _as_list(found.get("Statement", []))})
    return documents


def _check_sids(statements: Iterable[Mapping[str, Any]], source: str) -> None:
    seen: set[str] = set()
    for statement in statements:
        sid = statement.get("Sid")
        if sid and sid in seen:
            raise ValueError(f"{source}: Sid {sid} occurs twice")
        seen.add(sid or "")


def _merge(merged: dict[str, Any], document: Mapping[str, Any]) -> None:
    """Add a document to what is merged: its statements replace those of the same Sid."""
    merged["Id"] = document.get("Id") or merged["Id"]
    merged["Version"] = max(merged["Version"], document.get("Version", ""))
    for statement in document["Statement"]:
        positions = [
            position
            for position, existing in enumerate(merged["Statement"])
            if statement.get("Sid") and existing.get("Sid") == statement["Sid"]
        ]
        if positions:
            merged["Statement"][positions[0]] = statement
        else:
            merged["Statement"].append(statement)
