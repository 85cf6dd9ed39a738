"""Examples as programs in TypeScript."""

import json
import re
from collections.abc import Iterable, Mapping

from tools.package.capture import Made, Reference, Secret, Tree

_WIDTH = 100
"""Up to which an object or a list stands on one line."""
IMPORTS = 'import * as pulumi from "@pulumi/pulumi";\nimport * as components from "@zelly/zelly-components";\n'


def text(made: Iterable[Made]) -> str:
    """Return the part of a program that makes the components."""
    variables = _variables([each.name for each in made])
    used = {reference for each in made for reference in _referred_to(dict(each.arguments))}
    statements = [
        f"{f'const {variables[each.name]} = ' if each.name in used else ''}"
        f'new components.{each.component}("{each.name}", {_value(dict(each.arguments), variables, 0)});'
        for each in made
    ]
    return "\n".join(statements) + "\n"


def _variables(names: Iterable[str]) -> Mapping[str, str]:
    """Return a variable for each name: ``shop-cache`` as ``shopCache``."""
    return {name: re.sub(r"[^A-Za-z0-9]+([a-z0-9])", lambda found: found[1].upper(), name) for name in names}


def _referred_to(value: Tree) -> Iterable[str]:
    match value:
        case Reference(name=name):
            yield name
        case dict():
            for each in value.values():
                yield from _referred_to(each)
        case list():
            for each in value:
                yield from _referred_to(each)
        case _:
            pass


def _value(value: Tree, variables: Mapping[str, str], depth: int) -> str:
    match value:
        case Reference(name=name, path=(output, *steps)):
            return f"{variables[name]}.{output}{''.join(f'[{json.dumps(step)}]' for step in steps)}"
        case Secret(value=secret):
            return f"pulumi.secret({json.dumps(secret)})"
        case dict():
            items = [f"{_key(key)}: {_value(each, variables, depth + 1)}" for key, each in value.items()]
            return _bracketed("{", items, "}", depth, is_open=depth == 0)
        case list():
            return _bracketed("[", [_value(each, variables, depth + 1) for each in value], "]", depth)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key) else json.dumps(key)


def _bracketed(before: str, items: list[str], after: str, depth: int, *, is_open: bool = False) -> str:
    line = f"{before}{', '.join(items)}{after}"
    if not items or (not is_open and len(line) + 4 * depth <= _WIDTH and "\n" not in line):
        return line
    margin = "    " * (depth + 1)
    return "\n".join([before, *(f"{margin}{item}," for item in items), f"{'    ' * depth}{after}"])
