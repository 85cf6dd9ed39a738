"""Wrappers of AWS that give one answer to each call, and know no other."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any


def answering(**answers: Any) -> Any:
    """Return a wrapper with these methods: an answer that is an error is raised, one that can be called is called."""
    return SimpleNamespace(**{name: _method(answer) for name, answer in answers.items()})


def _method(answer: Any) -> Callable[..., Any]:
    def method(*arguments: Any, **_: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer(*arguments) if callable(answer) else answer

    return method
