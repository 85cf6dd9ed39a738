"""Examples as programs in YAML."""

from collections.abc import Iterable, Mapping
from typing import Any

from tools.package.capture import Made, Reference, Secret, Tree
from workbench.local_dev.yaml_text import yaml_text
from zelly_components.base import PACKAGE


def resources(made: Iterable[Made]) -> Mapping[str, Any]:
    """Return the resources of a program, by their names."""
    return {
        each.name: {
            "type": f"{PACKAGE}:{each.component}",
            "properties": {key: value_of(value) for key, value in each.arguments.items()},
        }
        for each in made
    }


def text(made: Iterable[Made]) -> str:
    """Return the part of a program that makes the components."""
    return yaml_text({"resources": resources(made)})


def value_of(value: Tree) -> Any:
    """Return a value of an argument as YAML has it."""
    match value:
        case Reference(name=name, path=path):
            steps = "".join(
                f"[{step}]" if isinstance(step, int) else _key(step, first=not at) for at, step in enumerate(path)
            )
            return f"${{{name}.{steps}}}"
        case Secret(value=secret):
            return {"fn::secret": secret}
        case dict():
            return {key: value_of(each) for key, each in value.items()}
        case list():
            return [value_of(each) for each in value]
        case _:
            return value


def _key(step: str, *, first: bool) -> str:
    return step if first else f'["{step}"]'
