"""Certificates for merchants' names: only after somebody said yes, and once."""

import json

from tests.local_dev.platform import Platform

MERCHANT = "mango.stores.zelly.localhost"
NOBODY = "nobody.stores.zelly.localhost"
API = "https://api.zelly.localhost"

OBTAINED = "certificate obtained successfully"


def test_merchants_name_gets_a_certificate_only_after_ask_said_yes(platform: Platform) -> None:
    refused = platform.ask(f"https://{MERCHANT}/")
    assert (refused.status, "tlsv1 alert internal error" in refused.complaint) == (0, True)
    assert MERCHANT not in certificates(platform)

    platform.ask(f"{API}/merchants", body=MERCHANT)
    answer = platform.ask(f"https://{MERCHANT}/cart")
    assert (answer.status, answer.body, answer.complaint) == (200, "astro", "")
    assert platform.ask(f"https://{NOBODY}/").status == 0
    assert (MERCHANT in certificates(platform), NOBODY in certificates(platform)) == (True, False)
    assert {MERCHANT, NOBODY} <= set(json.loads(platform.ask(f"{API}/asked").body))


def test_second_start_of_the_proxy_asks_the_issuer_for_nothing(platform: Platform) -> None:
    platform.ask(f"{API}/merchants", body=MERCHANT)
    assert platform.ask(f"https://{MERCHANT}/").status == 200
    before = certificates(platform)
    log = platform.container("caddy").log()
    assert log.count(OBTAINED) == len(before)

    assert platform.change(platform.services, anew="caddy") == {}
    assert platform.ask(f"https://{MERCHANT}/").status == 200
    assert platform.ask(API).status == 200
    assert certificates(platform) == before
    assert platform.container("caddy").log().removeprefix(log).count(OBTAINED) == 0


def certificates(platform: Platform) -> dict[str, bytes]:
    """Return the certificates in the proxy's volume, by name."""
    found = (platform.folder / "volumes" / "caddy-data" / "caddy" / "certificates").glob("*/*/*.crt")
    return {path.stem: path.read_bytes() for path in found}
