"""Descriptions in Markdown, taken from docstrings."""

import ast
import functools
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

EXAMPLES_FILE = Path(__file__).with_name("examples.json")
"""The examples in other languages, by component and language. They are written from those in Python."""
_EXAMPLE = "Example::"
_ROLE = re.compile(r":(?:class|meth|func|attr|data|mod):`~?(?:[\w.]+\.)?([\w.]+)`")


def description(documented: type) -> str:
    """Return what a class' docstring says, without its example in Python."""
    before, _, after = (inspect.getdoc(documented) or "").partition(_EXAMPLE)
    # What is indented below the heading is the example; what follows it is text again.
    rest = re.sub(r"\A\n(?:(?:[ \t].*)?\n)*", "", f"{after}\n") if after else ""
    return markdown(f"{before.rstrip()}\n\n{rest}")


def example(component: type) -> str:
    """Return the program in Python below ``Example::``."""
    _, _, after = (inspect.getdoc(component) or "").partition(f"{_EXAMPLE}\n")
    lines = after.splitlines()
    end = next((index for index, line in enumerate(lines) if line and not line.startswith(" ")), len(lines))
    return textwrap.dedent("\n".join(lines[:end])).strip()


def examples(component: type) -> str:
    """Return a component's examples as the generated documentation of each language takes them.

    Pulumi's schema reference, "Example Usage": each language's documentation shows its own block.
    """
    programs = _examples().get(component.__name__, {})
    blocks = [f"```{language}\n{program.rstrip()}\n```" for language, program in programs.items()]
    before, after = "{{% examples %}}\n## Example Usage\n{{% example %}}", "{{% /example %}}\n{{% /examples %}}"
    return "\n".join([before, *blocks, after]) if blocks else ""


@functools.cache
def _examples() -> Mapping[str, Mapping[str, str]]:
    return json.loads(EXAMPLES_FILE.read_text(encoding="utf-8")) if EXAMPLES_FILE.exists() else {}


@functools.cache
def field_descriptions(documented: type) -> Mapping[str, str]:
    """Return the text below each field of a class, its ancestors' included, by the field's name."""
    found: dict[str, str] = {}
    for each in reversed(documented.__mro__):
        if each.__module__.startswith("zelly_components."):
            found |= _of_module(each.__module__).get(each.__name__, {})
    return found


def markdown(text: str) -> str:
    """Return reStructuredText as Markdown, as far as docstrings use it."""
    return _ROLE.sub(r"`\1`", text.replace("``", "`").replace("::\n", ":\n")).strip()


@functools.cache
def _of_module(module: str) -> Mapping[str, Mapping[str, str]]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _of_class(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _of_class(node: ast.ClassDef) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for statement, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            found[statement.target.id] = markdown(inspect.cleandoc(below.value.value))
    return found
