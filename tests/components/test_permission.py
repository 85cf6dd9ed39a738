from typing import Any

import pytest

from tests.components.forms import assert_form_makes_what_the_verb_makes
from workbench.evaluate import evaluate
from zelly_components.permission import Permission, PermissionArgs
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs


def database() -> SecurityGroup:
    return SecurityGroup("database", SecurityGroupArgs(vpc_id="vpc-1", description="MySQL"))


def permit(group: SecurityGroup, peer: str, **changes: Any) -> None:
    values: dict[str, Any] = {
        "target": "database",
        "target_security_group_id": group.security_group_id,
        "ports": [3306],
        "peer": peer,
    }
    Permission(f"database-from-{peer}", PermissionArgs(**(values | changes)))


def test_it_makes_the_rules_of_the_verb_for_a_group() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: database().allow_from("api", "sg-api", port=3306),
        lambda: permit(database(), "api", peer_security_group_id="sg-api"),
        number=3,
    )


def test_it_makes_the_rule_of_the_verb_for_an_address_range() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: database().allow_from_cidr("office", "203.0.113.0/24", port=3306, protocol="udp"),
        lambda: permit(database(), "office", peer_cidr_block="203.0.113.0/24", protocol="udp"),
        number=2,
    )


def test_it_makes_the_rule_of_the_verb_for_a_prefix_list() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: database().allow_from_prefix_list("cdn", "pl-1", port=3306),
        lambda: permit(database(), "cdn", peer_prefix_list_id="pl-1"),
        number=2,
    )


def test_each_port_is_opened() -> None:
    evaluation = evaluate(lambda: permit(database(), "api", peer_cidr_block="10.0.0.0/8", ports=[8123, 9000]))
    rules = evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert [rule.name for rule in rules] == ["database-from-api-tcp-8123", "database-from-api-tcp-9000"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "came none; allowed exactly one"),
        (
            {"peer_cidr_block": "10.0.0.0/8", "peer_prefix_list_id": "pl-1"},
            "came peer_cidr_block, peer_prefix_list_id; allowed exactly one",
        ),
        ({"peer_cidr_block": "10.0.0.0/8", "ports": []}, r"ports: came \[\]; allowed one or more"),
        ({"peer_cidr_block": "10.0.0.0/8", "ports": [80, 80]}, r"ports: came \[80, 80\]"),
        ({"peer_cidr_block": "10.0.0.0/8", "ports": [65536]}, "ports: came 65536; allowed 1 to 65535"),
    ],
)
def test_what_opens_nothing_or_too_much_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate(lambda: permit(database(), "api", **changes))
