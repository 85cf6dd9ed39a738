"""Commands in texts, by the word that the operator types: a program's name, or the workbench's own.

The command line says once, as it starts, which word that is.
"""

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


def variable(name: str) -> str:
    """Return an environment variable of the command's, e.g. ``SHOP_STACK``."""
    return f"{word()}_{name}".upper().replace("-", "_").replace(".", "_")
