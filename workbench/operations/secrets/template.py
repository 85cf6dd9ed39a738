"""The file that operators fill and push: every key of theirs, empty, beside who reads it. Nothing of it is from AWS."""

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.program import Program
from workbench.words import command


def template(program: Program[Any], *, is_owner: bool = True) -> Mapping[str, Mapping[str, str]]:
    """Return every secret of the operators with every key, empty.

    ``is_owner`` says whether the stack has what the account has once.
    """
    return {secret: dict.fromkeys(keys, "") for secret, keys in program.secrets.operators(is_owner=is_owner).items()}


def readers(program: Program[Any], secret: str, key: str) -> tuple[str, ...]:
    """Return who is given a key, services and others; where it has another name there, that one too."""
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
    other = program.secrets.hosts.get(secret)
    return (*found, *([] if other is None else [other]))


def template_text(program: Program[Any], stack: str, *, is_owner: bool = True) -> str:
    """Return the template as YAML, which ``secrets push`` reads and which has room for comments."""
    return "\n".join(_lines(program, stack, is_owner=is_owner)) + "\n"


def _lines(program: Program[Any], stack: str, *, is_owner: bool) -> Iterator[str]:
    push = command("secrets push")
    yield f"# What operators fill in {stack}, for `{push}`. Each value goes between its quotes; a line"
    yield r"# break in one, as in a private key, is \n. Take out what is to stay as it is: push refuses empty values."
    yield "# Filled, this file is for its owner's eyes alone, and for no repository."
    for secret, keys in program.secrets.operators(is_owner=is_owner).items():
        yield from ("", f"{secret}:")
        width = max(map(len, keys), default=0)
        for key in keys:
            read_by = ", ".join(readers(program, secret, key)) or "nobody"
            yield f'  {key}: ""{" " * (width - len(key))}  # read by {read_by}'
