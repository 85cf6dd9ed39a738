"""The edge of both environments, which share a zone: names, rules, certificates, and who reaches the origin."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from pakashop_infra import catalog
from pakashop_infra.names import Names
from pakashop_infra.program import PROGRAM
from tests.programs.pakashop import facts
from tests.programs.pakashop.evaluations import STACKS, config_of, evaluation_of, evaluation_with, stack_file_with
from tests.support.cloudflare_rules import Request, matching
from workbench.errors import OperatorError
from workbench.program import OtherStack
from zelly_components.origin_certificate import SECRET_KEYS

RULESET = "cloudflare:index/ruleset:Ruleset"
HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"


def rulesets() -> list[Mapping[str, Any]]:
    """Return the rulesets of both stacks together: what Cloudflare's one zone has."""
    return [one.inputs for stack in STACKS for one in evaluation_of(stack).of_type(RULESET)]


def test_the_zone_has_one_ruleset_for_each_phase_whichever_stack_makes_it() -> None:
    counted = Counter((one["zoneId"], one["phase"]) for one in rulesets())
    assert len(counted) == 5
    assert {zone for zone, _ in counted} == {config_of("live").edge.cloudflare_zone_id}
    assert set(counted.values()) == {1}


def test_settings_are_pinned_once() -> None:
    kinds = ("zoneSetting:ZoneSetting", "zoneDnssec:ZoneDnssec", "authenticatedOriginPullsSettings")
    for kind in kinds:
        made = {stack: [one for one in evaluation_of(stack).custom() if f"/{kind}" in one.type] for stack in STACKS}
        assert (bool(made["live"]), made["staging"]) == (True, [])


@pytest.mark.parametrize("stack", STACKS)
def test_rules_are_for_both_environments(stack: str) -> None:
    by_phase = {one["phase"]: one["rules"] for one in rulesets()}
    # The expression with the checkers' secret is masked; the component's own test reads it.
    readable = {phase: [rule for rule in rules if rule["ref"] != "uptime_checks"] for phase, rules in by_phase.items()}
    edge = config_of(stack).edge
    managed = {"cloudflare_managed", "owasp_core"}
    for name in (edge.hostname, edge.origin_hostname):
        api = Request(host=name, path=f"{catalog.API_PATH}v1/orders", query="id=1 union select")
        assert matching(readable, api) == {"never_cached", "api_rate", *managed}
        assert matching(readable, api.like(tls=False)) == {"https_only", "never_cached", "api_rate", *managed}
    acme = Request(host=edge.hostname, path="/.well-known/acme-challenge/x", tls=False)
    assert matching(readable, acme) == {"never_cached", "certificate_validation"}
    assert matching(readable, Request(host="mail.pakashop.store", path="/api/v1/orders", tls=False)) == set()


@pytest.mark.parametrize("stack", STACKS)
def test_names_are_the_documented_ones_and_the_origin_is_reached_through_cloudflare_alone(stack: str) -> None:
    edge = config_of(stack).edge
    assert edge.hostname == facts.FRONTENDS[stack]
    zone = Names(stack).dns_zone
    records = {one.name: one.inputs for one in evaluation_of(stack).of_type("cloudflare:index/dnsRecord:DnsRecord")}
    assert {name: (one["type"], one["content"], one["proxied"]) for name, one in records.items()} == {
        f"{zone}-{edge.hostname}": ("CNAME", edge.frontend_target, True),
        f"{zone}-{edge.origin_hostname}-1": ("A", f"${{pakashop-{stack}-host-eip.publicIp}}", True),
    }
    route = evaluation_of(stack).one("cloudflare:index/workersRoute:WorkersRoute").inputs
    assert route["pattern"] == f"{edge.hostname}/api/*"


@pytest.mark.parametrize("stack", STACKS)
def test_nobody_but_cloudflare_is_let_in_to_the_host(stack: str) -> None:
    evaluation = evaluation_of(stack)
    host = f"pakashop-{stack}-host-sg"
    ingress = [
        one.inputs
        for one in evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if one.inputs["securityGroupId"] == f"${{{host}.id}}"
    ]
    assert {one["prefixListId"] for one in ingress} == {
        f"${{pakashop-{stack}-cloudflare-{family}.id}}" for family in ("ipv4", "ipv6")
    }
    assert {(one["ipProtocol"], one["fromPort"], one["toPort"]) for one in ingress} == {("tcp", 443, 443)}


@pytest.mark.parametrize("stack", STACKS)
def test_documented_urls_are_asked_from_outside_and_each_rings_by_itself(stack: str) -> None:
    evaluation = evaluation_of(stack)
    checks = {one.name: one.inputs for one in evaluation.of_type(HEALTH_CHECK)}
    assert {one["fqdn"] for one in checks.values()} == {facts.FRONTENDS[stack]}
    # The query of live's is a secret, and so is the whole path; the catalog's are compared with the document below.
    paths = {one["resourcePath"] for one in checks.values()}
    assert paths == ({"[secret]"} if stack == "live" else set(catalog.HEALTH_PATHS.values()))
    alarms = [
        one.inputs
        for one in evaluation.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
        if one.inputs.get("namespace") == "AWS/Route53"
    ]
    assert sorted(one["dimensions"]["HealthCheckId"] for one in alarms) == sorted(f"${{{name}.id}}" for name in checks)


def test_every_documented_url_is_one_of_the_checked_ones() -> None:
    asked = {
        stack: {f"https://{facts.FRONTENDS[stack]}{path}" for path in catalog.HEALTH_PATHS.values()} for stack in STACKS
    }
    # Staging's readiness is asked beyond what the document asks.
    assert all(set(urls) <= asked[stack] for stack, urls in facts.HEALTH_URLS.items())


@pytest.mark.parametrize("stack", STACKS)
def test_secret_has_the_keys_that_the_host_reads(stack: str) -> None:
    assert set(catalog.ORIGIN_KEYS) == set(SECRET_KEYS)
    certificate = evaluation_of(stack).one("cloudflare:index/originCaCertificate:OriginCaCertificate").inputs
    assert certificate["hostnames"] == [config_of(stack).edge.origin_hostname]


def test_each_environment_trusts_a_certificate_of_its_own() -> None:
    live, staging = ({one.type.rpartition(":")[2] for one in evaluation_of(stack).custom()} for stack in STACKS)
    assert {"AuthenticatedOriginPullsCertificate", "AuthenticatedOriginPullsSettings"} <= live
    assert {"AuthenticatedOriginPullsHostnameCertificate", "AuthenticatedOriginPulls"} <= staging
    assert "AuthenticatedOriginPullsCertificate" not in staging


def test_without_the_worker_vercel_has_the_name_for_itself() -> None:
    evaluation = evaluation_with("staging", {"edge.api_routing": "vercel"})
    records = {one.inputs["name"]: one.inputs for one in evaluation.of_type("cloudflare:index/dnsRecord:DnsRecord")}
    edge = config_of("staging").edge
    assert (records[edge.hostname]["proxied"], records[edge.origin_hostname]["proxied"]) == (False, True)
    assert evaluation.of_type("cloudflare:index/workersRoute:WorkersRoute") == []


@pytest.mark.parametrize(
    ("stack", "changes", "line"),
    [
        (
            "live",
            {"edge.certificates.origin_days": 31},
            "certificates.origin_days: 31; allowed: 7, 30, 90, 365",
        ),
        ("live", {"edge.zone.min_tls_version": "1.3"}, "edge.zone.min_tls_version: 1.3; Route 53's checkers speak TLS"),
        (
            "live",
            {"edge.zone.rate_limit.period_seconds": 61},
            "rate_limit.period_seconds: 61; allowed: 10, 60",
        ),
        ("live", {"edge.origin_hostname": "pakashop.store"}, "edge.origin_hostname: pakashop.store; taken by hostname"),
        (
            "staging",
            {"edge.certificates.client_days": 2000},
            "client_days: came 2000; allowed: 1 to 1826",
        ),
    ],
)
def test_bad_values_are_refused_in_words(tmp_path: Any, stack: str, changes: dict[str, Any], line: str) -> None:
    with pytest.raises(OperatorError) as error:
        stack_file_with(tmp_path, stack, changes)
    assert line in str(error.value)


def other(**edge: Any) -> OtherStack:
    zone = config_of("live").edge.cloudflare_zone_id
    return OtherStack(name="other", values={"edge": {"cloudflare_zone_id": zone, "zone": None, **edge}})


@pytest.mark.parametrize(
    ("neighbour", "lines"),
    [
        (other(hostname="staging.pakashop.store", origin_hostname="origin-api-staging.pakashop.store"), []),
        (
            other(hostname="pakashop.store", origin_hostname="origin-api-staging.pakashop.store"),
            ["edge.hostname: pakashop.store; taken by Pulumi.other.yaml: each name leads to one environment"],
        ),
        (
            other(zone={"waf_action": "log"}),
            ["edge.zone: given here and in Pulumi.other.yaml; one stack owns the zone, null is allowed in the others"],
        ),
        (
            other(hostname="qa.pakashop.store"),
            [
                "edge.zone.other_environments: without qa.pakashop.store; Pulumi.other.yaml has it as edge.hostname, "
                "and the zone's rules are for every name in it"
            ],
        ),
    ],
)
def test_two_stacks_share_a_zone_only_as_one_zone(neighbour: OtherStack, lines: list[str]) -> None:
    assert [*PROGRAM.collisions(config_of("live"), neighbour)] == lines
