"""What a plan measures against what AWS takes, on both sides of each limit."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.sample import FOLDER, OTHER, OWNER, evaluation_of, read_stack_file
from workbench.cli.plan.sizes import check_sizes
from workbench.errors import OperatorError
from workbench.evaluate import Evaluation
from workbench.review.sizes.measure import LIMITS, ROLE_POLICY, too_large
from workbench.review.sizes.stand_ins import StandIns
from zelly_components.limits.sizes import SizeLimit

REGION, ACCOUNT = "eu-west-1", "123456789012"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    type: str
    name: str = "it"
    custom: bool = True
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def plain_inputs(self) -> dict[str, Any]:
        return self.inputs


def measured(*resources: Recorded, **elsewhere: int) -> list[str]:
    return too_large(resources, region=REGION, account_id=ACCOUNT, inline_elsewhere=elsewhere)


@pytest.mark.parametrize(("where", "limit"), LIMITS.items(), ids=lambda each: str(each)[:60])
def test_largest_is_taken_and_a_letter_more_is_refused(where: tuple[str, str], limit: SizeLimit) -> None:
    type_token, name = where
    assert measured(Recorded(type=type_token, inputs={name: "x" * limit.maximum})) == []
    assert measured(Recorded(type=type_token, inputs={name: "x" * (limit.maximum + 1)})) == [
        f"it ({type_token}): {name}: came {limit.maximum + 1} {limit.unit}; allowed {limit.maximum}"
    ]


@pytest.mark.parametrize(("tier", "largest"), [({}, 4096), ({"tier": "Standard"}, 4096), ({"tier": "Advanced"}, 8192)])
def test_parameters_are_measured_by_their_tier(tier: dict[str, str], largest: int) -> None:
    parameter = "aws:ssm/parameter:Parameter"
    for name in ("value", "insecureValue"):
        assert measured(Recorded(type=parameter, inputs={**tier, name: "x" * largest})) == []
        assert measured(Recorded(type=parameter, inputs={**tier, name: "x" * (largest + 1)})) == [
            f"it ({parameter}): {name}: came {largest + 1} bytes; allowed {largest}"
        ]


def test_inline_policies_count_together_and_with_those_of_other_stacks() -> None:
    policies = [
        Recorded(type=ROLE_POLICY, name=name, inputs={"role": "deploys", "policy": "x" * 5000 + " " * 900})
        for name in ("one", "two")
    ]
    assert measured(*policies, deploys=240) == []
    assert measured(*policies, deploys=241) == [
        "role deploys: all inline policies together: came 10241 characters; allowed 10240, 241 of them of the other "
        "stacks here"
    ]
    assert measured(*policies, others=10_000) == []


def test_tags_count_with_those_of_the_provider() -> None:
    provider = Recorded(type="pulumi:providers:aws", inputs={"defaultTags": json.dumps({"tags": {"project": "shop"}})})
    tags = {f"k{number}": "v" for number in range(50)}
    queue = Recorded(type="aws:sqs/queue:Queue", inputs={"tags": tags})
    assert measured(queue) == []
    assert measured(provider, queue) == ["it (aws:sqs/queue:Queue): tags: came 51 tags; allowed 50"]


def unknown_references(evaluation: Evaluation) -> set[str]:
    """Return the placeholders in what is measured that nothing stands in for."""
    made = [resource for resource in evaluation.resources if resource.custom]
    stand_ins = StandIns(made, region=REGION, account_id=ACCOUNT)
    return {
        placeholder
        for resource in made
        for name, value in resource.inputs.items()
        if (resource.type, name) in LIMITS or (resource.type, name) == (ROLE_POLICY, "policy")
        for placeholder in stand_ins.unknown(value if isinstance(value, str) else json.dumps(value))
    }


def test_what_a_policy_refers_to_is_measured_as_what_aws_will_answer() -> None:
    # A volume's id without its hyphen, in the boot document.
    assert unknown_references(evaluation_of(OWNER)) == {"${samplelive-clickhouse-data.id}"}


def test_roles_policies_are_refused_with_what_the_stack_file_beside_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluation, file = evaluation_of(OTHER), read_stack_file(OTHER)
    check_sizes(evaluation, file, FOLDER)
    smaller = SizeLimit(maximum=2_000, unit="characters", counts_white_space=False, source="a test")
    monkeypatch.setattr("zelly_components.limits.sizes.INLINE_POLICIES", smaller)
    refusal = r"^trial: role sample-pipelines: all inline policies together: came \d+ characters; allowed 2000, \d+ of"
    with pytest.raises(OperatorError, match=refusal):
        check_sizes(evaluation, file, FOLDER)
