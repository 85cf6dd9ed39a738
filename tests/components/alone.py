"""Run in an environment that holds the components' wheel and its dependencies alone: import and construct everything.

Prints, as JSON, the modules that were imported, the components whose example was run under mocks that only echo the
inputs, and what went wrong. Takes the folder of the packages as its argument.
"""

import contextvars
import importlib
import inspect
import json
import pkgutil
import sys
import textwrap
from types import ModuleType
from typing import Any, cast

sys.path.insert(0, sys.argv[1])

import pulumi


class Echo(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", cast(dict[Any, Any], args.inputs)  # pyright: ignore[reportUnknownMemberType] (the SDK leaves it untyped)

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:  # noqa: ARG002 (the interface's own name)
        return {}


def modules() -> list[ModuleType]:
    package = importlib.import_module("zelly_components")
    names = [found.name for found in pkgutil.walk_packages(package.__path__, "zelly_components.")]
    return [package, *(importlib.import_module(name) for name in names)]


def examples(found: list[ModuleType]) -> dict[str, str]:
    """Return the code below ``Example::`` in the docstrings of classes, by the class' name."""
    texts: dict[str, str] = {}
    for module in found:
        for name, member in vars(module).items():
            if inspect.isclass(member) and member.__module__ == module.__name__:
                _, _, code = (inspect.getdoc(member) or "").partition("Example::\n")
                texts |= {name: textwrap.dedent(code)} if code else {}
    return texts


def construct(code: str) -> None:
    def program() -> None:
        exec(code, {"__name__": "example"})  # noqa: S102 (the components' own examples)

    def run() -> None:
        pulumi.runtime.set_mocks(Echo(), preview=False)
        pulumi.runtime.test(program)()  # pyright: ignore[reportUnknownMemberType] (the SDK leaves it untyped)

    contextvars.Context().run(run)


def main() -> None:
    found = modules()
    failures: dict[str, str] = {}
    for name, code in examples(found).items():
        try:
            construct(code)
        except Exception as error:
            failures[name] = f"{type(error).__name__}: {error}"
    names = [module.__name__ for module in found]
    json.dump({"modules": names, "examples": list(examples(found)), "failures": failures}, sys.stdout)


main()
