"""A zone's settings and rules, and the rules tried on requests by a small interpreter of their language."""

from typing import Any, cast

import pulumi
import pytest

from tests.support.cloudflare_rules import Request, matching
from tests.support.examples import example_program
from workbench.evaluate import Evaluation, evaluate
from workbench.sandbox.making.schema import is_structure, members, schema
from zelly_components.api_route import ApiRoute
from zelly_components.authenticated_origin_pulls import AuthenticatedOriginPulls
from zelly_components.cloudflare_edge import CloudflareEdge, CloudflareEdgeArgs, EdgeHostArgs, RateLimitArgs
from zelly_components.edge import rules
from zelly_components.edge.rules import RulesArgs, rules_by_phase
from zelly_components.origin_certificate import OriginCertificate

ZONE = "0123456789abcdef0123456789abcdef"
RULESET = "cloudflare:index/ruleset:Ruleset"
TOKEN = "t0ken"
HOSTS = [
    EdgeHostArgs(hostname="shop.example", origin_hostname="origin.shop.example"),
    EdgeHostArgs(hostname="staging.shop.example", origin_hostname="origin-staging.shop.example"),
]
HEALTH = ["/api/v1/health", "/api/v1/health/ready"]
LIMIT = RateLimitArgs(requests=300, period_seconds=60, block_seconds=120)


def args(**changes: Any) -> CloudflareEdgeArgs:
    values: dict[str, Any] = {
        "zone_id": ZONE,
        "hosts": HOSTS,
        "api_path": "/api/",
        "health_paths": HEALTH,
        "min_tls_version": "1.2",
        "hsts_max_age_seconds": 86400,
        "waf_action": "log",
        "owasp_score": 40,
        "rate_limit": LIMIT,
    }
    return CloudflareEdgeArgs(**(values | changes))


def record(**changes: Any) -> Evaluation:
    return evaluate(lambda: CloudflareEdge("shop-edge", args(**changes)) and None)


def known_rules(waf_action: Any = "log") -> dict[str, list[dict[str, Any]]]:
    """Return the rules by phase, with the secret in its place: a record of the evaluation masks it."""
    found: dict[str, list[dict[str, Any]]] = {}

    def program() -> None:
        by_phase = rules_by_phase(
            RulesArgs(
                hosts=HOSTS,
                api_path="/api/",
                health_paths=HEALTH,
                checker_token=TOKEN,
                waf_action=waf_action,
                owasp_score=40,
                rate_limit=LIMIT,
            )
        )
        every: Any = {phase: list(listed) for phase, listed in by_phase.items()}

        def keep(known: dict[str, list[dict[str, Any]]]) -> None:
            found.update(known)

        pulumi.Output.from_input(every).apply(keep)

    evaluate(program)
    return found


def test_settings_that_drift_in_a_dashboard_are_pinned() -> None:
    evaluation = record()
    settings = {
        one.inputs["settingId"]: one.inputs["value"]
        for one in evaluation.of_type("cloudflare:index/zoneSetting:ZoneSetting")
    }
    assert settings == {
        "ssl": "strict",
        "min_tls_version": "1.2",
        "tls_1_3": "on",
        "always_use_https": "off",
        "security_header": {
            "strict_transport_security": {
                "enabled": True,
                "max_age": 86400,
                "include_subdomains": True,
                "preload": False,
                "nosniff": True,
            }
        },
    }
    assert evaluation.one("cloudflare:index/zoneDnssec:ZoneDnssec").inputs == {"zoneId": ZONE, "status": "active"}


def test_each_phase_has_one_ruleset_whose_rules_keep_their_ids() -> None:
    rulesets = record().of_type(RULESET)
    phases = [ruleset.inputs["phase"] for ruleset in rulesets]
    assert (
        sorted(phases)
        == sorted(set(phases))
        == sorted([rules.REDIRECTS, rules.CACHE, rules.CUSTOM, rules.RATE_LIMITS, rules.MANAGED])
    )
    assert {ruleset.inputs["kind"] for ruleset in rulesets} == {"zone"}
    refs = [rule.get("ref") for ruleset in rulesets for rule in ruleset.inputs["rules"]]
    assert None not in refs
    assert len(set(refs)) == len(refs)


def test_what_checkers_are_known_by_stands_in_no_record() -> None:
    (skip,) = [
        rule
        for ruleset in record().of_type(RULESET)
        for rule in ruleset.inputs["rules"]
        if rule["ref"] == "uptime_checks"
    ]
    assert skip["expression"] == "[secret]"


@pytest.mark.parametrize(("action", "of_cloudflare"), [("log", {"overrides": {"action": "log"}}), ("block", {})])
def test_managed_rules_log_or_block_and_owasp_stays_at_its_first_level(
    action: str, of_cloudflare: dict[str, Any]
) -> None:
    cloudflare, owasp = (rule["actionParameters"] for rule in known_rules(action)[rules.MANAGED])
    assert cloudflare == {"id": "efb7b8c949ac4650a09736fc376e9aee", **of_cloudflare}
    assert owasp == {
        "id": "4814384a9e5d4991b9815dcfc25d2f1f",
        "overrides": {
            "categories": [{"category": f"paranoia-level-{level}", "enabled": False} for level in (2, 3, 4)],
            "rules": [
                {
                    "id": "6179ae15870a4bb7b2d480d4843b323c",
                    "action": action,
                    "enabled": True,
                    "scoreThreshold": 40,
                }
            ],
        },
    }


API = Request(host="shop.example", path="/api/v1/orders")
CHECK = Request(host="shop.example", path="/api/v1/health", query=f"x-uptime-token={TOKEN}")
EVERY_REF = {"api_rate", "cloudflare_managed", "owasp_core"}


@pytest.mark.parametrize(
    ("request_", "refs"),
    [
        pytest.param(API, {"never_cached", *EVERY_REF}, id="API"),
        pytest.param(API.like(tls=False), {"https_only", "never_cached", *EVERY_REF}, id="API over HTTP"),
        pytest.param(API.like(host="staging.shop.example"), {"never_cached", *EVERY_REF}, id="staging"),
        pytest.param(API.like(host="origin.shop.example"), {"never_cached", *EVERY_REF}, id="origin"),
        pytest.param(API.like(host="other.shop.example", tls=False), set[str](), id="a host that is not ours"),
        pytest.param(Request(host="shop.example", path="/"), {"cloudflare_managed", "owasp_core"}, id="page"),
        pytest.param(
            Request(host="shop.example", path="/search", query="q=1' OR '1'='1"),
            {"cloudflare_managed", "owasp_core"},
            id="attack",
        ),
        pytest.param(CHECK, {"never_cached", "uptime_checks"}, id="health checker by its query"),
        pytest.param(
            CHECK.like(query="", headers={"x-uptime-token": [TOKEN]}),
            {"never_cached", "uptime_checks"},
            id="health checker by its header",
        ),
        pytest.param(CHECK.like(query="x-uptime-token=guess"), {"never_cached", *EVERY_REF}, id="a guessed token"),
        pytest.param(CHECK.like(path="/api/v1/orders"), {"never_cached", *EVERY_REF}, id="the token elsewhere"),
        pytest.param(CHECK.like(method="POST"), {"never_cached", *EVERY_REF}, id="the token with another method"),
        pytest.param(
            CHECK.like(host="origin.shop.example"), {"never_cached", *EVERY_REF}, id="the token at the origin's name"
        ),
        pytest.param(
            Request(host="staging.shop.example", path="/.well-known/acme-challenge/x", tls=False),
            {"never_cached", "certificate_validation"},
            id="ACME over HTTP is neither redirected nor challenged",
        ),
        pytest.param(
            Request(host="shop.example", path="/.well-known/vercel/y"),
            {"never_cached", "certificate_validation"},
            id="Vercel's own proof",
        ),
    ],
)
def test_rules_find_what_they_are_for(request_: Request, refs: set[str]) -> None:
    assert matching(known_rules(), request_) == refs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hosts": []}, "hosts: came none; allowed one or more"),
        (
            {"hosts": [EdgeHostArgs(hostname="a.example", origin_hostname="a.example")]},
            "hosts: came a.example, a.example; allowed each name once",
        ),
        ({"api_path": "/api"}, "api_path: came '/api'; allowed a path that ends in a slash"),
        (
            {"health_paths": ['/x" or true']},
            "api_path, health_paths: came '/x\" or true'; allowed paths such as /api/health",
        ),
        (
            {"rate_limit": RateLimitArgs(requests=1, period_seconds=61, block_seconds=1)},
            "rate_limit.period_seconds: came 61; allowed 10, 60, 120, 300, 600, 3600",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        record(**changes)
    assert str(error.value) == message


def test_every_property_is_one_that_the_cloudflare_sdk_has() -> None:
    """Nested ones, too. Over a second for the SDK, once for all types."""
    unknown: list[str] = []
    types: set[str] = set()
    for component in (CloudflareEdge, OriginCertificate, AuthenticatedOriginPulls, ApiRoute):
        for resource in evaluate(example_program(component)).custom():
            if resource.type.startswith("cloudflare:"):
                types.add(resource.type)
                held = schema(resource.type)
                unknown += [f"{resource.type} {name}" for name in resource.inputs if name not in held.inputs]
                for name, value in resource.inputs.items():
                    unknown += [f"{resource.type} {path}" for path in _unknown(value, held.properties.get(name), name)]
    assert unknown == []
    assert len(types) == 8


def _unknown(value: Any, kind: Any, path: str) -> list[str]:
    """Return the paths in a value that its type at the SDK does not have."""
    if isinstance(value, list):
        (element,) = getattr(kind, "__args__", (None,))
        elements = cast("list[Any]", value)
        return [found for one in elements for found in _unknown(one, element, f"{path}[]")]
    if not isinstance(value, dict) or not is_structure(kind):
        return []
    known = {_camel(name): held for name, held in members(kind).items()}
    return [
        found
        for name, inner in cast("dict[str, Any]", value).items()
        for found in (_unknown(inner, known[name], f"{path}.{name}") if name in known else [f"{path}.{name}"])
    ]


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
