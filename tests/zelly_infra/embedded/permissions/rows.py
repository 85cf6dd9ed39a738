"""A row of the table of who may do what, and what it asks in each environment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.support.iam_decisions import Decision, Request
from tests.zelly_infra.embedded.permissions.account import Place, principal


@dataclass(frozen=True, kw_only=True)
class Row:
    """One answer that AWS has to give.

    Texts are templates of :attr:`Place.names`; ``{other}`` is the other environment's, ``{each}`` the role of
    ``on_roles`` that it is about, and ``{service}`` the service or host whose role asks.
    """

    who: tuple[str, ...]
    """Roles by short name, ``*`` for any text; or an AWS service or GitHub's provider."""
    action: str
    resource: str
    decision: Decision
    context: Mapping[str, str] = field(default_factory=dict[str, str])
    on_roles: str | None = None
    """Which roles ``{each}`` stands for, one after the other."""

    def __str__(self) -> str:
        """Name the row in a test's name."""
        circumstances = [f"{key}={value}" for key, value in self.context.items()]
        return " ".join([",".join(self.who), self.action, self.on_roles or self.resource, *circumstances])

    def requests(self, place: Place, other: Place) -> Iterator[Request]:
        """Iterate over the requests of one environment that the row is about."""
        for name, asking in self._asking(place):
            service = name.removesuffix("-task").removesuffix("-execution")
            for each in place.matching(self.on_roles).values() if self.on_roles else ("",):
                names = {**place.names, "other": Others(other.names), "service": service, "each": each}
                usual = {"aws:RequestedRegion": "{region}", "aws:SecureTransport": "true"}
                context = {key: value.format_map(names) for key, value in {**usual, **self.context}.items() if value}
                resource = self.resource.format_map(names)
                yield Request(principal=principal(asking), action=self.action, resource=resource, context=context)

    def _asking(self, place: Place) -> Iterator[tuple[str, str]]:
        outside = [who for who in self.who if who.endswith(".amazonaws.com") or who.startswith("arn:")]
        yield from ((who, who) for who in outside)
        yield from place.matching(*[who for who in self.who if who not in outside]).items()


class Others:
    """The other environment's names, as ``{other.secret[…]}``."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self._names = names

    def __getattr__(self, name: str) -> object:
        return self._names[name]


def rows(
    decision: Decision, *entries: tuple[str, str, str] | tuple[str, str, str, Mapping[str, str]]
) -> tuple[Row, ...]:
    """Return rows of one answer: who (separated by blanks), action, resource and, if it matters, the circumstances."""
    return tuple(
        Row(
            who=tuple(entry[0].split()),
            action=entry[1],
            resource=entry[2],
            decision=decision,
            context=entry[3] if len(entry) == 4 else {},
        )
        for entry in entries
    )
