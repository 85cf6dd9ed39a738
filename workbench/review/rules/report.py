"""The findings of the rules in a stack, and those that are excepted."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from workbench.review.rules.exceptions import RuleException
from workbench.review.rules.model import Rule, Severity, Stack

SOON_DAYS = 60
"""Every plan names an exception from this long before its end on: time to decide on it anew."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong with one resource."""

    rule: str
    severity: Severity
    type: str
    name: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Excepted:
    """An exception that holds, and what it excepts."""

    exception: RuleException
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The findings in a stack. It passes when nothing is broken, nothing expired and nothing stale."""

    stack: str
    rules: int
    """How many rules were asked."""
    broken: tuple[Finding, ...]
    """What no exception covers, the most severe first."""
    excepted: tuple[Excepted, ...]
    expired: tuple[RuleException, ...]
    """Exceptions whose last day is over; what they covered is among ``broken``."""
    stale: tuple[RuleException, ...]
    """Exceptions for this stack that except nothing."""
    today: date
    before: tuple[RuleException, ...] | None = None
    """The exceptions of what a plan is compared with; None where that is not known."""

    @property
    def new(self) -> tuple[Excepted, ...]:
        """The exceptions that the change brings, or holds for longer; none where it is not known what there was."""
        return tuple(each for each in self.excepted if self.before is not None and each.exception not in self.before)

    @property
    def ending(self) -> tuple[Excepted, ...]:
        """Those that end within :data:`SOON_DAYS`, the first to end first."""
        last = self.today + timedelta(days=SOON_DAYS)
        found = [each for each in self.excepted if each.exception.expires <= last]
        return tuple(sorted(found, key=lambda each: each.exception.expires))

    @property
    def passes(self) -> bool:
        """Whether nothing has to be done."""
        return not (self.broken or self.expired or self.stale)

    def as_json(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return {
            "stack": self.stack,
            "rules": self.rules,
            "passes": self.passes,
            "broken": [vars(finding) for finding in self.broken],
            "excepted": [
                {**each.exception.model_dump(mode="json"), "findings": [vars(finding) for finding in each.findings]}
                for each in self.excepted
            ],
            "expired": [exception.model_dump(mode="json") for exception in self.expired],
            "stale": [exception.model_dump(mode="json") for exception in self.stale],
        }


def examine(stack: Stack, rules: Sequence[Rule], exceptions: Iterable[RuleException], *, today: date) -> Report:
    """Ask every rule about every resource of a stack."""
    found = sorted(findings(stack, rules), key=_order)
    names = {resource.name for resource in stack.resources}
    concerned = [exception for exception in exceptions if exception.concerns(stack.name, stack.values)]
    return weigh(found, concerned, stack=stack.name, names=names, rules={rule.id for rule in rules}, today=today)


def findings(stack: Stack, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Yield everything that is wrong, excepted or not."""
    for rule in rules:
        for resource in stack.of_types(rule.types):
            for message in rule.messages(resource, stack):
                yield Finding(
                    rule=rule.id, severity=rule.severity, type=resource.type, name=resource.name, message=message
                )


def weigh(
    found: Sequence[Finding],
    exceptions: Sequence[RuleException],
    *,
    stack: str,
    names: Collection[str],
    rules: Collection[str],
    today: date,
) -> Report:
    """Set findings, from whatever rules, against the exceptions for their stack. The first that covers one counts.

    ``names`` are those of all resources, ``rules`` the ids of all rules that were asked.
    """
    holding = [exception for exception in exceptions if not exception.expired(today)]
    covered: dict[int, list[Finding]] = {number: [] for number in range(len(holding))}
    broken: list[Finding] = []
    for finding in found:
        for number, exception in enumerate(holding):
            if exception.covers(rule=finding.rule, name=finding.name):
                covered[number].append(finding)
                break
        else:
            broken.append(finding)
    return Report(
        stack=stack,
        rules=len(rules),
        broken=tuple(broken),
        excepted=tuple(
            Excepted(exception=holding[number], findings=tuple(each)) for number, each in covered.items() if each
        ),
        expired=tuple(exception for exception in exceptions if exception.expired(today)),
        stale=tuple(holding[number] for number, each in covered.items() if not each and holding[number].stale(names)),
        today=today,
    )


def _order(finding: Finding) -> tuple[int, str, str]:
    return list(Severity).index(finding.severity), finding.rule, finding.name
