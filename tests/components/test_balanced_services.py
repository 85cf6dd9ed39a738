from typing import Any

import pulumi_aws as aws
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.application_load_balancer import (
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
    BalancedServiceArgs,
)

LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER_CERTIFICATE = "aws:lb/listenerCertificate:ListenerCertificate"
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


def certificate(number: int) -> str:
    return f"arn:aws:acm:eu-west-1:123456789012:certificate/{number}"


def service(name: str, number: int, **changes: Any) -> BalancedServiceArgs:
    values: dict[str, Any] = {
        "name": name,
        "hostname": f"{name}.shop.example",
        "certificate_arn": certificate(number),
        "target_port": 3000 + number,
        "health_check_path": "/health",
    }
    return BalancedServiceArgs(**(values | changes))


def record(**changes: Any) -> Evaluation:
    values: dict[str, Any] = {
        "load_balancer_name": "shop-production-alb",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "services": [service("api", 1), service("admin", 2), service("login", 3)],
        "access_log_bucket": "shop-logs",
        "access_log_prefix": "alb",
        "tls_policy": TLS_POLICY,
        "deletion_protection": True,
    }

    def program() -> None:
        balancer = ApplicationLoadBalancer("shop-alb", ApplicationLoadBalancerArgs(**(values | changes)))
        for name, arn in balancer.target_group_arns.items():
            aws.lb.TargetGroupAttachment(name, target_group_arn=arn, target_id="10.8.0.1")

    return evaluate(program)


def test_a_name_that_no_service_has_reaches_nobody() -> None:
    assert record().one(LISTENER, "shop-alb-https").inputs == {
        "loadBalancerArn": "${shop-alb.arn}",
        "port": 443,
        "protocol": "HTTPS",
        "sslPolicy": TLS_POLICY,
        "certificateArn": certificate(1),
        "defaultActions": [
            {
                "type": "fixed-response",
                "fixedResponse": {"contentType": "text/plain", "messageBody": "Not found", "statusCode": "404"},
            }
        ],
    }


def test_a_service_without_a_name_answers_what_no_other_one_takes() -> None:
    evaluation = record(services=[service("api", 1), service("web", 2, hostname=None)])
    assert evaluation.one(LISTENER, "shop-alb-https").inputs["defaultActions"] == [
        {"type": "forward", "targetGroupArn": "${shop-alb-targets.arn}"}
    ]
    assert [rule.name for rule in evaluation.of_type(RULE)] == ["shop-alb-api-rule"]
    assert evaluation.one(LISTENER_CERTIFICATE).inputs["certificateArn"] == certificate(2)
    waiting = evaluation.one("aws:lb/targetGroupAttachment:TargetGroupAttachment", "web")
    assert waiting.inputs["targetGroupArn"] == "${shop-alb-targets.arn}"
    assert evaluation.one(LISTENER, "shop-alb-https").urn in waiting.depends_on


def test_each_name_is_forwarded_to_its_own_service() -> None:
    assert {rule.name: rule.inputs for rule in record().of_type(RULE)} == {
        f"shop-alb-{name}-rule": {
            "listenerArn": "${shop-alb-https.arn}",
            "conditions": [{"hostHeader": {"values": [f"{name}.shop.example"]}}],
            "actions": [{"type": "forward", "targetGroupArn": f"${{shop-alb-{name}-targets.arn}}"}],
        }
        for name in ("api", "admin", "login")
    }


def test_every_service_has_its_own_port_and_health_check() -> None:
    evaluation = record(
        services=[service("api", 1), service("admin", 2, health_check_path="/ok")], deregistration_delay_seconds=5
    )
    assert {
        group.name: (group.inputs["port"], group.inputs["healthCheck"]["path"], group.inputs["deregistrationDelay"])
        for group in evaluation.of_type(TARGET_GROUP)
    } == {"shop-alb-api-targets": (3001, "/health", 5), "shop-alb-admin-targets": (3002, "/ok", 5)}


def test_every_certificate_but_the_listeners_own_is_added_to_it() -> None:
    assert {found.name: found.inputs for found in record().of_type(LISTENER_CERTIFICATE)} == {
        f"shop-alb-{name}-certificate": {"listenerArn": "${shop-alb-https.arn}", "certificateArn": certificate(number)}
        for name, number in (("admin", 2), ("login", 3))
    }


def test_a_service_that_leaves_takes_nothing_of_the_others_along() -> None:
    def made(*names: str) -> dict[tuple[str, str], dict[str, Any]]:
        numbers = {"api": 1, "admin": 2, "login": 3}
        evaluation = record(services=[service(name, numbers[name]) for name in names])
        return {
            (resource.type, resource.name): resource.inputs
            for resource in evaluation.custom()
            if not resource.type.endswith("TargetGroupAttachment")
        }

    all_three, two = made("api", "admin", "login"), made("api", "login")
    assert two.items() <= all_three.items()
    assert {name for _, name in all_three.keys() - two.keys()} == {
        "shop-alb-admin-certificate",
        "shop-alb-admin-rule",
        "shop-alb-admin-targets",
    }


def test_who_takes_a_target_group_waits_for_its_rule() -> None:
    evaluation = record()
    for name in ("api", "admin", "login"):
        rule = evaluation.one(RULE, f"shop-alb-{name}-rule")
        attachment = evaluation.one("aws:lb/targetGroupAttachment:TargetGroupAttachment", name)
        assert rule.urn in attachment.depends_on


def test_outputs_are_declared() -> None:
    evaluation = record(services=[service("api", 1)])
    component = evaluation.one("zelly-components:index:ApplicationLoadBalancer")
    assert evaluation.component_outputs[component.urn] == {
        "load_balancer_arn": "${shop-alb.arn}",
        "load_balancer_arn_suffix": "${shop-alb.arnSuffix}",
        "dns_name": "${shop-alb.dnsName}",
        "zone_id": "${shop-alb.zoneId}",
        "security_group_id": "${shop-alb-sg.id}",
        "ports": [443],
        "target_group_arns": {"api": "${shop-alb-api-targets.arn}"},
        "target_group_arn_suffixes": {"api": "${shop-alb-api-targets.arnSuffix}"},
        "alternate_target_group_arns": {},
        "alternate_target_group_arn_suffixes": {},
        "production_rule_arns": {},
        "test_rule_arns": {},
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"services": []}, "services: came 0; allowed 1 to 26"),
        ({"services": [service(f"s{number}", number) for number in range(27)]}, "services: came 27; allowed 1 to 26"),
        (
            {"services": [service("api", 1), service("api", 2, hostname="b.shop.example")]},
            "services.name: came api, api; allowed each once",
        ),
        (
            {"services": [service("api", 1), service("b", 2, hostname="api.shop.example")]},
            "services.hostname: came api.shop.example, api.shop.example; allowed each once",
        ),
        (
            {"services": [service("api", 1, hostname="API")]},
            "hostname: came 'API'; allowed a full lower-case name such as api.example.com",
        ),
        (
            {"services": [service("a", 1, hostname=None), service("b", 2, hostname=None)]},
            "services.hostname: came none, none; allowed each once",
        ),
        ({"services": [service("api", 1, target_port=0)]}, "target_port: came 0; allowed 1 to 65535"),
        (
            {"services": [service("api", 1, health_check_path="ok")]},
            "health_check_path: came 'ok'; allowed a path that begins with /",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        record(**changes)
    assert str(error.value) == message


def test_one_path_is_answered_to_listed_ranges_and_everything_else_with_404() -> None:
    hook = service("hook", 1, hostname=None, paths=["/hook/"], source_cidr_blocks=["192.0.2.0/24", "198.51.100.0/24"])
    evaluation = record(services=[hook], allowed_cidr_blocks={"sender-1": "192.0.2.0/24"})
    assert evaluation.one(RULE).inputs["conditions"] == [
        {"pathPattern": {"values": ["/hook/"]}},
        {"sourceIp": {"values": ["192.0.2.0/24", "198.51.100.0/24"]}},
    ]
    assert evaluation.one(LISTENER).inputs["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"
    rules = evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert [(rule.inputs["cidrIpv4"], rule.inputs["fromPort"]) for rule in rules] == [("192.0.2.0/24", 443)]


def test_an_internal_balancer_lets_nobody_in_by_itself() -> None:
    evaluation = record(services=[service("web", 1)], internal=True)
    assert evaluation.one(LOAD_BALANCER).inputs["internal"] is True
    assert evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == []
    assert [listener.inputs["port"] for listener in evaluation.of_type(LISTENER)] == [443]


def test_a_rule_of_more_values_than_a_balancer_takes_is_refused() -> None:
    hook = service("hook", 1, paths=["/hook/"], source_cidr_blocks=[f"192.0.2.{last}/32" for last in range(4)])
    expected = "hostname, paths, source_cidr_blocks: came 6; allowed 5 together"
    with pytest.raises(ValueError, match=expected):
        record(services=[hook])
