import inspect
import json
import subprocess
import sys
from importlib import import_module, resources
from typing import Any

import pulumi
import pytest

from workbench.evaluate import evaluate
from zelly_components.dns_record import RECORD_TYPE_TOKEN, DnsRecord, DnsRecordArgs, check_hostname

pytestmark = pytest.mark.filterwarnings("ignore:cloudflare:DeprecationWarning")

ZONE = "0123456789abcdef0123456789abcdef"


def args(**changes: Any) -> DnsRecordArgs:
    values: dict[str, Any] = {
        "zone_id": ZONE,
        "name": "api.shop.example",
        "type": "CNAME",
        "content": "alb.example.net",
        "ttl_seconds": 300,
        "proxied": False,
    }
    return DnsRecordArgs(**(values | changes))


def recorded_inputs(**changes: Any) -> dict[str, Any]:
    evaluation = evaluate(lambda: pulumi.export("id", DnsRecord("api", args(**changes)).id))
    return evaluation.one(RECORD_TYPE_TOKEN).inputs


def _cloudflare_sdk() -> Any:
    """Import the SDK, over a second that only the tests pay that compare with it.

    Not by a statement: the type checker would read its 780 modules for these tests alone, a third of its time.
    """
    return import_module("pulumi_cloudflare")


def test_record_is_the_one_that_the_cloudflare_sdk_registers() -> None:
    pulumi_cloudflare = _cloudflare_sdk()

    def program() -> None:
        DnsRecord("ours", args(comment="the API"))
        pulumi_cloudflare.DnsRecord(
            "theirs",
            zone_id=ZONE,
            name="api.shop.example",
            type="CNAME",
            content="alb.example.net",
            ttl=300,
            proxied=False,
            comment="the API",
        )

    evaluation = evaluate(program)
    ours, theirs = (evaluation.one(RECORD_TYPE_TOKEN, name).inputs for name in ("ours", "theirs"))
    assert ours == theirs


def test_everything_the_provider_requires_is_always_given() -> None:
    parameters = inspect.signature(_cloudflare_sdk().DnsRecordArgs).parameters.values()
    required = {parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty}
    assert required == {"name", "ttl", "type", "zone_id"}
    assert {"name", "ttl", "type", "zoneId"} <= recorded_inputs().keys()


def test_provider_is_of_the_sdks_version_unless_the_caller_names_another() -> None:
    versions: dict[str, str | None] = {}

    def capture(resource: pulumi.ResourceTransformationArgs) -> None:
        versions[resource.name] = resource.opts.version

    def program() -> None:
        DnsRecord("installed", args(), opts=pulumi.ResourceOptions(transformations=[capture]))
        DnsRecord("chosen", args(), opts=pulumi.ResourceOptions(transformations=[capture], version="6.0.0"))

    evaluate(program)
    plugin = json.loads(resources.files("pulumi_cloudflare").joinpath("pulumi-plugin.json").read_text())
    assert versions == {"installed": plugin["version"], "chosen": "6.0.0"}


def test_nothing_imports_the_cloudflare_sdk() -> None:
    code = (
        "import sys, zelly_components.certificate, zelly_components.dns_record, zelly_components.dns_zone\n"
        "print('pulumi_cloudflare' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout == "False\n"


def test_a_record_of_its_own_keeps_its_ttl_and_a_proxied_one_is_automatic() -> None:
    assert [recorded_inputs(proxied=proxied)["ttl"] for proxied in (False, True)] == [300, 1]


def test_a_comment_is_only_sent_when_there_is_one() -> None:
    assert "comment" not in recorded_inputs()
    assert recorded_inputs(comment="the API")["comment"] == "the API"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ttl_seconds": 1}, "ttl_seconds: came 1; allowed 60 to 86400"),
        ({"ttl_seconds": 86401}, "ttl_seconds: came 86401; allowed 60 to 86400"),
        ({"type": "TXT", "proxied": True}, "proxied: came True for TXT; allowed for A, AAAA, CNAME"),
        ({"comment": "a" * 101}, "comment: came 101 characters; allowed 100"),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        recorded_inputs(**changes)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "hostname",
    ["shop.example", "a.b.c.example", "*.shop.example", "x-1.example", "xn--bcher-kva.example", f"{'a' * 63}.example"],
)
def test_full_hostname_is_taken(hostname: str) -> None:
    assert check_hostname("hostname", hostname) == hostname


@pytest.mark.parametrize(
    "hostname",
    [
        "",
        "shop",
        "shop.example.",
        ".shop.example",
        "shop..example",
        "Shop.example",
        "-shop.example",
        "shop-.example",
        "my_shop.example",
        "https://shop.example",
        "shop.example/path",
        "a.*.example",
        "*shop.example",
        "192.0.2.1",
        "shop.example\n",
        f"{'a' * 64}.example",
        f"{'a.' * 124}example",
    ],
)
def test_what_is_no_full_hostname_is_refused_in_one_line(hostname: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        check_hostname("hostname", hostname)
    assert str(error.value) == (f"hostname: came {hostname!r}; allowed a full lower-case name such as api.example.com")
