"""Where the internet comes in: load balancers, certificates, names and access logs."""

import json
from typing import Any

import pytest

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, Environment, only, tags_of, zones
from zelly_infra.catalog import SERVICES, HttpsIngress, PassthroughIngress

APPLICATION = {
    service.ingress.load_balancer: service for service in SERVICES if isinstance(service.ingress, HttpsIngress)
}
"""The services behind the HTTPS balancers, by the balancers' names."""

((NLB_SERVICE, NLB),) = [
    (service.name, service.ingress) for service in SERVICES if isinstance(service.ingress, PassthroughIngress)
]

NAMES = (*APPLICATION, NLB.load_balancer)


def hostname(environment: Environment, name: str) -> str:
    """Return the host name that leads to a balancer."""
    service = APPLICATION[name].name if name in APPLICATION else NLB_SERVICE
    return str(environment.config.services[service].hostname)


def protected(environment: Environment) -> str:
    return str(environment.config.deletion_protection).lower()


def described(environment: Environment, name: str) -> dict[str, Any]:
    return only(environment.client("elbv2").describe_load_balancers(Names=[name])["LoadBalancers"])


def attributes(environment: Environment, name: str) -> dict[str, str]:
    arn = described(environment, name)["LoadBalancerArn"]
    answer = environment.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)
    return {each["Key"]: each["Value"] for each in answer["Attributes"]}


def listeners(environment: Environment, name: str) -> dict[int, dict[str, Any]]:
    """Return a balancer's listeners by port."""
    arn = described(environment, name)["LoadBalancerArn"]
    found = environment.listed("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn)
    return {listener["Port"]: listener for listener in found}


def target_groups(environment: Environment, name: str) -> dict[int, dict[str, Any]]:
    """Return a balancer's target groups by port."""
    arn = described(environment, name)["LoadBalancerArn"]
    found = environment.listed("elbv2", "describe_target_groups", "TargetGroups", LoadBalancerArn=arn)
    return {group["Port"]: group for group in found}


def target_group_attributes(environment: Environment, group: dict[str, Any]) -> dict[str, str]:
    answer = environment.client("elbv2").describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])
    return {each["Key"]: each["Value"] for each in answer["Attributes"]}


def bucket(environment: Environment) -> str:
    """Return the name of the environment's bucket; S3 lists those of every region."""
    buckets = [each["Name"] for each in environment.client("s3").list_buckets()["Buckets"]]
    return only([name for name in buckets if environment.short(name) == "access-logs"])


def certificates(environment: Environment) -> dict[str, dict[str, Any]]:
    """Return the certificates by domain name."""
    acm = environment.client("acm")
    arns = [each["CertificateArn"] for each in environment.listed("acm", "list_certificates", "CertificateSummaryList")]
    found = [acm.describe_certificate(CertificateArn=arn)["Certificate"] for arn in arns]
    return {certificate["DomainName"]: certificate for certificate in found}


def test_balancers_are_those_of_the_catalog(environment: Environment) -> None:
    found = {
        balancer["LoadBalancerName"]: (balancer["Type"], balancer["Scheme"], balancer["VpcId"])
        for balancer in environment.listed("elbv2", "describe_load_balancers", "LoadBalancers")
    }
    vpc_id = environment.outputs.vpc_id
    assert found == {
        **dict.fromkeys(APPLICATION, ("application", "internet-facing", vpc_id)),
        NLB.load_balancer: ("network", "internet-facing", vpc_id),
    }


@pytest.mark.parametrize("name", NAMES)
def test_balancer_stands_in_the_public_subnets_with_its_own_group(environment: Environment, name: str) -> None:
    balancer = described(environment, name)
    assert environment.subnets([zone["SubnetId"] for zone in balancer["AvailabilityZones"]]) == zones("public")
    assert environment.groups(balancer["SecurityGroups"]) == [name]
    assert environment.outputs.load_balancer_dns_names[name] == balancer["DNSName"]


@pytest.mark.parametrize("name", APPLICATION)
def test_application_balancer_protects_itself_and_logs_every_request(environment: Environment, name: str) -> None:
    expected = {
        "deletion_protection.enabled": protected(environment),
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "idle_timeout.timeout_seconds": "60",
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": bucket(environment),
        "access_logs.s3.prefix": name,
    }
    assert attributes(environment, name).items() >= expected.items()


@pytest.mark.parametrize("name", APPLICATION)
def test_application_balancer_redirects_to_https_with_its_certificate(environment: Environment, name: str) -> None:
    found = listeners(environment, name)
    certificate = certificates(environment)[hostname(environment, name)]
    group = only(list(target_groups(environment, name).values()))
    assert sorted(found) == [80, 443]
    assert found[80]["Protocol"] == "HTTP"
    assert found[80]["DefaultActions"] == [
        {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    ]
    assert found[443]["Protocol"] == "HTTPS"
    assert found[443]["SslPolicy"] == environment.config.load_balancing.tls_policy
    assert found[443]["Certificates"] == [{"CertificateArn": certificate["CertificateArn"]}]
    assert found[443]["DefaultActions"] == [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]


@pytest.mark.parametrize("name", APPLICATION)
def test_application_balancer_sends_to_healthy_tasks_only(environment: Environment, name: str) -> None:
    ingress = APPLICATION[name].ingress
    assert isinstance(ingress, HttpsIngress)
    port = ingress.port
    found = target_groups(environment, name)
    expected = {
        "Protocol": "HTTP",
        "TargetType": "ip",
        "HealthCheckEnabled": True,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckPath": ingress.health_check_path,
        "HealthCheckIntervalSeconds": 15,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 3,
        "Matcher": {"HttpCode": "200"},
    }
    assert {number: {key: group[key] for key in expected} for number, group in found.items()} == {port: expected}
    assert target_group_attributes(environment, found[port])["deregistration_delay.timeout_seconds"] == "30"


def test_network_balancer_has_an_elastic_ip_per_zone(environment: Environment) -> None:
    addresses = {
        address["AllocationId"]: (address["PublicIp"], tags_of(address)["Name"])
        for address in environment.client("ec2").describe_addresses()["Addresses"]
    }
    found: dict[str, tuple[str, str]] = {}
    for zone in described(environment, NLB.load_balancer)["AvailabilityZones"]:
        address = only(zone["LoadBalancerAddresses"])
        found[environment.subnet_names[zone["SubnetId"]]] = addresses[address["AllocationId"]]
    ips = environment.outputs.storefront_ips
    assert found == {
        "network-public-a": (ips[0], "nlb-storefront-1"),
        "network-public-b": (ips[1], "nlb-storefront-2"),
        "network-public-c": (ips[2], "nlb-storefront-3"),
    }
    expected = {
        "deletion_protection.enabled": protected(environment),
        "load_balancing.cross_zone.enabled": "true",
    }
    assert attributes(environment, NLB.load_balancer).items() >= expected.items()


def test_network_balancer_passes_tls_through_untouched(environment: Environment) -> None:
    found = listeners(environment, NLB.load_balancer)
    groups = target_groups(environment, NLB.load_balancer)
    assert {
        port: (listener["Protocol"], listener.get("Certificates", []), listener["DefaultActions"])
        for port, listener in found.items()
    } == {
        port: ("TCP", [], [{"Type": "forward", "TargetGroupArn": groups[port]["TargetGroupArn"]}]) for port in NLB.ports
    }


def test_network_balancer_preserves_the_clients_address_and_asks_a_plain_port(environment: Environment) -> None:
    groups = target_groups(environment, NLB.load_balancer)
    health = {
        "Protocol": "TCP",
        "TargetType": "ip",
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": str(NLB.health_check_port),
        "HealthCheckPath": NLB.health_check_path,
        "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 3,
        "Matcher": {"HttpCode": "200"},
    }
    assert {port: {key: group[key] for key in health} for port, group in groups.items()} == dict.fromkeys(
        NLB.ports, health
    )
    expected = {
        "preserve_client_ip.enabled": "true",
        "proxy_protocol_v2.enabled": "false",
        "deregistration_delay.timeout_seconds": "60",
        "deregistration_delay.connection_termination.enabled": "true",
    }
    for group in groups.values():
        assert target_group_attributes(environment, group).items() >= expected.items()


def test_certificates_are_issued_for_the_https_names(environment: Environment) -> None:
    found = {
        domain: (certificate["Status"], certificate["SubjectAlternativeNames"], certificate["Type"])
        for domain, certificate in certificates(environment).items()
    }
    assert found == {
        hostname(environment, name): ("ISSUED", [hostname(environment, name)], "AMAZON_ISSUED") for name in APPLICATION
    }


def test_names_lead_to_the_balancers_and_validate_the_certificates(environment: Environment) -> None:
    # Cloudflare's records exist in the record alone: the embedded AWS is no Cloudflare.
    found = [
        (record.inputs["name"], record.inputs["type"], record.inputs["content"])
        for record in environment.evaluation.of_type("cloudflare:index/dnsRecord:DnsRecord")
        if record.inputs["proxied"] is False and record.inputs["ttl"] == environment.config.dns.ttl_seconds
    ]
    validations = [
        only(certificate["DomainValidationOptions"])["ResourceRecord"]
        for certificate in certificates(environment).values()
    ]
    assert sorted(found) == sorted(
        [
            *((hostname(environment, name), "CNAME", described(environment, name)["DNSName"]) for name in APPLICATION),
            *(
                (hostname(environment, NLB.load_balancer), "A", address)
                for address in environment.outputs.storefront_ips
            ),
            *((record["Name"].rstrip("."), "CNAME", record["Value"].rstrip(".")) for record in validations),
        ]
    )


def test_access_logs_expire_and_only_balancers_write_them(environment: Environment) -> None:
    s3 = environment.client("s3")
    name = bucket(environment)
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == environment.region
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
    lifecycle = only(s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"])
    assert (lifecycle["Status"], lifecycle["Filter"], lifecycle["Expiration"]) == (
        "Enabled",
        {"Prefix": ""},
        {"Days": environment.config.load_balancing.access_log_retention_days},
    )
    encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    # Balancers write to no bucket that is encrypted with a key of KMS.
    assert only(encryption["Rules"])["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    ownership = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]
    assert ownership["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    statements = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    assert {each["Sid"]: each for each in statements} == {
        "DenyPlaintextTransport": {
            "Sid": "DenyPlaintextTransport",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["s3:*"],
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        "AllowLoadBalancerLogs": {
            "Sid": "AllowLoadBalancerLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": [f"arn:aws:s3:::{name}/*/AWSLogs/{ACCOUNT_ID}/*"],
            "Condition": {
                "ArnLike": {
                    "aws:SourceArn": f"arn:aws:elasticloadbalancing:{environment.region}:{ACCOUNT_ID}:loadbalancer/*"
                }
            },
        },
    }
