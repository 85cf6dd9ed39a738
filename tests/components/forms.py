"""The data forms of verbs: what both make has to be the same."""

from collections.abc import Callable, Mapping
from typing import Any

from workbench.evaluate import evaluate

Made = Mapping[tuple[str, str], Mapping[str, Any]]
"""Inputs by type and logical name."""


def made(program: Callable[[], object]) -> Made:
    """Return what a program makes below its components."""

    def run() -> None:
        program()

    return {(resource.type, resource.name): resource.inputs for resource in evaluate(run).resources if resource.custom}


def assert_form_makes_what_the_verb_makes(
    verb: Callable[[], object], form: Callable[[], object], *, number: int
) -> None:
    """Compare two programs, and count what they make."""
    by_verb, by_form = made(verb), made(form)
    assert by_form == by_verb
    assert len(by_form) == number
