from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

import pulumi
import pulumi_aws as aws
import pytest

from tests.support.sample import OWNER, STACKS, evaluation_of
from tests.workbench.review.cost.plans import estimate_of
from workbench.evaluate import evaluate
from workbench.evaluate.secret_values import MASK
from workbench.review.cost.section import section
from workbench.review.page import Section, render
from workbench.review.tree import is_made


def hidden(masked: Any, plain: Any) -> Iterator[str]:
    """Yield the secrets: what stands in the one where the other is masked."""
    if masked == MASK:
        yield from _texts(plain)
    elif isinstance(masked, Mapping):
        for key, value in cast("Mapping[str, Any]", masked).items():
            yield from hidden(value, plain[key])
    elif isinstance(masked, list):
        for value, other in zip(cast("list[Any]", masked), plain, strict=True):
            yield from hidden(value, other)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in cast("Mapping[str, Any]", value).values():
            yield from _texts(inner)
    else:
        yield str(value)


@pytest.mark.parametrize("stack", STACKS)
def test_no_secret_is_in_the_page(stack: str) -> None:
    evaluation = evaluation_of(stack)
    page = render(evaluation, "anywhere")
    secrets = {text for one in evaluation.resources for text in hidden(one.inputs, one.plain_inputs)}
    secrets |= set(hidden(evaluation.outputs, evaluation.plain_outputs))
    assert len(secrets) > 5
    assert [secret for secret in secrets if secret in page] == []


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_is_in_the_tree_once(stack: str) -> None:
    evaluation = evaluation_of(stack)
    page = render(evaluation, "anywhere")
    made = [resource for resource in evaluation.resources if is_made(resource)]
    assert page.count('<details class="leaf"') == len(made)


def test_child_of_a_resource_is_in_the_tree_beside_it() -> None:
    def program() -> None:
        key = aws.kms.Key("key")
        aws.s3.Bucket("bucket", opts=pulumi.ResourceOptions(parent=key, protect=True, ignore_changes=["tags"]))

    page = render(evaluate(program), "anywhere")
    assert page.count('<details class="leaf"') == 2
    assert '<span class="mark">protected</span> <span class="mark">ignores changes of tags</span>' in page


def test_nothing_of_the_program_is_taken_for_markup() -> None:
    def program() -> None:
        aws.ec2.Vpc("<img src=x>", cidr_block="10.0.0.0/16", tags={"Name": "</pre><script>alert(1)</script>"})
        pulumi.export("<b>", "</td><b>")

    page = render(evaluate(program), "<i>", [Section(title="<u>", columns=["<s>"], rows=[["<em>"]])])
    for markup in ("<img", "<script>alert", "<b>}", "<td><b>", "<i>", "<u>", "<s>", "<em>"):
        assert markup not in page
    assert page.count("<script>") == 1


def test_page_without_sections_of_others_has_its_own() -> None:
    page = render(evaluation_of(OWNER), "ap-south-1")
    headings = [part.split('"')[0] for part in page.split('<h2 id="')[1:]]
    assert headings == ["picture", "timeline", "resources", "outputs"]


def test_page_is_the_same_text_every_time() -> None:
    evaluation = evaluation_of(OWNER)
    assert render(evaluation, "ap-south-1") == render(evaluation, "ap-south-1")


def test_cost_is_a_table_with_its_sums() -> None:
    found = estimate_of(OWNER)
    made = section(found)
    assert made.summary.startswith(f"{found.usd.expected:,.2f} USD a month are expected")
    sums = [row for row in made.rows if row[0]]
    assert [row[0] for row in sums] == [name for name, _, _ in found.by_component()]
    assert sum(Decimal(row[3].replace(",", "")) for row in sums) == found.usd.expected
    assert len(made.rows) == len(sums) + len(found.lines)
