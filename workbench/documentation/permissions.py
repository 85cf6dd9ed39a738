"""Who may do what, read off the policies of all stacks: the tables between the markers in docs/permissions.md."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from workbench.documentation.evaluations import STACKS, evaluated
from workbench.documentation.project import DOCS
from workbench.evaluate import Evaluation, RecordedResource
from workbench.placeholders import Reference, filled

DOCUMENT = DOCS / "permissions.md"
BEGIN = "<!-- from the policies of both stacks; written by make docs -->"
END = "<!-- end of what is written from the policies -->"

HEADINGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aws:iam/rolePolicy:RolePolicy": ("What roles may do", ("role", "may", "on", "if")),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("AWS's own policies", ("role", "has")),
    "aws:iam/role:Role": ("Who becomes a role", ("role", "is assumed by", "if")),
    "": ("What resources say themselves", ("resource", "", "who", "to", "if")),
}
"""By resource type, what it adds to which table; every other type with a policy is a resource that guards itself."""


@dataclass(frozen=True, kw_only=True, order=True)
class Line:
    """One statement as a line of a table."""

    table: str
    """A key of :data:`HEADINGS`."""
    cells: tuple[str, ...]


def lines(evaluation: Evaluation) -> set[Line]:
    """Return a stack's statements, its own name and region written as ``ENV`` and ``REGION``."""
    names = {resource.name: resource for resource in evaluation.custom()}
    region = evaluation.one("pulumi:providers:aws").inputs["region"]

    def plain(text: str) -> str:
        named = filled(text, lambda found: _named(names, found))
        return named.replace(evaluation.stack, "ENV").replace(region, "REGION")

    return {
        Line(table=line.table, cells=tuple(plain(cell) for cell in line.cells))
        for resource in evaluation.custom()
        for line in _lines_of(resource)
    }


def render(by_stack: Mapping[str, set[Line]]) -> str:
    """Return the tables as they stand in the document, markers included."""
    tables = [
        "\n".join([f"## {heading}", "", *_table(token, columns, by_stack), ""])
        for token, (heading, columns) in HEADINGS.items()
    ]
    return "\n".join([BEGIN, "", *tables, END])


def written_into(document: str) -> str:
    """Return the document with the tables between its markers replaced.

    Raises:
        ValueError: when a marker is missing.
    """
    if BEGIN not in document or END not in document:
        raise ValueError(f"docs/permissions.md: needs the two marker lines {BEGIN} and {END}")
    before, _, rest = document.partition(BEGIN)
    return before + render({stack: lines(evaluated(stack)) for stack in STACKS}) + rest.partition(END)[2]


def whose(stacks: Collection[str], of: Collection[str]) -> str:
    """Return in words which of all stacks have something."""
    if len(stacks) < len(of):
        return ", ".join(stacks)
    return "both" if len(of) == 2 else "all"


def _table(token: str, columns: tuple[str, ...], by_stack: Mapping[str, set[Line]]) -> Iterator[str]:
    yield f"| {' | '.join([*columns, 'stacks'])} |"
    yield "|---" * (len(columns) + 1) + "|"
    for line in sorted({line for found in by_stack.values() for line in found if line.table == token}):
        stacks = [stack for stack, found in by_stack.items() if line in found]
        yield f"| {' | '.join([*line.cells, whose(stacks, by_stack)])} |"


def _lines_of(resource: RecordedResource) -> Iterator[Line]:
    if resource.type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
        yield Line(table=resource.type, cells=(f"`{resource.inputs['role']}`", f"`{resource.inputs['policyArn']}`"))
    for statement in _statements(resource):
        condition = _conditions(statement.get("Condition", {}))
        actions, on = _listed(statement["Action"]), _listed(statement.get("Resource", []))
        who = _listed([who for named in statement.get("Principal", {}).values() for who in _as_list(named)])
        match resource.type:
            case "aws:iam/rolePolicy:RolePolicy":
                yield Line(table=resource.type, cells=(f"`{resource.inputs['role']}`", actions, on, condition))
            case "aws:iam/role:Role":
                yield Line(table=resource.type, cells=(f"`${{{resource.name}.name}}`", who, condition))
            case _:
                guarded = f"`${{{resource.name}.arn}}`" if on == "`*`" else on
                yield Line(table="", cells=(guarded, statement["Effect"].lower(), who, actions, condition))


def _statements(resource: RecordedResource) -> Iterator[Mapping[str, Any]]:
    for value in resource.inputs.values():
        if isinstance(value, str) and '"Statement"' in value:
            yield from json.loads(value)["Statement"]


def _conditions(conditions: Mapping[str, Mapping[str, Any]]) -> str:
    return "<br>".join(
        f"{operator} `{key}`: {_listed(values)}"
        for operator, keys in sorted(conditions.items())
        for key, values in sorted(keys.items())
    )


def _listed(values: Any) -> str:
    return "<br>".join(f"`{value}`" for value in _as_list(values))


def _as_list(values: Any) -> list[str]:
    return cast("list[str]", values) if isinstance(values, list) else [values]


def _named(names: Mapping[str, RecordedResource], found: Reference) -> str:
    """Return what an operator calls a resource, for the placeholder of one of its properties."""
    name = found.name
    resource = names.get(name)
    # What another stack owns is looked up, and called by its kind and name.
    if resource is None:
        return name
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", resource.type.rsplit(":", 1)[1]).lower()
    own = resource.inputs.get("name", name)
    return own if found.output == "name" else f"{kind} {own}"
