"""``env/*.env.example``: every variable of a container, and where a value comes from that is not the same for all."""

from collections.abc import Iterator
from itertools import chain

from workbench.local_dev.model import LocalPlatform, Part
from workbench.local_dev.values import FilledIn, Known, Random, Variable


def environment_example_text(platform: LocalPlatform, part: Part) -> str:
    """Return an example's text, without the line that says what writes it."""
    is_filled_in = any(isinstance(variable.value, FilledIn) for variable in part.variables)
    hint = (
        ["# Compose replaces $NAME in a value and ends it at #, but not between single quotes."] if is_filled_in else []
    )
    return "\n".join((*hint, *chain.from_iterable(_lines(platform, variable) for variable in part.variables), ""))


def _lines(platform: LocalPlatform, variable: Variable) -> Iterator[str]:
    match variable.value:
        case Known(text):
            yield f"{variable.name}={text}"
        case Random(secret):
            yield f"# Made by `{platform.name} dev env`, for this machine alone: {secret}."
            yield f"{variable.name}="
        case FilledIn(source):
            yield f"# From {source}."
            yield f"{variable.name}="
