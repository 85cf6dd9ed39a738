"""Rules of security groups: which of them need a listing, and the listing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.adopt.states import resource, state
from workbench.adopt.rules import check_listing, groups_to_list, read_rules, with_rules
from workbench.errors import OperatorError

_BLOCK = {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}
_WITH_BLOCKS = resource("aws_security_group.web", {"id": "sg-1", "ingress": [_BLOCK]})
_OWN = {"id": "sgr-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8"}


def test_only_rules_without_an_id_in_the_state_need_a_listing() -> None:
    # The blocks of a group show what others made for it, too.
    single = resource("aws_vpc_security_group_ingress_rule.web", {**_OWN, "security_group_id": "sg-1"})
    assert groups_to_list(state(_WITH_BLOCKS, single)) == {}
    assert groups_to_list(state(_WITH_BLOCKS)) == {"sg-1": "aws_security_group.web"}
    other = resource("aws_vpc_security_group_egress_rule.web", {**_OWN, "security_group_id": "sg-1"})
    assert groups_to_list(state(_WITH_BLOCKS, other)) == {"sg-1": "aws_security_group.web"}


def test_a_rule_that_the_state_has_already_is_not_there_twice_and_one_of_nobody_is_the_group_s() -> None:
    single = resource("aws_vpc_security_group_ingress_rule.web", {**_OWN, "security_group_id": "sg-1"})
    by_hand: dict[str, Any] = {"GroupId": "sg-1", "IsEgress": True, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1}
    listing = [
        {**by_hand, "SecurityGroupRuleId": "sgr-1", "IsEgress": False},
        {**by_hand, "SecurityGroupRuleId": "sgr-2", "CidrIpv4": "0.0.0.0/0"},
    ]
    managed = with_rules(state(_WITH_BLOCKS, single), listing).managed
    assert [(each.address, each.type, each.part) for each in managed] == [
        ("aws_security_group.web", "aws_security_group", ""),
        ("aws_vpc_security_group_ingress_rule.web", "aws_vpc_security_group_ingress_rule", ""),
        ("aws_security_group.web", "aws_vpc_security_group_egress_rule", "sgr-2"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON; `aws ec2 describe-security-group-rules > rules.json` writes it"),
        ("[]", 'no "SecurityGroupRules" with their ids and groups'),
        ('{"SecurityGroupRules": [{"GroupId": "sg-1"}]}', 'no "SecurityGroupRules" with their ids and groups'),
    ],
)
def test_a_file_that_is_no_listing_is_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "rules.json"
    path.write_text(text)
    with pytest.raises(OperatorError) as raised:
        read_rules(path)
    assert str(raised.value).startswith(f"{path}: {words}")
    assert "\n" not in str(raised.value)


def test_a_listing_of_other_groups_is_refused_with_the_address(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    listed = {"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-2", "IsEgress": True}
    path.write_text(json.dumps({"SecurityGroupRules": [listed]}))
    with pytest.raises(OperatorError, match=r"rules.json: no rule of sg-1, and aws_security_group.web has some"):
        check_listing(groups_to_list(state(_WITH_BLOCKS)), read_rules(path), source="rules.json")
