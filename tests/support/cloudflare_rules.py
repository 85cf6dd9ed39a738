"""The part of Cloudflare's rules language that the components write, interpreted ("Rules language", Ruleset Engine)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

ORDER = (
    "http_request_dynamic_redirect",
    "http_request_cache_settings",
    "http_request_firewall_custom",
    "http_ratelimit",
    "http_request_firewall_managed",
)
"""The order of the phases, as far as skipping needs it."""

_TOKEN = re.compile(r'\s*(?:(?P<text>"[^"]*")|(?P<word>[A-Za-z_][\w.]*(?:\["[^"]*"\](?:\[\*\])?)?)|(?P<sign>[(){},]))')


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as rules see it."""

    host: str
    path: str
    query: str = ""
    method: str = "GET"
    tls: bool = True
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def like(self, **changes: Any) -> "Request":
        """Return the same request but for the changes."""
        return replace(self, **changes)

    def value(self, name: str) -> Any:
        """Return a field by its name in the language."""
        if (header := re.fullmatch(r'http\.request\.headers\["([^"]+)"\]\[\*\]', name)) is not None:
            return list(self.headers.get(header[1], ()))
        return {
            "ssl": self.tls,
            "http.host": self.host,
            "http.request.method": self.method,
            "http.request.uri.path": self.path,
            "http.request.uri.query": self.query,
        }[name]


def matching(rules_by_phase: Mapping[str, Sequence[Mapping[str, Any]]], request: Request) -> set[str]:
    """Return the refs of the rules that act on a request, phase by phase; a skip ends what it names."""
    found: set[str] = set()
    skipped: set[str] = set()
    for phase in ORDER:
        if phase in skipped:
            continue
        for rule in rules_by_phase[phase]:
            if not matches(rule["expression"], request):
                continue
            found.add(rule["ref"])
            if rule["action"] == "skip":
                skipped.update(rule["actionParameters"]["phases"])
                break
    return found


def matches(expression: str, request: Request) -> bool:
    """Tell whether an expression is true of a request.

    Raises:
        ValueError: for what is not of this part of the language.
    """
    parser = _Parser(_tokens(expression), request)
    value = parser.disjunction()
    if parser.rest():
        raise ValueError(f"{expression}: what follows {parser.rest()[0]!r} is not understood")
    return value


def _tokens(expression: str) -> list[str]:
    found: list[str] = []
    position = 0
    while position < len(expression.rstrip()):
        token = _TOKEN.match(expression, position)
        if token is None:
            raise ValueError(f"{expression[position:]}: not understood")
        found.append(token[0].strip())
        position = token.end()
    return found


class _Parser:
    """Both sides of every operator are read, whichever of them decides."""

    def __init__(self, tokens: list[str], request: Request) -> None:
        self._tokens = tokens
        self._request = request
        self._functions: Mapping[str, Callable[[], Any]] = {"starts_with": self._starts_with, "any": self._any}

    def rest(self) -> list[str]:
        return self._tokens

    def disjunction(self) -> bool:
        value = self._conjunction()
        while self._take("or"):
            value = self._conjunction() or value
        return value

    def _conjunction(self) -> bool:
        value = self._negation()
        while self._take("and"):
            value = self._negation() and value
        return value

    def _negation(self) -> bool:
        return not self._negation() if self._take("not") else self._term()

    def _term(self) -> bool:
        if self._take("("):
            value = self.disjunction()
            self._expect(")")
            return value
        name = self._tokens.pop(0)
        if name in self._functions:
            return self._functions[name]()
        return self._compared(self._request.value(name))

    def _compared(self, value: Any) -> Any:
        if self._take("eq"):
            wanted = self._text()
            return [one == wanted for one in value] if isinstance(value, list) else value == wanted  # pyright: ignore[reportUnknownVariableType]
        if self._take("in"):
            self._expect("{")
            members: list[str] = []
            while not self._take("}"):
                members.append(self._text())
            return value in members
        return value

    def _starts_with(self) -> bool:
        self._expect("(")
        value = self._request.value(self._tokens.pop(0))
        self._expect(",")
        beginning = self._text()
        self._expect(")")
        return value.startswith(beginning)

    def _any(self) -> bool:
        self._expect("(")
        values: Any = self._term()
        self._expect(")")
        return any(values)

    def _text(self) -> str:
        token = self._tokens.pop(0)
        if not token.startswith('"'):
            raise ValueError(f"{token}: a text is wanted")
        return token[1:-1]

    def _take(self, token: str) -> bool:
        if self._tokens[:1] != [token]:
            return False
        del self._tokens[0]
        return True

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise ValueError(f"{token!r} is wanted before {self._tokens[:1]}")
