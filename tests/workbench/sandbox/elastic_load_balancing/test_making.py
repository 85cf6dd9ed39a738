from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError, UnmappedInputError

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"


@pytest.fixture(scope="module")
def vpc_id(sandbox: Sandbox) -> str:
    return sandbox.create("aws:ec2/vpc:Vpc", "shop", cidrBlock="10.0.0.0/16").id


@pytest.fixture(scope="module")
def subnet_ids(sandbox: Sandbox, vpc_id: str) -> list[str]:
    return [
        sandbox.create(
            "aws:ec2/subnet:Subnet",
            zone,
            vpcId=vpc_id,
            cidrBlock=f"10.0.{position}.0/24",
            availabilityZone=f"eu-west-1{zone}",
        ).id
        for position, zone in enumerate("ab")
    ]


@pytest.fixture(scope="module")
def group_id(sandbox: Sandbox, vpc_id: str) -> str:
    return sandbox.create("aws:ec2/securityGroup:SecurityGroup", "alb", vpcId=vpc_id, description="Balancer").id


def attributes_of(described: dict[str, Any]) -> dict[str, str]:
    return {attribute["Key"]: attribute["Value"] for attribute in described["Attributes"]}


def target_group(sandbox: Sandbox, vpc_id: str, name: str) -> str:
    return sandbox.create(
        TARGET_GROUP, name, namePrefix="shop-", targetType="ip", protocol="HTTP", port=3000, vpcId=vpc_id
    ).id


BALANCER_ATTRIBUTES = {
    "idle_timeout.timeout_seconds": "75",
    "routing.http.drop_invalid_header_fields.enabled": "true",
    "routing.http.desync_mitigation_mode": "strictest",
    "deletion_protection.enabled": "true",
    "access_logs.s3.enabled": "true",
    "access_logs.s3.bucket": "shop-access-logs",
    "access_logs.s3.prefix": "alb",
}


def test_application_load_balancer_has_all_its_attributes(
    sandbox: Sandbox, subnet_ids: list[str], group_id: str
) -> None:
    sandbox.create("aws:s3/bucket:Bucket", "logs", bucket="shop-access-logs")
    created = sandbox.create(
        BALANCER,
        "alb",
        name="shop-alb",
        loadBalancerType="application",
        internal=False,
        subnets=subnet_ids,
        securityGroups=[group_id],
        idleTimeout=75,
        dropInvalidHeaderFields=True,
        desyncMitigationMode="strictest",
        enableDeletionProtection=True,
        accessLogs={"enabled": True, "bucket": "shop-access-logs", "prefix": "alb"},
        tags={"Name": "shop-alb"},
    )
    elb = sandbox.client("elbv2")
    balancer = elb.describe_load_balancers(LoadBalancerArns=[created.id])["LoadBalancers"][0]
    attributes = attributes_of(elb.describe_load_balancer_attributes(LoadBalancerArn=created.id))
    tags = elb.describe_tags(ResourceArns=[created.id])["TagDescriptions"][0]["Tags"]
    assert (balancer["Type"], balancer["Scheme"], balancer["SecurityGroups"]) == (
        "application",
        "internet-facing",
        [group_id],
    )
    assert [zone["SubnetId"] for zone in balancer["AvailabilityZones"]] == subnet_ids
    assert {key: attributes[key] for key in BALANCER_ATTRIBUTES} == BALANCER_ATTRIBUTES
    assert tags_of(tags) == {"Project": "shop", "Name": "shop-alb"}
    assert created.outputs["dnsName"] == balancer["DNSName"]
    assert created.outputs["zoneId"] == balancer["CanonicalHostedZoneId"]
    assert created.id.endswith(f":loadbalancer/{created.outputs['arnSuffix']}")


def test_network_load_balancer_has_its_elastic_ips(sandbox: Sandbox, subnet_ids: list[str], group_id: str) -> None:
    addresses = [sandbox.create("aws:ec2/eip:Eip", f"nlb-{position}", domain="vpc") for position in range(2)]
    created = sandbox.create(
        BALANCER,
        "nlb",
        name="shop-nlb",
        loadBalancerType="network",
        internal=False,
        subnetMappings=[
            {"subnetId": subnet_id, "allocationId": address.id}
            for subnet_id, address in zip(subnet_ids, addresses, strict=True)
        ],
        securityGroups=[group_id],
        enableCrossZoneLoadBalancing=True,
        enableDeletionProtection=False,
    )
    elb = sandbox.client("elbv2")
    balancer = elb.describe_load_balancers(LoadBalancerArns=[created.id])["LoadBalancers"][0]
    attributes = attributes_of(elb.describe_load_balancer_attributes(LoadBalancerArn=created.id))
    assert (balancer["Type"], balancer["SecurityGroups"]) == ("network", [group_id])
    assert [(zone["SubnetId"], zone["LoadBalancerAddresses"]) for zone in balancer["AvailabilityZones"]] == [
        (subnet_id, [{"AllocationId": address.id, "IpAddress": address.outputs["publicIp"]}])
        for subnet_id, address in zip(subnet_ids, addresses, strict=True)
    ]
    assert attributes["load_balancing.cross_zone.enabled"] == "true"


def test_unknown_elastic_ip_is_refused_before_the_balancer_is_made(sandbox: Sandbox, subnet_ids: list[str]) -> None:
    mappings = [{"subnetId": subnet_ids[0], "allocationId": "eipalloc-0123456789abcdef0"}]
    with pytest.raises(AwsRefusalError, match="CreateLoadBalancer failed with AllocationIdNotFound"):
        sandbox.create(BALANCER, "nlb", name="never", loadBalancerType="network", subnetMappings=mappings)
    names = [found["LoadBalancerName"] for found in sandbox.client("elbv2").describe_load_balancers()["LoadBalancers"]]
    assert "never" not in names


TARGET_GROUP_ATTRIBUTES = {
    "preserve_client_ip.enabled": "true",
    "proxy_protocol_v2.enabled": "false",
    "deregistration_delay.connection_termination.enabled": "true",
    "deregistration_delay.timeout_seconds": "60",
}


def test_target_group_has_its_health_check_and_attributes(sandbox: Sandbox, vpc_id: str) -> None:
    created = sandbox.create(
        TARGET_GROUP,
        "targets",
        namePrefix="shop-",
        targetType="ip",
        protocol="TCP",
        port=443,
        vpcId=vpc_id,
        preserveClientIp="true",
        proxyProtocolV2=False,
        connectionTermination=True,
        deregistrationDelay=60,
        healthCheck={
            "enabled": True,
            "protocol": "HTTP",
            "port": "8080",
            "path": "/healthy",
            "matcher": "200",
            "interval": 10,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
        tags={"Name": "targets"},
    )
    elb = sandbox.client("elbv2")
    group = elb.describe_target_groups(TargetGroupArns=[created.id])["TargetGroups"][0]
    attributes = attributes_of(elb.describe_target_group_attributes(TargetGroupArn=created.id))
    assert {key: value for key, value in group.items() if key.startswith(("Health", "Unhealthy", "Matcher"))} == {
        "HealthCheckEnabled": True,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "8080",
        "HealthCheckPath": "/healthy",
        "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 3,
        "Matcher": {"HttpCode": "200"},
    }
    assert (group["TargetType"], group["Protocol"], group["Port"], group["VpcId"]) == ("ip", "TCP", 443, vpc_id)
    assert {key: attributes[key] for key in TARGET_GROUP_ATTRIBUTES} == TARGET_GROUP_ATTRIBUTES
    assert group["TargetGroupName"] == created.outputs["name"]
    assert (created.outputs["name"][:5], len(created.outputs["name"])) == ("shop-", 31)
    assert created.id.endswith(f":{created.outputs['arnSuffix']}")


def test_listeners_terminate_tls_and_redirect(
    sandbox: Sandbox, vpc_id: str, subnet_ids: list[str], group_id: str
) -> None:
    balancer = sandbox.create(
        BALANCER, "listened", name="listened", internal=False, subnets=subnet_ids, securityGroups=[group_id]
    ).id
    certificate = sandbox.create(
        "aws:acm/certificate:Certificate", "certificate", domainName="shop.example", validationMethod="DNS"
    ).id
    targets = target_group(sandbox, vpc_id, "listened")
    https = sandbox.create(
        LISTENER,
        "https",
        loadBalancerArn=balancer,
        port=443,
        protocol="HTTPS",
        sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificateArn=certificate,
        defaultActions=[{"type": "forward", "targetGroupArn": targets}],
    )
    http = sandbox.create(
        LISTENER,
        "http",
        loadBalancerArn=balancer,
        port=80,
        protocol="HTTP",
        defaultActions=[
            {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}
        ],
    )
    listeners = {
        listener["ListenerArn"]: listener
        for listener in sandbox.client("elbv2").describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    }
    assert listeners.keys() == {https.id, http.id}
    secure, plain = listeners[https.id], listeners[http.id]
    assert (secure["Port"], secure["Protocol"], secure["SslPolicy"], secure["Certificates"]) == (
        443,
        "HTTPS",
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        [{"CertificateArn": certificate}],
    )
    assert [(action["Type"], action["TargetGroupArn"]) for action in secure["DefaultActions"]] == [("forward", targets)]
    redirect = plain["DefaultActions"][0]["RedirectConfig"]
    assert (plain["Port"], redirect["Protocol"], redirect["Port"], redirect["StatusCode"]) == (
        80,
        "HTTPS",
        "443",
        "HTTP_301",
    )


def test_listener_without_its_certificate_is_refused(sandbox: Sandbox, vpc_id: str, subnet_ids: list[str]) -> None:
    balancer = sandbox.create(BALANCER, "bare", name="bare", internal=False, subnets=subnet_ids).id
    with pytest.raises(AwsRefusalError, match="CreateListener failed with CertificateNotFound"):
        sandbox.create(
            LISTENER,
            "https",
            loadBalancerArn=balancer,
            port=443,
            protocol="HTTPS",
            certificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/none",
            defaultActions=[{"type": "forward", "targetGroupArn": target_group(sandbox, vpc_id, "bare")}],
        )


NOT_FOUND = {
    "type": "fixed-response",
    "fixedResponse": {"contentType": "text/plain", "messageBody": "Not found", "statusCode": "404"},
}


def shared_listener(sandbox: Sandbox, subnet_ids: list[str], name: str) -> str:
    balancer = sandbox.create(BALANCER, name, name=name, internal=False, subnets=subnet_ids).id
    return sandbox.create(
        LISTENER, name, loadBalancerArn=balancer, port=80, protocol="HTTP", defaultActions=[NOT_FOUND]
    ).id


def test_rules_send_each_name_to_its_targets_and_all_others_nowhere(
    sandbox: Sandbox, vpc_id: str, subnet_ids: list[str]
) -> None:
    listener = shared_listener(sandbox, subnet_ids, "ruled")
    expected: list[tuple[str, list[dict[str, Any]], str, str | None]] = []
    for position, host in enumerate(("api.shop.example", "admin.shop.example"), start=1):
        targets = target_group(sandbox, vpc_id, f"ruled-{position}")
        rule = sandbox.create(
            RULE,
            host,
            listenerArn=listener,
            conditions=[{"hostHeader": {"values": [host]}}],
            actions=[{"type": "forward", "targetGroupArn": targets}],
        )
        assert rule.outputs["priority"] == position
        assert rule.outputs["arn"] == rule.id
        condition = {"Field": "host-header", "HostHeaderConfig": {"Values": [host]}}
        expected.append((str(position), [condition], "forward", targets))
    rules = sandbox.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
    assert [
        (rule["Priority"], rule["Conditions"], rule["Actions"][0]["Type"], rule["Actions"][0].get("TargetGroupArn"))
        for rule in rules
    ] == [*expected, ("default", [], "fixed-response", None)]
    assert rules[-1]["Actions"][0]["FixedResponseConfig"] == {
        "ContentType": "text/plain",
        "MessageBody": "Not found",
        "StatusCode": "404",
    }


def test_rule_keeps_the_priority_that_it_was_given(sandbox: Sandbox, vpc_id: str, subnet_ids: list[str]) -> None:
    inputs = {
        "listenerArn": shared_listener(sandbox, subnet_ids, "prior"),
        "conditions": [{"pathPattern": {"values": ["/a"]}}],
        "actions": [{"type": "forward", "targetGroupArn": target_group(sandbox, vpc_id, "prior")}],
    }
    assert sandbox.create(RULE, "prior", **inputs, priority=7).outputs["priority"] == 7
    assert sandbox.create(RULE, "next", **inputs).outputs["priority"] == 8
    with pytest.raises(AwsRefusalError, match="CreateRule failed with PriorityInUse"):
        sandbox.create(RULE, "again", **inputs, priority=7)


def test_condition_that_has_no_counterpart_is_refused(sandbox: Sandbox, vpc_id: str, subnet_ids: list[str]) -> None:
    with pytest.raises(UnmappedInputError, match=r"input conditions\.hostHeader\.regexValues is not mapped"):
        sandbox.create(
            RULE,
            "regex",
            listenerArn=shared_listener(sandbox, subnet_ids, "regex"),
            conditions=[{"hostHeader": {"regexValues": [".*"]}}],
            actions=[{"type": "forward", "targetGroupArn": target_group(sandbox, vpc_id, "regex")}],
        )
