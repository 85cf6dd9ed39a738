from ipaddress import ip_network
from typing import Any

import pytest

from workbench.evaluate import evaluate
from zelly_components.cloudflare_ranges import CloudflareRanges, CloudflareRangesArgs
from zelly_components.edge.ranges import IPV4_RANGES, IPV6_RANGES
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
RULES_OF_A_GROUP = 60
"""AWS's default ("Amazon VPC quotas")."""


def lists(**changes: Any) -> dict[str, dict[str, Any]]:
    evaluation = evaluate(lambda: CloudflareRanges("edge", CloudflareRangesArgs(**changes)) and None)
    return {one.name: one.inputs for one in evaluation.of_type(LIST)}


def test_each_family_has_a_list_with_every_range_and_room_for_as_many_again() -> None:
    found = lists()
    assert {name: (one["addressFamily"], one["maxEntries"]) for name, one in found.items()} == {
        "edge-ipv4": ("IPv4", 30),
        "edge-ipv6": ("IPv6", 15),
    }
    entries = {name: [entry["cidr"] for entry in one["entries"]] for name, one in found.items()}
    assert entries == {"edge-ipv4": sorted(IPV4_RANGES), "edge-ipv6": sorted(IPV6_RANGES)}
    assert sum(one["maxEntries"] for one in found.values()) <= RULES_OF_A_GROUP
    # An entry whose description changes is taken out and put in again.
    assert {entry["description"] for one in found.values() for entry in one["entries"]} == {"Cloudflare"}


def test_ranges_are_public_and_overlap_nowhere() -> None:
    for ranges in (IPV4_RANGES, IPV6_RANGES):
        networks = [ip_network(cidr) for cidr in ranges]
        assert all(network.is_global for network in networks)
        overlapping = [(a, b) for a in networks for b in networks if a is not b and a.overlaps(b)]
        assert overlapping == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ipv4_ranges": []}, "ipv4_ranges: came 0; allowed 1 to 30"),
        ({"ipv6_ranges": ["2400:cb00::/32"] * 16}, "ipv6_ranges: came 16; allowed 1 to 15"),
        ({"ipv4_ranges": ["0.0.0.0/0"]}, "ipv4_ranges: came 0.0.0.0/0; allowed anything but the internet"),
        (
            {"ipv4_ranges": ["104.16.0.1/13"]},
            "ipv4_ranges: came '104.16.0.1/13'; allowed a range such as 104.16.0.0/13 or 2400:cb00::/32",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        lists(**changes)
    assert str(error.value) == message


def test_a_group_lets_a_list_in_by_one_rule() -> None:
    def program() -> None:
        ranges = CloudflareRanges("edge", CloudflareRangesArgs())
        origin = SecurityGroup("origin", SecurityGroupArgs(vpc_id="vpc-1", description="Origin"))
        origin.allow_from_prefix_list("cloudflare-ipv4", ranges.ipv4_prefix_list_id, port=443)

    evaluation = evaluate(program)
    assert evaluation.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs == {
        "securityGroupId": "${origin.id}",
        "prefixListId": "${edge-ipv4.id}",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "description": "cloudflare-ipv4 to origin",
    }
