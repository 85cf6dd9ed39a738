"""Words that operators type: nouns and verbs, and before them a program's name or the workbench's own.

The command line says once, as it starts, which word that is; texts that name a command take it from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_PLACEHOLDER = "PROGRAM"

WORKBENCH = "workbench"
"""The command of any program."""

_words: list[str] = []


def call_by(word: str) -> None:
    """Take a word for the one that is typed, instead of an earlier one."""
    _words[:] = [word]


def is_called() -> bool:
    """Tell whether the word is known."""
    return bool(_words)


def word() -> str:
    """Return the word that is typed."""
    return _words[0] if _words else WORKBENCH


def command(*words: str) -> str:
    """Return a command as it is typed: ``command("secrets push", file)``."""
    return " ".join([word(), *words])


def named(text: str) -> str:
    """Return a fixed text with its commands as they are typed.

    ``PROGRAM`` stands in it for the word, ``PROGRAM_STACK`` for an environment variable: what is written down before
    the word is known, such as a docstring, can give them no other name.
    """
    return text.replace(f"{_PLACEHOLDER}_", variable("")).replace(_PLACEHOLDER, word())


def variable(name: str) -> str:
    """Return an environment variable of the command's, e.g. ``SHOP_STACK``."""
    return f"{word()}_{name}".upper().replace("-", "_").replace(".", "_")


@dataclass(frozen=True)
class Verb:
    """A command, which is imported when it is typed."""

    module: str
    """Holds it, by its name, in ``app``, a ``typer.Typer``."""
    help: str
    """The first paragraph of the command's own docstring, for lists of commands."""


@dataclass(frozen=True)
class Noun:
    """A group of commands."""

    help: str
    verbs: Mapping[str, Verb]
    default: str | None = None
    """The verb that is meant where none is typed."""
