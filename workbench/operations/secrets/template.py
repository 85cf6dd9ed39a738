"""The file that operators fill and push: every key of theirs, empty, beside who reads it. Nothing of it is from AWS."""

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.program import Program
from workbench.words import command


def template(program: Program[Any]) -> Mapping[str, Mapping[str, str]]:
    """Return every secret of the operators with every key, empty."""
    return {secret: dict.fromkeys(keys, "") for secret, keys in program.secrets.application.items()}


def readers(program: Program[Any], secret: str, key: str) -> tuple[str, ...]:
    """Return the services that are given a key; where it has another name there, that one too."""
    given = [
        *((service.name, each.secrets) for service in program.services for each in service.containers),
        *((unit.name, unit.secrets) for unit in program.units),
    ]
    found = {
        name if variable.name == key else f"{name} as {variable.name}": None
        for name, variables in given
        for variable in variables
        if (variable.secret, variable.key) == (secret, key)
    }
    return tuple(found)


def template_text(program: Program[Any], stack: str) -> str:
    """Return the template as YAML, which ``secrets push`` reads and which has room for comments."""
    return "\n".join(_lines(program, stack)) + "\n"


def _lines(program: Program[Any], stack: str) -> Iterator[str]:
    push = command("secrets push")
    yield f"# What operators fill in {stack}, for `{push}`. Each value goes between its quotes; a line"
    yield r"# break in one, as in a private key, is \n. Take out what is to stay as it is: push refuses empty values."
    yield "# Filled, this file is for its owner's eyes alone, and for no repository."
    for secret, keys in program.secrets.application.items():
        yield from ("", f"{secret}:")
        width = max(map(len, keys), default=0)
        for key in keys:
            read_by = ", ".join(readers(program, secret, key)) or "nobody"
            yield f'  {key}: ""{" " * (width - len(key))}  # read by {read_by}'
