"""Entries of ``adopted.STACK.yaml`` that are proposed, on the sample program."""

from pathlib import Path

from tests.support.sample import OTHER
from tests.workbench.adopt.pairs import matching, plain_of, plan_of
from workbench.adopt.first_up.judge import Fate, judge_first_up
from workbench.adopt.kept import Kept, ignoring, suggested, with_entries
from workbench.config.adopted import adopted_file, read_adopted
from workbench.review.plan_document import PlanDocument

GROUP = "sample-trial-redis-sg"
ENTRY = Kept(resource=GROUP, properties=("description",), reason="Terraform made it with another description.")
PRESENT = """\
# Decided in the spring.
- resource: sample-trial-redis-sg
  properties: [namePrefix]
  reason: It has had no prefix since it was made.  # Ask the platform team.
"""


def test_only_what_replaces_by_itself_is_proposed_and_nothing_is_replaced_then() -> None:
    found = matching(changes={GROUP: {"description": "Managed by Terraform"}})
    first_up = judge_first_up(found, plan_of(), plain=plain_of())
    assert len(first_up.of(Fate.REPLACED)) > 1
    (entry,) = suggested(first_up)
    assert (entry.resource, entry.properties) == (GROUP, ("description",))
    assert 'description "Managed by Terraform"' in entry.reason
    kept = ignoring(found, [entry])
    obeying = {pair.resource.urn: pair.resource for pair in kept.matched}
    plan = PlanDocument(
        **{name: getattr(plan_of(), name) for name in PlanDocument.model_fields if name != "resources"},
        resources=[obeying.get(one.urn, one) for one in plan_of().resources],
    )
    assert judge_first_up(kept, plan, plain=plain_of()).of(Fate.REPLACED) == ()


def test_entries_are_added_and_comments_stay(tmp_path: Path) -> None:
    other = Kept(resource="other", properties=("name",), reason="Terraform made it with another name.")
    text = with_entries(PRESENT, [ENTRY, other])
    assert "# Decided in the spring." in text
    assert "# Ask the platform team." in text
    (tmp_path / adopted_file(OTHER)).write_text(text)
    first, second = read_adopted(OTHER, tmp_path)
    assert (first.properties, first.reason) == (
        ["namePrefix", "description"],
        "It has had no prefix since it was made.",
    )
    assert (second.resource, second.properties) == ("other", ["name"])
    assert with_entries(text, [ENTRY]) == text
