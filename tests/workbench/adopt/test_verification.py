"""A Pulumi state held against what an adoption wants."""

import json
from typing import Any

import pytest

from workbench.adopt.folder.defaults import Edit
from workbench.adopt.folder.verification import Expected, Phase, Plan, Verification, plan_from_json, verify
from workbench.errors import OperatorError

_ROOT = "urn:pulumi:trial::shop::"
VPC, GROUP = f"{_ROOT}aws:ec2/vpc:Vpc::vpc", f"{_ROOT}aws:ec2/securityGroup:SecurityGroup::group"
MADE = f"{_ROOT}aws:s3/bucket:Bucket::logs"
PLAN = Plan(
    pairs=(
        Expected(urn=VPC, address="aws_vpc.this", ids=("vpc-1",), protect=True, depends=False),
        Expected(urn=GROUP, address="aws_security_group.g", ids=("sg-1", "the-group"), protect=False, depends=True),
    ),
    created=frozenset({MADE}),
)
EDITS = [Edit(urn=GROUP, property="name", value="live")]


def resource(urn: str, found: str, **given: Any) -> dict[str, Any]:
    return {"urn": urn, "type": urn.split("::")[2], "id": found, "custom": True, "protect": True, "inputs": {}, **given}


def verified(*resources: dict[str, Any]) -> Verification:
    return verify({"deployment": {"resources": list(resources)}}, PLAN, EDITS, source="x")


IMPORTED = (resource(VPC, "vpc-1"), resource(GROUP, "the-group", inputs={"name": "live", "__defaults": []}))
EDITED = (IMPORTED[0], resource(GROUP, "sg-1", inputs={"name": "live", "__defaults": ["name"]}))
UPDATED = (EDITED[0], {**EDITED[1], "protect": False, "dependencies": [VPC]}, resource(MADE, "logs", protect=False))


def test_phases_follow_one_another_and_say_what_is_still_to_be_done() -> None:
    assert verified().phase is Phase.EMPTY
    begun = verified(IMPORTED[0])
    assert (begun.phase, begun.imported, begun.expected) == (Phase.IMPORTING, 1, 2)
    assert begun.problems == ("1 resource not imported: group; `adopt rest` writes what is left",)
    imported = verified(*IMPORTED)
    assert (imported.phase, imported.problems) == (
        Phase.IMPORTED,
        ("the edit of `__defaults` is missing for 1 resource: an update now would replace group",),
    )
    assert (verified(*EDITED).phase, verified(*EDITED).problems) == (Phase.EDITED, ())
    assert (verified(*UPDATED).phase, verified(*UPDATED).problems) == (Phase.UPDATED, ())


@pytest.mark.parametrize(
    ("resources", "problem"),
    [
        ((resource(VPC, "vpc-2"), EDITED[1]), "vpc: has the id vpc-2; vpc-1 of aws_vpc.this is required"),
        ((*EDITED, resource(f"{_ROOT}aws:ec2/eip:Eip::eip", "e")), "1 resource that nobody expects: eip"),
        ((resource(VPC, "vpc-1", protect=False), EDITED[1]), "1 resource not protected: vpc"),
        ((*EDITED, resource(f"{VPC}2", "vpc-1")), "aws:ec2/vpc:Vpc vpc-1: in the state 2 times"),
        ((UPDATED[0], {**UPDATED[1], "protect": True}, UPDATED[2]), "1 resource still protected"),
        ((UPDATED[0], {**UPDATED[1], "dependencies": []}, UPDATED[2]), "1 resource without dependencies"),
        ((UPDATED[1], UPDATED[2]), "1 resource not imported: vpc; it was imported, and is gone"),
    ],
)
def test_what_is_wrong_is_named(resources: tuple[dict[str, Any], ...], problem: str) -> None:
    assert any(line.startswith(problem) for line in verified(*resources).problems)


def test_plan_is_kept_as_json() -> None:
    assert plan_from_json(json.loads(json.dumps(PLAN.as_json()))) == PLAN


def test_another_document_is_refused() -> None:
    with pytest.raises(OperatorError, match="no exported stack"):
        verify({"version": 4}, PLAN, EDITS, source="terraform.tfstate")
