"""A balancer's second target groups: where the traffic goes at first, and who reaches the test listener."""

from typing import Any

import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components import application_load_balancer as alb

LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
GROUP = "aws:lb/targetGroup:TargetGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def service(name: str, **changes: Any) -> alb.BalancedServiceArgs:
    values: dict[str, Any] = {
        "name": name,
        "hostname": f"{name}.shop.example",
        "certificate_arn": f"arn:aws:acm:eu-west-1:123456789012:certificate/{name}",
        "target_port": 3000,
        "health_check_path": "/health",
        "alternate_targets": True,
    }
    return alb.BalancedServiceArgs(**(values | changes))


def record(*services: alb.BalancedServiceArgs, ranges: dict[str, str] | None = None) -> Evaluation:
    def program() -> None:
        alb.ApplicationLoadBalancer(
            "shop-alb",
            alb.ApplicationLoadBalancerArgs(
                load_balancer_name="shop",
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                services=services,
                access_log_bucket="shop-logs",
                access_log_prefix="alb",
                tls_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
                deletion_protection=False,
                test_listener=None if ranges is None else alb.TestListenerArgs(allowed_cidrs=ranges),
            ),
        )

    return evaluate(program)


BOTH = record(service("api"), service("admin", alternate_targets=False), ranges={"office": "203.0.113.0/28"})


def weights(recorded: Evaluation, rule: str) -> dict[str, int]:
    (action,) = recorded.one(RULE, rule).inputs["actions"]
    assert action["type"] == "forward"
    return {group["arn"]: group["weight"] for group in action["forward"]["targetGroups"]}


def test_clients_reach_the_first_group_and_testers_the_second() -> None:
    first, second = "${shop-alb-api-targets.arn}", "${shop-alb-api-alternate-targets.arn}"
    assert weights(BOTH, "shop-alb-api-rule") == {first: 100, second: 0}
    assert weights(BOTH, "shop-alb-api-test-rule") == {first: 0, second: 100}


def test_weights_are_set_once_where_ecs_changes_them_and_only_there() -> None:
    ignored = {rule.name: rule.ignore_changes for rule in BOTH.of_type(RULE)}
    assert ignored == {
        "shop-alb-api-rule": ("actions",),
        "shop-alb-api-test-rule": ("actions",),
        "shop-alb-admin-rule": (),
    }


def test_both_groups_of_a_service_are_alike() -> None:
    first, second = (BOTH.one(GROUP, f"shop-alb-api{which}-targets").inputs for which in ("", "-alternate"))
    assert {**first, "tags": None} == {**second, "tags": None}


def test_test_listener_answers_the_same_names_with_the_same_certificates_to_the_ranges_alone() -> None:
    listener = BOTH.one(LISTENER, "shop-alb-test").inputs
    clients = BOTH.one(LISTENER, "shop-alb-https").inputs
    assert (listener["port"], listener["protocol"]) == (8443, "HTTPS")
    assert [listener[name] for name in ("sslPolicy", "certificateArn", "defaultActions")] == [
        clients[name] for name in ("sslPolicy", "certificateArn", "defaultActions")
    ]
    added = BOTH.one("aws:lb/listenerCertificate:ListenerCertificate", "shop-alb-admin-certificate-test").inputs
    assert added["listenerArn"] == "${shop-alb-test.arn}"
    assert {
        (rule.inputs["cidrIpv4"], rule.inputs["toPort"])
        for rule in BOTH.of_type(INGRESS)
        if rule.inputs["fromPort"] <= 8443 <= rule.inputs["toPort"]
    } == {("203.0.113.0/28", 8443)}


def test_second_group_waits_for_its_rule_and_the_outputs_name_everything() -> None:
    component = BOTH.one("zelly-components:index:ApplicationLoadBalancer")
    outputs = BOTH.component_outputs[component.urn]
    assert outputs["alternate_target_group_arns"] == {"api": "${shop-alb-api-alternate-targets.arn}"}
    assert outputs["production_rule_arns"] == {"api": "${shop-alb-api-rule.arn}"}
    assert outputs["test_rule_arns"] == {"api": "${shop-alb-api-test-rule.arn}"}


def test_without_a_test_listener_nothing_listens_beside_http_and_https() -> None:
    ports = {listener.inputs["port"] for listener in record(service("api")).of_type(LISTENER)}
    assert ports == {80, 443}


def test_service_without_a_name_has_no_rule_whose_weights_could_change() -> None:
    with pytest.raises(ValueError, match=r"^alternate_targets: came True without a hostname; allowed for a service"):
        record(service("api", hostname=None))
