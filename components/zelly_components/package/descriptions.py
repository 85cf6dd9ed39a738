"""Descriptions in Markdown, taken from docstrings."""

import ast
import functools
import inspect
import re
import sys
import textwrap
from collections.abc import Mapping

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
