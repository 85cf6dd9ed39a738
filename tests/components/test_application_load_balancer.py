from typing import Any

import pulumi_aws as aws
import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.application_load_balancer import (
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
    BalancedServiceArgs,
)

LISTENER = "aws:lb/listener:Listener"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


def service(**changes: Any) -> BalancedServiceArgs:
    values: dict[str, Any] = {
        "name": "api",
        "certificate_arn": CERTIFICATE,
        "target_port": 3000,
        "health_check_path": "/health",
    }
    return BalancedServiceArgs(**(values | changes))


def args(**changes: Any) -> ApplicationLoadBalancerArgs:
    values: dict[str, Any] = {
        "load_balancer_name": "shop-production-alb-api",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "services": [service()],
        "access_log_bucket": "shop-logs",
        "access_log_prefix": "alb-api",
        "tls_policy": TLS_POLICY,
        "deletion_protection": True,
    }
    return ApplicationLoadBalancerArgs(**(values | changes))


def record(**changes: Any) -> Evaluation:
    def program() -> None:
        balancer = ApplicationLoadBalancer("shop-api", args(**changes))
        aws.lb.TargetGroupAttachment(
            "service", target_group_arn=balancer.target_group_arns["api"], target_id="10.8.0.1"
        )

    return evaluate(program)


def test_load_balancer_is_public_logs_and_drops_what_smuggles() -> None:
    balancer = record().one("aws:lb/loadBalancer:LoadBalancer")
    assert balancer.inputs == {
        "name": "shop-production-alb-api",
        "loadBalancerType": "application",
        "internal": False,
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroups": ["${shop-api-sg.id}"],
        "idleTimeout": 60,
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "defensive",
        "enableDeletionProtection": True,
        "accessLogs": {"enabled": True, "bucket": "shop-logs", "prefix": "alb-api"},
        "tags": {"Name": "shop-production-alb-api"},
    }


@pytest.mark.parametrize("deletion_protection", [True, False])
def test_deletion_protection_holds_in_aws_and_in_pulumi(deletion_protection: bool) -> None:
    balancer = record(deletion_protection=deletion_protection).one("aws:lb/loadBalancer:LoadBalancer")
    assert (balancer.inputs["enableDeletionProtection"], balancer.protect) == (
        deletion_protection,
        deletion_protection,
    )


def test_https_forwards_with_the_certificate_and_the_tls_policy() -> None:
    assert record().one(LISTENER, "shop-api-https").inputs == {
        "loadBalancerArn": "${shop-api.arn}",
        "port": 443,
        "protocol": "HTTPS",
        "sslPolicy": TLS_POLICY,
        "certificateArn": CERTIFICATE,
        "defaultActions": [{"type": "forward", "targetGroupArn": "${shop-api-targets.arn}"}],
    }


def test_http_only_redirects_for_good() -> None:
    assert record().one(LISTENER, "shop-api-http").inputs == {
        "loadBalancerArn": "${shop-api.arn}",
        "port": 80,
        "protocol": "HTTP",
        "defaultActions": [
            {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}
        ],
    }


def test_there_are_no_other_listeners() -> None:
    assert {listener.name for listener in record().of_type(LISTENER)} == {"shop-api-http", "shop-api-https"}


def test_target_group_has_a_prefix_so_that_it_can_be_replaced_and_a_tag_with_its_full_name() -> None:
    group = record().one("aws:lb/targetGroup:TargetGroup")
    assert group.inputs == {
        "namePrefix": "shop-",
        "targetType": "ip",
        "protocol": "HTTP",
        "port": 3000,
        "vpcId": "vpc-1",
        "deregistrationDelay": 30,
        "healthCheck": {
            "enabled": True,
            "protocol": "HTTP",
            "port": "traffic-port",
            "path": "/health",
            "matcher": "200",
            "interval": 15,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
        "tags": {"Name": "shop-api-targets"},
    }
    assert not group.delete_before_replace


def test_a_service_waits_for_the_https_listener() -> None:
    evaluation = record()
    service = evaluation.one("aws:lb/targetGroupAttachment:TargetGroupAttachment")
    assert service.inputs["targetGroupArn"] == "${shop-api-targets.arn}"
    assert evaluation.one(LISTENER, "shop-api-https").urn in service.depends_on


def test_everyone_may_come_in_by_http_and_https_and_nothing_leaves_by_itself() -> None:
    evaluation = record()
    rules = evaluation.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert {rule.name: rule.inputs for rule in rules} == {
        f"shop-api-sg-from-internet-tcp-{port}": {
            "securityGroupId": "${shop-api-sg.id}",
            "cidrIpv4": "0.0.0.0/0",
            "ipProtocol": "tcp",
            "fromPort": port,
            "toPort": port,
            "description": "internet to shop-api-sg",
        }
        for port in (80, 443)
    }
    assert evaluation.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == []


def test_timeouts_are_the_callers() -> None:
    evaluation = record(idle_timeout_seconds=120, deregistration_delay_seconds=5)
    assert evaluation.one("aws:lb/loadBalancer:LoadBalancer").inputs["idleTimeout"] == 120
    assert evaluation.one("aws:lb/targetGroup:TargetGroup").inputs["deregistrationDelay"] == 5


def test_outputs_are_declared() -> None:
    evaluation = record()
    component = evaluation.one("zelly-components:index:ApplicationLoadBalancer")
    assert evaluation.component_outputs[component.urn] == {
        "load_balancer_arn": "${shop-api.arn}",
        "load_balancer_arn_suffix": "${shop-api.arnSuffix}",
        "dns_name": "${shop-api.dnsName}",
        "zone_id": "${shop-api.zoneId}",
        "security_group_id": "${shop-api-sg.id}",
        "ports": [443],
        "target_group_arns": {"api": "${shop-api-targets.arn}"},
        "target_group_arn_suffixes": {"api": "${shop-api-targets.arnSuffix}"},
        "alternate_target_group_arns": {},
        "alternate_target_group_arn_suffixes": {},
        "production_rule_arns": {},
        "test_rule_arns": {},
    }


def test_what_was_made_by_the_shared_balancer_s_own_component_stays() -> None:
    aliases = record().one("aws:lb/listener:Listener", "shop-api-https").aliases
    assert (
        "urn:pulumi:test::test::components:index:SharedLoadBalancer$aws:lb/listener:Listener::shop-api-https" in aliases
    )


NAME_RULE = "allowed 1 to 32 letters, digits and inner hyphens, not 'internal-…'"
PREFIX_RULE = "allowed a folder without outer slashes or 'AWSLogs'"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"load_balancer_name": "a" * 33}, f"load_balancer_name: came '{'a' * 33}'; {NAME_RULE}"),
        ({"load_balancer_name": "shop_api"}, f"load_balancer_name: came 'shop_api'; {NAME_RULE}"),
        ({"load_balancer_name": "-shop"}, f"load_balancer_name: came '-shop'; {NAME_RULE}"),
        ({"load_balancer_name": "shop-"}, f"load_balancer_name: came 'shop-'; {NAME_RULE}"),
        ({"load_balancer_name": "internal-shop"}, f"load_balancer_name: came 'internal-shop'; {NAME_RULE}"),
        ({"load_balancer_name": ""}, f"load_balancer_name: came ''; {NAME_RULE}"),
        ({"subnet_ids": ["subnet-1"]}, "subnet_ids: came 1; allowed two or more, in different zones"),
        ({"access_log_prefix": ""}, f"access_log_prefix: came ''; {PREFIX_RULE}"),
        ({"access_log_prefix": "/api"}, f"access_log_prefix: came '/api'; {PREFIX_RULE}"),
        ({"access_log_prefix": "AWSLogs"}, f"access_log_prefix: came 'AWSLogs'; {PREFIX_RULE}"),
        ({"idle_timeout_seconds": 4001}, "idle_timeout_seconds: came 4001; allowed 1 to 4000"),
        ({"deregistration_delay_seconds": -1}, "deregistration_delay_seconds: came -1; allowed 0 to 3600"),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        record(**changes)
    assert str(error.value) == message


@pytest.mark.parametrize("name", ["a", "a" * 32, "Shop-1"])
def test_every_name_that_aws_takes_is_taken(name: str) -> None:
    assert record(load_balancer_name=name).one("aws:lb/loadBalancer:LoadBalancer").inputs["name"] == name
