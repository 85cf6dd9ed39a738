"""What a stack's report says: broken, excepted, expired and stale."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from tests.support.sample import OTHER, OWNER, evaluation_of
from workbench.review.rules.exceptions import EXCEPTIONS_FILE, RuleException
from workbench.review.rules.model import Resource, Stack
from workbench.review.rules.recorded import report_on
from workbench.review.rules.report import SOON_DAYS, Report, examine
from workbench.review.rules.section import section
from workbench.review.rules.table import RULES
from workbench.review.rules.wording import lines, markdown

TODAY = date(2030, 1, 15)
_ASKED = [rule for rule in RULES if rule.id in ("aurora-encrypted", "aurora-deletion-protection")]


def _stack(**properties: dict[str, bool]) -> Stack:
    return Stack(
        name="production",
        resources=[
            Resource(
                type="aws:rds/cluster:Cluster",
                name=name,
                urn=f"urn:pulumi:production::shop::aws:rds/cluster:Cluster::{name}",
                properties=given,
            )
            for name, given in properties.items()
        ],
    )


def _exception(rule: str = "aurora-deletion-protection", **changed: object) -> RuleException:
    fields = {
        "rule": rule,
        "resources": "*",
        "stacks": ["production"],
        "reason": "A shop that is closed tomorrow.",
        "expires": TODAY,
    }
    return RuleException.model_validate(fields | changed)


def _examine(*exceptions: RuleException) -> Report:
    stack = _stack(orders={"storageEncrypted": False}, stock={"storageEncrypted": True, "deletionProtection": True})
    return examine(stack, _ASKED, exceptions, today=TODAY)


def _broken(report: Report) -> list[tuple[str, str]]:
    return [(finding.rule, finding.name) for finding in report.broken]


def test_what_is_broken_comes_with_the_most_severe_first() -> None:
    report = _examine()
    assert _broken(report) == [("aurora-encrypted", "orders"), ("aurora-deletion-protection", "orders")]
    assert (report.rules, report.passes) == (2, False)


def test_what_is_excepted_is_listed_and_not_broken() -> None:
    encrypted, protected = _exception("aurora-encrypted"), _exception()
    report = _examine(encrypted, protected)
    assert (report.broken, report.expired, report.stale, report.passes) == ((), (), (), True)
    assert [(each.exception, [finding.name for finding in each.findings]) for each in report.excepted] == [
        (encrypted, ["orders"]),
        (protected, ["orders"]),
    ]


def test_an_expired_exception_fails_and_covers_nothing_any_more() -> None:
    expired = _exception(expires=TODAY - timedelta(days=1))
    report = _examine(expired, _exception("aurora-encrypted"))
    assert _broken(report) == [("aurora-deletion-protection", "orders")]
    assert (report.expired, report.passes) == ((expired,), False)


def test_an_exception_that_excepts_nothing_fails() -> None:
    stale = _exception(resources="stock")
    report = _examine(_exception(), _exception("aurora-encrypted"), stale)
    assert (report.broken, report.stale, report.passes) == ((), (stale,), False)


def test_an_optional_exception_fails_only_where_what_it_is_for_is_there_and_sound() -> None:
    absent = _exception(resources="nat-*", optional=True)
    report = _examine(_exception(), _exception("aurora-encrypted"), absent)
    assert (report.stale, report.passes) == ((), True)
    sound = _exception(resources="stock", optional=True)
    report = _examine(_exception(), _exception("aurora-encrypted"), sound)
    assert (report.stale, report.passes) == ((sound,), False)
    used = _exception(optional=True)
    report = _examine(used, _exception("aurora-encrypted"))
    assert (report.excepted[0].exception, report.passes) == (used, True)


def test_an_exception_of_another_stack_is_none_of_this_ones_business() -> None:
    report = _examine(_exception(stacks=["staging"], expires=TODAY - timedelta(days=1)))
    assert (report.expired, report.stale, len(report.broken)) == ((), (), 2)


def test_the_first_exception_that_covers_a_finding_counts() -> None:
    first, second = _exception(reason="The first of two reasons."), _exception(reason="The second of two reasons.")
    report = _examine(first, second)
    assert [each.exception for each in report.excepted] == [first]
    assert report.stale == (second,)


def test_lines_say_what_is_broken_how_to_mend_it_and_what_is_excepted() -> None:
    stale, expired = _exception(resources="stock"), _exception(expires=TODAY - timedelta(days=1))
    assert list(lines(_examine(_exception("aurora-encrypted"), stale, expired), _ASKED)) == [
        "2 rules: 1 broken, 1 expired exception, 1 stale exception, 1 finding excepted",
        "  medium: Aurora is protected from deletion (RDS.7): aurora-deletion-protection",
        "    orders: deletionProtection: not set; allowed: true",
        "    Set deletion_protection.",
        "  expired on 2030-01-14: exception from aurora-deletion-protection for *",
        "  stale: exception from aurora-deletion-protection for stock excepts nothing; take it out",
        "  excepted, ending soon, until 2030-01-15: aurora-encrypted for *, 1 finding: A shop that is closed tomorrow.",
    ]


def _long() -> list[RuleException]:
    """Return one exception that ends on the last day that is soon, and one that ends a day later."""
    soon = TODAY + timedelta(days=SOON_DAYS)
    return [_exception("aurora-encrypted", expires=soon), _exception(expires=soon + timedelta(days=1))]


def test_an_exception_that_holds_for_long_is_only_counted() -> None:
    report = _examine(*_long())
    summary = "2 rules: 0 broken, 2 findings excepted"
    soon = (
        "  excepted, ending soon, until 2030-03-16: aurora-encrypted for *, 1 finding: A shop that is closed tomorrow."
    )
    late = "  excepted until 2030-03-17: aurora-deletion-protection for *, 1 finding: A shop that is closed tomorrow."
    counted = "  1 more exception, the first until 2030-03-17: --rules lists them"
    assert list(lines(report, _ASKED)) == [summary, soon, counted]
    assert list(lines(report, _ASKED, every_exception=True)) == [summary, soon, late]
    assert markdown(report, _ASKED).splitlines()[-1] == (
        "<sub>1 more exception, the first until 2030-03-17; `zelly plan production --rules` lists them.</sub>"
    )
    assert "rules` lists" not in markdown(report, _ASKED, every_exception=True)


def test_an_exception_is_new_where_what_is_compared_with_had_it_not_or_for_less_long() -> None:
    first, second = exceptions = [_exception("aurora-encrypted", expires=date(2031, 1, 1)), _exception()]
    report = replace(_examine(*exceptions), before=(second,))
    assert [each.exception for each in report.new] == [first]
    assert "  newly excepted until 2031-01-01: aurora-encrypted for *" in "\n".join(lines(report, _ASKED))
    shorter = first.model_copy(update={"expires": TODAY})
    assert [each.exception for each in replace(report, before=(shorter, second)).new] == [first]
    assert (replace(report, before=(first, second)).new, replace(report, before=None).new) == ((), ())


def test_markdown_lists_what_ends_soon_and_takes_no_markup_from_a_plan() -> None:
    stack = _stack(**{"<b>@team_a|#1`": {"storageEncrypted": False, "deletionProtection": True}, "orders": {}})
    exceptions = [_exception(), _exception(resources="a|b"), _exception(expires=TODAY - timedelta(days=1))]
    assert markdown(examine(stack, _ASKED, exceptions, today=TODAY), _ASKED).split("\n") == [
        "### 🛑 2 rules: 1 broken, 1 expired exception, 1 stale exception, 1 finding excepted",
        "",
        "- **high** Aurora is encrypted (RDS.27, CIS 2.3.1): `aurora-encrypted`. Set storage&#95;encrypted when "
        "it is made; later it takes a snapshot and a new cluster.",
        "  - <code>&lt;b&gt;&#64;team&#95;a&#124;&#35;1&#96;</code>: storageEncrypted: false; allowed: true",
        "  - <code>orders</code>: storageEncrypted: not set; allowed: true",
        "",
        "- **expired** on 2030-01-14: the exception from `aurora-deletion-protection` for <code>&#42;</code>",
        "- **stale**: the exception from `aurora-deletion-protection` for <code>a&#124;b</code> "
        "excepts nothing; take it out",
        "",
        "| | rule | resources | findings | until | reason |",
        "|---|---|---|--:|---|---|",
        "| excepted, ending soon | `aurora-deletion-protection` | <code>&#42;</code> | 1 | 2030-01-15 "
        "| A shop that is closed tomorrow. |",
    ]


def test_markdown_of_a_sound_stack_is_one_line() -> None:
    sound = _stack(stock={"storageEncrypted": True, "deletionProtection": True})
    assert markdown(examine(sound, _ASKED, [], today=TODAY), _ASKED) == "### ✅ 2 rules: 0 broken, 0 findings excepted"


def test_a_recorded_stack_is_held_against_the_rules_with_the_exceptions_of_its_project(tmp_path: Path) -> None:
    file = tmp_path / EXCEPTIONS_FILE
    file.parent.mkdir()
    file.write_text(
        """
        [[exception]]
        rule = "redis-failover"
        resources = "sample-*-redis"
        where = { deletion_protection = true }
        expires = 2030-01-15
        reason = "One node is what is budgeted for now."
        """
    )
    owner, other = (report_on(evaluation_of(stack), tmp_path, today=TODAY) for stack in (OWNER, OTHER))
    name = "sample-live-redis"
    assert [(each.exception.rule, each.findings[0].name) for each in owner.excepted] == [("redis-failover", name)]
    assert ("redis-failover", "sample-trial-redis") in _broken(other)
    assert ("redis-failover", name) not in _broken(owner)
    assert other.excepted == other.stale == ()
    assert owner.rules == len(RULES)
    late = report_on(evaluation_of(OWNER), tmp_path, today=TODAY + timedelta(days=1))
    assert ([each.rule for each in late.expired], late.excepted) == (["redis-failover"], ())


def test_page_shows_what_has_to_be_done_before_what_is_excepted() -> None:
    stale = _exception(resources="nothing-*")
    over = _exception("aurora-encrypted", resources="stock", expires=TODAY - timedelta(days=1))
    part = section(_examine(_exception(), stale, over), RULES)
    assert (part.title, part.columns, part.emphasised) == (
        "Rules",
        ("state", "rule", "resource", "what"),
        frozenset({0, 1, 2}),
    )
    assert [row[:3] for row in part.rows] == [
        (str(_ASKED[0].severity), f"{_ASKED[0].title} (aurora-encrypted)", "orders"),
        ("expired", "aurora-encrypted", "stock"),
        ("stale", "aurora-deletion-protection", "nothing-*"),
        ("excepted", "aurora-deletion-protection", "orders"),
    ]
    assert part.rows[1][3] == f"the exception ended on {TODAY - timedelta(days=1)}"
    assert part.rows[3][3] == f"until {TODAY}: A shop that is closed tomorrow."


def test_page_has_one_row_for_an_exception_however_much_it_covers() -> None:
    stack = _stack(orders={"storageEncrypted": True}, stock={"storageEncrypted": True})
    part = section(examine(stack, _ASKED, [_exception(resources="*")], today=TODAY), RULES)
    assert [row[:3] for row in part.rows] == [("excepted", "aurora-deletion-protection", "*, 2 of them")]
