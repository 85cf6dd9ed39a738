"""Load balancers, target groups and listeners, changed in place and deleted."""

from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from tests.workbench.sandbox.network import Network, make_network
from workbench.sandbox.errors import AwsRefusalError

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
LISTENER_CERTIFICATE = "aws:lb/listenerCertificate:ListenerCertificate"
CERTIFICATE = "aws:acm/certificate:Certificate"
EIP = "aws:ec2/eip:Eip"


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Network:
    return make_network(sandbox)


def balancers(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    """Return every load balancer by its ARN."""
    described = sandbox.client("elbv2").describe_load_balancers()["LoadBalancers"]
    return {found["LoadBalancerArn"]: found for found in described}


def balancer_attributes(sandbox: Sandbox, arn: str, *keys: str) -> dict[str, str]:
    listed = sandbox.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {found["Key"]: found["Value"] for found in listed if found["Key"] in keys}


def target_group(sandbox: Sandbox, arn: str) -> dict[str, Any]:
    return sandbox.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]


def test_application_balancer_changes_groups_zones_and_tags(sandbox: Sandbox, network: Network) -> None:
    one, two, three = network.subnet_ids
    other_group = sandbox.create(
        "aws:ec2/securityGroup:SecurityGroup", "other", vpcId=network.vpc_id, description="Other"
    ).id
    inputs = {"name": "moving", "loadBalancerType": "application", "internal": False}
    made = sandbox.create(
        BALANCER, "moving", **inputs, subnets=[one, two], securityGroups=[network.security_group_id], tags={"a": "b"}
    )
    sandbox.update(
        BALANCER, "moving", **inputs, subnets=[two, three], securityGroups=[other_group], tags={"Name": "moving"}
    )
    balancer = balancers(sandbox)[made.id]
    tags = sandbox.client("elbv2").describe_tags(ResourceArns=[made.id])["TagDescriptions"][0]["Tags"]
    assert [zone["SubnetId"] for zone in balancer["AvailabilityZones"]] == [two, three]
    assert (balancer["SecurityGroups"], tags_of(tags)) == ([other_group], {"Project": "shop", "Name": "moving"})


def test_balancer_changes_its_attributes(sandbox: Sandbox, network: Network) -> None:
    inputs = {"name": "tuned", "internal": False, "subnets": network.subnet_ids[:2]}
    logs = {"enabled": True, "bucket": "shop-logs", "prefix": "alb"}
    made = sandbox.create(
        BALANCER, "tuned", **inputs, idleTimeout=60, dropInvalidHeaderFields=False, enableHttp2=True, accessLogs=logs
    )
    sandbox.update(
        BALANCER,
        "tuned",
        **inputs,
        idleTimeout=120,
        dropInvalidHeaderFields=True,
        enableHttp2=False,
        accessLogs={**logs, "prefix": "other"},
    )
    expected = {
        "idle_timeout.timeout_seconds": "120",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "routing.http2.enabled": "false",
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": "shop-logs",
        "access_logs.s3.prefix": "other",
    }
    assert balancer_attributes(sandbox, made.id, *expected) == expected


def test_balancer_without_access_logs_writes_none(sandbox: Sandbox, network: Network) -> None:
    inputs = {"name": "quiet", "internal": False, "subnets": network.subnet_ids[:2]}
    made = sandbox.create(BALANCER, "quiet", **inputs, accessLogs={"enabled": True, "bucket": "shop-logs"})
    sandbox.update(BALANCER, "quiet", **inputs)
    assert balancer_attributes(sandbox, made.id, "access_logs.s3.enabled") == {"access_logs.s3.enabled": "false"}


def test_network_balancer_gets_a_zone_with_an_address_of_its_own(sandbox: Sandbox, network: Network) -> None:
    addresses = [sandbox.create(EIP, f"zone-{number}", domain="vpc") for number in range(3)]
    mappings = [
        {"subnetId": subnet_id, "allocationId": address.id}
        for subnet_id, address in zip(network.subnet_ids, addresses, strict=True)
    ]
    inputs = {"name": "growing", "loadBalancerType": "network", "internal": False}
    made = sandbox.create(BALANCER, "growing", **inputs, subnetMappings=mappings[:2])
    sandbox.update(BALANCER, "growing", **inputs, subnetMappings=mappings)
    zones = balancers(sandbox)[made.id]["AvailabilityZones"]
    assert [(zone["SubnetId"], zone["LoadBalancerAddresses"]) for zone in zones] == [
        (subnet_id, [{"AllocationId": address.id, "IpAddress": address.outputs["publicIp"]}])
        for subnet_id, address in zip(network.subnet_ids, addresses, strict=True)
    ]


def test_protected_balancer_goes_only_once_it_is_not(sandbox: Sandbox, network: Network) -> None:
    inputs = {"name": "protected", "internal": False, "subnets": network.subnet_ids[:2]}
    made = sandbox.create(BALANCER, "protected", **inputs, enableDeletionProtection=True)
    with pytest.raises(AwsRefusalError, match="DeleteLoadBalancer failed with OperationNotPermitted"):
        sandbox.delete(BALANCER, "protected")
    assert made.id in balancers(sandbox)
    sandbox.update(BALANCER, "protected", **inputs, enableDeletionProtection=False)
    sandbox.delete(BALANCER, "protected")
    assert made.id not in balancers(sandbox)


@pytest.mark.parametrize("protocol", ["HTTP", "TCP"])
def test_target_group_changes_its_health_check_and_attributes(
    sandbox: Sandbox, network: Network, protocol: str
) -> None:
    name = f"changed-{protocol.lower()}"
    inputs = {"name": name, "targetType": "ip", "protocol": protocol, "port": 3000, "vpcId": network.vpc_id}
    check = {"protocol": "HTTP", "path": "/old", "matcher": "200", "interval": 10, "healthyThreshold": 2}
    made = sandbox.create(TARGET_GROUP, name, **inputs, deregistrationDelay=30, healthCheck=check)
    new_check = {"protocol": "HTTP", "path": "/new", "matcher": "200-299", "interval": 15, "healthyThreshold": 3}
    sandbox.update(TARGET_GROUP, name, **inputs, deregistrationDelay=90, healthCheck=new_check)
    elb = sandbox.client("elbv2")
    group = target_group(sandbox, made.id)
    attributes = elb.describe_target_group_attributes(TargetGroupArn=made.id)["Attributes"]
    assert (
        group["HealthCheckPath"],
        group["Matcher"],
        group["HealthCheckIntervalSeconds"],
        group["HealthyThresholdCount"],
    ) == ("/new", {"HttpCode": "200-299"}, 15, 3)
    assert {found["Key"]: found["Value"] for found in attributes}["deregistration_delay.timeout_seconds"] == "90"


def test_listener_changes_its_certificate_policy_port_and_target(sandbox: Sandbox, network: Network) -> None:
    balancer = sandbox.create(BALANCER, "listened", name="changing", internal=False, subnets=network.subnet_ids[:2]).id
    old, new = (
        sandbox.create(CERTIFICATE, name, domainName=f"{name}.example", validationMethod="DNS").id
        for name in ("listener-old", "listener-new")
    )
    blue, green = (
        sandbox.create(
            TARGET_GROUP, name, name=name, targetType="ip", protocol="HTTP", port=3000, vpcId=network.vpc_id
        ).id
        for name in ("blue", "green")
    )
    made = sandbox.create(
        LISTENER,
        "https",
        loadBalancerArn=balancer,
        port=443,
        protocol="HTTPS",
        sslPolicy="ELBSecurityPolicy-2016-08",
        certificateArn=old,
        defaultActions=[{"type": "forward", "targetGroupArn": blue}],
    )
    sandbox.update(
        LISTENER,
        "https",
        loadBalancerArn=balancer,
        port=8443,
        protocol="HTTPS",
        sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificateArn=new,
        defaultActions=[{"type": "forward", "targetGroupArn": green}],
    )
    (listener,) = sandbox.client("elbv2").describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    assert (listener["ListenerArn"], listener["Port"], listener["SslPolicy"], listener["Certificates"]) == (
        made.id,
        8443,
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        [{"CertificateArn": new}],
    )
    assert [action["TargetGroupArn"] for action in listener["DefaultActions"]] == [green]


def test_listener_keeps_what_it_was_not_given_anew(sandbox: Sandbox, network: Network) -> None:
    balancer = sandbox.create(BALANCER, "kept", name="kept", internal=False, subnets=network.subnet_ids[:2]).id
    certificate = sandbox.create(CERTIFICATE, "kept", domainName="kept.example", validationMethod="DNS").id
    inputs = {
        "loadBalancerArn": balancer,
        "port": 443,
        "protocol": "HTTPS",
        "certificateArn": certificate,
        "defaultActions": [
            {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
        ],
    }
    sandbox.create(LISTENER, "kept", **inputs, sslPolicy="ELBSecurityPolicy-2016-08")
    sandbox.update(LISTENER, "kept", **inputs, sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")
    (listener,) = sandbox.client("elbv2").describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    assert (listener["SslPolicy"], listener["Certificates"]) == (
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        [{"CertificateArn": certificate}],
    )
    assert [(action["Type"], action["FixedResponseConfig"]["StatusCode"]) for action in listener["DefaultActions"]] == [
        ("fixed-response", "404")
    ]


def test_listener_goes_before_its_target_group_and_its_balancer(sandbox: Sandbox, network: Network) -> None:
    balancer = sandbox.create(BALANCER, "gone", name="gone", internal=False, subnets=network.subnet_ids[:2]).id
    group = sandbox.create(
        TARGET_GROUP, "gone", name="gone", targetType="ip", protocol="HTTP", port=3000, vpcId=network.vpc_id
    ).id
    sandbox.create(
        LISTENER,
        "gone",
        loadBalancerArn=balancer,
        port=80,
        protocol="HTTP",
        defaultActions=[{"type": "forward", "targetGroupArn": group}],
    )
    with pytest.raises(AwsRefusalError, match="DeleteTargetGroup failed with ResourceInUse"):
        sandbox.delete(TARGET_GROUP, "gone")
    sandbox.delete(LISTENER, "gone")
    elb = sandbox.client("elbv2")
    assert elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"] == []
    sandbox.delete(TARGET_GROUP, "gone")
    sandbox.delete(BALANCER, "gone")
    assert group not in {found["TargetGroupArn"] for found in elb.describe_target_groups()["TargetGroups"]}
    assert balancer not in balancers(sandbox)


def forwarding(sandbox: Sandbox, network: Network, name: str) -> tuple[str, list[str]]:
    """Return an HTTP listener and two target groups."""
    balancer = sandbox.create(BALANCER, name, name=name, internal=False, subnets=network.subnet_ids[:2]).id
    groups = [
        sandbox.create(
            TARGET_GROUP,
            f"{name}-{port}",
            namePrefix="shop-",
            targetType="ip",
            protocol="HTTP",
            port=port,
            vpcId=network.vpc_id,
        ).id
        for port in (3000, 4000)
    ]
    listener = sandbox.create(
        LISTENER,
        name,
        loadBalancerArn=balancer,
        port=80,
        protocol="HTTP",
        defaultActions=[{"type": "forward", "targetGroupArn": groups[0]}],
    )
    return listener.id, groups


def test_rule_changes_its_names_and_its_targets_and_goes(sandbox: Sandbox, network: Network) -> None:
    listener, (one, two) = forwarding(sandbox, network, "rule")

    def inputs(host: str, targets: str) -> dict[str, Any]:
        return {
            "listenerArn": listener,
            "conditions": [{"hostHeader": {"values": [host]}}],
            "actions": [{"type": "forward", "targetGroupArn": targets}],
        }

    def rules() -> list[tuple[str, list[str], str]]:
        return [
            (
                rule["Priority"],
                rule["Conditions"][0]["HostHeaderConfig"]["Values"],
                rule["Actions"][0]["TargetGroupArn"],
            )
            for rule in sandbox.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
            if not rule["IsDefault"]
        ]

    sandbox.create(RULE, "changing", **inputs("api.shop.example", one))
    sandbox.update(RULE, "changing", **inputs("www.shop.example", two))
    assert rules() == [("1", ["www.shop.example"], two)]
    sandbox.delete(RULE, "changing")
    assert rules() == []


def test_listener_shows_further_certificates_until_they_are_taken_away(sandbox: Sandbox, network: Network) -> None:
    balancer = sandbox.create(BALANCER, "sni", name="sni", internal=False, subnets=network.subnet_ids[:2]).id
    first, second = (
        sandbox.create(CERTIFICATE, host, domainName=host, validationMethod="DNS").id
        for host in ("first.shop.example", "second.shop.example")
    )
    targets = forwarding(sandbox, network, "snitargets")[1][0]
    listener = sandbox.create(
        LISTENER,
        "sni",
        loadBalancerArn=balancer,
        port=443,
        protocol="HTTPS",
        certificateArn=first,
        defaultActions=[{"type": "forward", "targetGroupArn": targets}],
    ).id
    elb = sandbox.client("elbv2")

    def shown() -> list[str]:
        found = elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
        return [certificate["CertificateArn"] for certificate in found]

    made = sandbox.create(LISTENER_CERTIFICATE, "second", listenerArn=listener, certificateArn=second)
    assert made.id == f"{listener}_{second}"
    assert shown() == [first, second]
    sandbox.delete(LISTENER_CERTIFICATE, "second")
    assert shown() == [first]
