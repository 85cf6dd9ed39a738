from collections.abc import Callable
from typing import Any

import pytest

from workbench.evaluate import evaluate
from zelly_components.dns_zone import DnsZone, DnsZoneArgs

ZONE = "0123456789abcdef0123456789abcdef"


def records(use: Callable[[DnsZone], None]) -> dict[str, dict[str, Any]]:
    def program() -> None:
        use(DnsZone("shop-dns", DnsZoneArgs(zone_id=ZONE, ttl_seconds=300)))

    evaluation = evaluate(program)
    zone = evaluation.one("zelly-components:index:DnsZone")
    found = evaluation.of_type("cloudflare:index/dnsRecord:DnsRecord")
    assert {record.parent for record in found} <= {zone.urn}
    return {record.name: record.inputs for record in found}


def test_a_name_is_an_alias_of_its_target_and_proxied_ones_have_an_automatic_ttl() -> None:
    def use(zone: DnsZone) -> None:
        zone.point_name_at("api.shop.example", "alb-1.example.net", proxied=False)
        zone.point_name_at("www.shop.example", "alb-2.example.net", proxied=True)

    assert records(use) == {
        "shop-dns-api.shop.example": {
            "zoneId": ZONE,
            "name": "api.shop.example",
            "type": "CNAME",
            "content": "alb-1.example.net",
            "ttl": 300,
            "proxied": False,
        },
        "shop-dns-www.shop.example": {
            "zoneId": ZONE,
            "name": "www.shop.example",
            "type": "CNAME",
            "content": "alb-2.example.net",
            "ttl": 1,
            "proxied": True,
        },
    }


def test_addresses_are_reached_directly_by_one_record_each() -> None:
    def use(zone: DnsZone) -> None:
        zone.point_name_at_addresses("stores.shop.example", ["192.0.2.1", "192.0.2.2"])

    assert records(use) == {
        f"shop-dns-stores.shop.example-{position}": {
            "zoneId": ZONE,
            "name": "stores.shop.example",
            "type": "A",
            "content": f"192.0.2.{position}",
            "ttl": 300,
            "proxied": False,
        }
        for position in (1, 2)
    }


def test_a_wildcard_has_a_logical_name_that_no_hostname_can_have() -> None:
    def use(zone: DnsZone) -> None:
        zone.point_name_at("*.shop.example", "alb.example.net", proxied=False)
        zone.point_name_at("wildcard.shop.example", "alb.example.net", proxied=False)

    assert {name: inputs["name"] for name, inputs in records(use).items()} == {
        "shop-dns-_wildcard.shop.example": "*.shop.example",
        "shop-dns-wildcard.shop.example": "wildcard.shop.example",
    }


def point_a_part_of_a_name(zone: DnsZone) -> None:
    zone.point_name_at("api", "alb.example.net", proxied=False)


def point_at_no_address(zone: DnsZone) -> None:
    zone.point_name_at_addresses("api.shop.example", [])


def point_twice(zone: DnsZone) -> None:
    zone.point_name_at("api.shop.example", "alb.example.net", proxied=False)
    zone.point_name_at_addresses("api.shop.example", ["192.0.2.1"])


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (
            point_a_part_of_a_name,
            "hostname: came 'api'; allowed a full lower-case name such as api.example.com",
        ),
        (point_at_no_address, "addresses: came none for api.shop.example; allowed one or more"),
        (point_twice, "hostname: came 'api.shop.example' twice; allowed once"),
    ],
)
def test_bad_input_is_refused_in_one_line(use: Callable[[DnsZone], None], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        records(use)
    assert str(error.value) == message
