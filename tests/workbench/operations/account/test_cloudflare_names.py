"""Records of Cloudflare's that stand where the program makes its own: which they are, and how it takes them over."""

from dataclasses import replace

import pytest

from tests.support.registered import records_made, records_taken_over
from tests.support.sample import STACKS, description_of, evaluation_of
from tests.workbench.operations.environments import DESCRIPTION, WELL, balancer
from workbench.cloudflare import DnsRecord
from workbench.operations.account.cloudflare_names import conflicts, found_conflicts, import_file


@pytest.mark.parametrize("stack", STACKS)
def test_records_are_taken_over_under_the_programs_own_names(stack: str) -> None:
    assert records_taken_over(description_of(stack)) == records_made(evaluation_of(stack))


def test_record_is_imported_with_the_component_that_it_belongs_to() -> None:
    there = DnsRecord(id="7", type="CNAME", name="api.shop.example", content="old.example")
    other = replace(there, id="8", type="A", content="192.0.2.9")
    found = conflicts(DESCRIPTION, [there, other], balancers={}, certificates={})
    assert [(one.record.id, one.can_be_imported) for one in found] == [("7", True), ("8", False)]
    assert import_file(found, DESCRIPTION.dns_zone_id)["resources"] == [
        {"type": "zelly-components:index:DnsZone", "name": "shop-dns", "component": True},
        {
            "type": "cloudflare:index/dnsRecord:DnsRecord",
            "name": "shop-dns-api.shop.example",
            "id": f"{DESCRIPTION.dns_zone_id}/7",
            "parent": "shop-dns",
        },
    ]


def test_balancers_own_addresses_are_no_conflict_and_others_beside_them_are() -> None:
    own, other = (
        DnsRecord(id=number, type="A", name="web.shop.example", content=content)
        for number, content in (("1", "198.51.100.7"), ("2", "192.0.2.9"))
    )
    balancers = {"alb-api": balancer("alb-api"), "nlb-web": balancer("nlb-web", "198.51.100.7")}
    facts = replace(WELL, account=replace(WELL.account, dns_records=[own, other]), balancers=balancers)
    assert [conflict.record.id for conflict in found_conflicts(DESCRIPTION, facts)] == ["2"]
