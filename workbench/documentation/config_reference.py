"""``docs/reference/config.md``: every key of a stack file, from the models that read it.

What is allowed stands in the words of the error messages, what a key means in the models' own docstrings.
"""

import ast
import inspect
import itertools
import json
import textwrap
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, cast, get_args

from workbench.cli.shared.program import current_program
from workbench.config.errors import Schema, Schemas, item_schema
from workbench.config.section import Section
from workbench.config.stack_file import read_stack_file, stack_names
from workbench.documentation.project import ROOT

PROGRAM = current_program()
KEY = PROGRAM.config_key
MODEL: type[Section] = PROGRAM.config_type()
SCHEMAS = Schemas(MODEL)
STACKS = stack_names(ROOT)
_EACH = "NAME"
"""Stands in a path for the names that a stack file gives itself."""

_INTRODUCTION = f"""\
# The keys of a stack file

<!-- written by make docs from {MODEL.__module__.replace(".", "/")}.py and the modules of its sections -->

`Pulumi.STACK.yaml` holds one structured key, `{KEY}`. Every key below it has to be there, and no other: no value is
inherited or has a default, except where "may be left out" is said. `{_EACH}` stands for a name that the file gives.
The last column tells where the stacks differ.
"""


def page() -> str:
    """Return the page."""
    files = {stack: read_stack_file(PROGRAM, stack, ROOT) for stack in STACKS}
    values = {stack: json.loads(file.config[KEY]) for stack, file in files.items()}
    return "\n".join([_INTRODUCTION, *_section(MODEL, (), values)]).rstrip() + "\n"


def _section(model: type[Section], path: tuple[str, ...], values: Mapping[str, Any]) -> Iterator[str]:
    yield f"## `{'.'.join(path)}`\n" if path else f"## `{KEY}`\n"
    yield f"{inspect.getdoc(model)}\n"
    meanings = docstrings(model)
    inner = {name: _inner(model, name) for name in model.model_fields}
    rows = [
        _row((*path, name), meanings.get(name, ""), values, required=field.is_required())
        for name, field in model.model_fields.items()
        if inner[name] is None
    ]
    if rows:
        yield "\n".join([f"| key | allowed | meaning | {', '.join(STACKS)} |", "|---|---|---|---|", *rows, ""])
    for name, nested in inner.items():
        if nested is not None:
            section, repeated = nested
            if meanings.get(name):
                yield f"`{'.'.join((*path, name))}`: {_cell(meanings[name])}\n"
            yield from _section(section, (*path, name, *([_EACH] if repeated else [])), values)


def _row(path: tuple[str, ...], meaning: str, values: Mapping[str, Any], *, required: bool) -> str:
    schema = SCHEMAS.at(tuple("0" if part == _EACH else part for part in path))
    allowed = _allowed(schema) + ("" if required else "; may be left out")
    return f"| `{path[-1]}` | {_cell(allowed)} | {_cell(meaning)} | {_difference(path, values)} |"


def _allowed(schema: Schema) -> str:
    """Return what a key takes: of a mapping or a list, also what it holds."""
    schema = SCHEMAS.resolved(schema)
    if "description" in schema or "properties" in schema:
        return SCHEMAS.describe(schema)
    if schema.get("type") == "object":
        return f"a mapping from names to {SCHEMAS.describe(item_schema(schema))}"
    if schema.get("type") == "array":
        return f"a list of: {SCHEMAS.describe(item_schema(schema))}"
    return SCHEMAS.describe(schema)


def _inner(model: type[Section], name: str) -> tuple[type[Section], bool] | None:
    """Return the model of a key that holds a section, and whether it holds one per name or place in a list."""
    annotation: Any = model.model_fields[name].annotation
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation, False
    for held in get_args(annotation):
        if isinstance(held, type) and issubclass(held, Section):
            # A section or null holds one; a list or a mapping of sections holds them by place or name.
            return held, not isinstance(annotation, UnionType)
    return None


def docstrings(model: type[Section]) -> dict[str, str]:
    """Return the docstrings of a model's fields, which Python itself does not keep."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    statements = cast("ast.ClassDef", body).body
    found: dict[str, str] = {}
    for field, after in itertools.pairwise(statements):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found


def _difference(path: tuple[str, ...], values: Mapping[str, Any]) -> str:
    found = {stack: dict(_at(value, path)) for stack, value in values.items()}
    lines: list[str] = []
    for label in dict.fromkeys(label for each in found.values() for label in each):
        written = [_value(each.get(label)) if label in each else "absent" for each in found.values()]
        if len(set(written)) > 1:
            lines.append(f"{label + ': ' if label else ''}{', '.join(written)}")
    return "<br>".join(lines)


def _at(value: Any, path: tuple[str, ...], label: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values at a path: one for each name that stands in the place of ``NAME``."""
    if not path:
        yield label, value
        return
    part, rest = path[0], path[1:]
    if part == _EACH:
        items = enumerate(cast("list[Any]", value)) if isinstance(value, list) else value.items()
        for name, held in items:
            yield from _at(held, rest, f"{name}")
    elif value is not None and part in value:
        yield from _at(value[part], rest, label)


def _value(value: Any) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _cell(text: str) -> str:
    """Return a text as it may stand in a table: on one line, without what would end the cell."""
    return " ".join(text.replace("``", "`").replace("|", "\\|").split()).replace("<", "&lt;")
