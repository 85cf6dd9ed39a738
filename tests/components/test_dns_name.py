from typing import Any

import pytest

from tests.components.forms import assert_form_makes_what_the_verb_makes
from workbench.evaluate import evaluate
from zelly_components.dns_name import DnsName, DnsNameArgs
from zelly_components.dns_zone import DnsZone, DnsZoneArgs

ZONE = "0123456789abcdef0123456789abcdef"


def zone() -> DnsZone:
    return DnsZone("shop", DnsZoneArgs(zone_id=ZONE, ttl_seconds=300))


def point(**changes: Any) -> None:
    values: dict[str, Any] = {"zone_id": ZONE, "hostname": "*.shop.example", "ttl_seconds": 300, "proxied": False}
    DnsName("shop", DnsNameArgs(**(values | changes)))


def test_it_makes_the_record_of_a_target() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: zone().point_name_at("*.shop.example", "alb.example", proxied=True),
        lambda: point(target="alb.example", proxied=True),
        number=1,
    )


def test_it_makes_the_records_of_addresses() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: zone().point_name_at_addresses("*.shop.example", ["192.0.2.1", "192.0.2.2"]),
        lambda: point(addresses=["192.0.2.1", "192.0.2.2"]),
        number=2,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "target, addresses: came none; allowed exactly one"),
        ({"target": "a.example", "addresses": ["192.0.2.1"]}, "came both; allowed exactly one"),
        ({"addresses": []}, r"addresses: came none for \*.shop.example"),
        ({"target": "a.example", "hostname": "shop"}, "hostname: came 'shop'"),
    ],
)
def test_what_points_nowhere_or_twice_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate(lambda: point(**changes))
