"""Documents of Run Command: the check of parameters against them, and the script that comes of both. Pure functions.

As "Data elements and parameters" in the Systems Manager User Guide has it: a parameter is one of ``allowedValues``, or
matches ``allowedPattern``, and stands in the script wherever ``{{ name }}`` does.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLACE = re.compile(r"\{\{ *([A-Za-z0-9_]+) *\}\}")


def problem(content: Mapping[str, Any], given: Mapping[str, Sequence[str]]) -> str | None:
    """Return why Run Command refuses parameters, or None when it takes them."""
    declared: Mapping[str, Mapping[str, Any]] = content.get("parameters", {})
    unknown = [name for name in given if name not in declared]
    if unknown:
        return f"{', '.join(unknown)}: the document has no such parameter"
    for name, rule in declared.items():
        values = given.get(name)
        if values is None and "default" in rule:
            continue
        if not values:
            return f"{name}: the document requires it"
        if bad := [value for value in values if not _is_taken(rule, value)]:
            allowed = rule.get("allowedValues") or rule.get("allowedPattern")
            return f"{name}: came {bad[0]!r}; allowed: {allowed}"
    return None


def _is_taken(rule: Mapping[str, Any], value: str) -> bool:
    if "allowedValues" in rule:
        return value in rule["allowedValues"]
    return "allowedPattern" not in rule or re.search(rule["allowedPattern"], value) is not None


def script(content: Mapping[str, Any], given: Mapping[str, Sequence[str]]) -> str:
    """Return the shell script of a document's ``aws:runShellScript`` steps, with the parameters in their places."""
    declared: Mapping[str, Mapping[str, Any]] = content.get("parameters", {})
    values = {name: str(rule.get("default", "")) for name, rule in declared.items()}
    values |= {name: each[0] for name, each in given.items()}
    lines: list[str] = [
        line
        for step in content.get("mainSteps", ())
        if step.get("action") == "aws:runShellScript"
        for line in step["inputs"]["runCommand"]
    ]
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), "\n".join(lines))
