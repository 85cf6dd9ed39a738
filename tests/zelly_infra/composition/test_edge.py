"""Where the internet comes in, read off both stacks: addresses, balancers, certificates, DNS records, repositories."""

import json
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, config_of, evaluation_of
from zelly_infra.catalog import REPOSITORIES, SERVICES, HttpsIngress, PassthroughIngress

LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
HTTPS = {
    service.ingress.load_balancer: (service.name, service.ingress)
    for service in SERVICES
    if isinstance(service.ingress, HttpsIngress)
}
"""The services with a load balancer that ends TLS, by its name."""
((PASSTHROUGH_SERVICE, PASSTHROUGH),) = [
    (service.name, service.ingress) for service in SERVICES if isinstance(service.ingress, PassthroughIngress)
]
NLB = PASSTHROUGH.load_balancer


def hostname(stack: str, load_balancer: str) -> str:
    """Return the host name of the service behind a load balancer."""
    service = PASSTHROUGH_SERVICE if load_balancer == NLB else HTTPS[load_balancer][0]
    found = config_of(stack).services[service].hostname
    assert found is not None
    return found


def named(stack: str, type_token: str) -> dict[str, dict[str, Any]]:
    """Return the inputs of a type's resources by what of their logical name follows ``zelly-<stack>-``."""
    return {
        resource.name.removeprefix(f"zelly-{stack}-"): resource.inputs
        for resource in evaluation_of(stack).of_type(type_token)
    }


def public_subnets(stack: str) -> list[str]:
    return [f"${{zelly-{stack}-network-public-{zone}.id}}" for zone in "abc"]


@pytest.mark.parametrize("stack", STACKS)
def test_elastic_ips_are_as_many_as_an_account_has_by_default(stack: str) -> None:
    # Five per region ("Elastic IP address quotas", EC2 User Guide): a second NAT gateway needs a higher quota.
    addresses = named(stack, "aws:ec2/eip:Eip")
    assert sorted(addresses) == [
        "bastion-eip",
        "network-nat-a-eip",
        "nlb-storefront-eip-1",
        "nlb-storefront-eip-2",
        "nlb-storefront-eip-3",
    ]


@pytest.mark.parametrize("stack", STACKS)
def test_three_balancers_end_tls_and_one_passes_it_through(stack: str) -> None:
    protected = config_of(stack).deletion_protection
    balancers = named(stack, LOAD_BALANCER)
    assert {
        name: (balancer["name"], balancer["loadBalancerType"], balancer["internal"], balancer["securityGroups"])
        for name, balancer in balancers.items()
    } == {
        name: (
            name,
            "network" if name == NLB else "application",
            False,
            [f"${{zelly-{stack}-{name}-sg.id}}"],
        )
        for name in (*HTTPS, NLB)
    }
    assert {balancer["enableDeletionProtection"] for balancer in balancers.values()} == {protected}
    assert {resource.protect for resource in evaluation_of(stack).of_type(LOAD_BALANCER)} == {protected}
    for name in HTTPS:
        assert balancers[name]["subnets"] == public_subnets(stack)
        assert balancers[name]["accessLogs"] == {
            "enabled": True,
            "bucket": f"${{zelly-{stack}-access-logs.bucket}}",
            "prefix": name,
        }
    assert balancers[NLB]["subnetMappings"] == [
        {"subnetId": subnet, "allocationId": f"${{zelly-{stack}-{NLB}-eip-{position}.allocationId}}"}
        for position, subnet in enumerate(public_subnets(stack), start=1)
    ]


@pytest.mark.parametrize("stack", STACKS)
def test_listeners_redirect_end_tls_or_pass_it_through(stack: str) -> None:
    def arn(part: str) -> str:
        return f"${{zelly-{stack}-{part}.arn}}"

    redirect = {
        "type": "redirect",
        "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
    }
    expected: dict[str, dict[str, Any]] = {}
    for name in HTTPS:
        expected[f"{name}-http"] = {
            "loadBalancerArn": arn(name),
            "port": 80,
            "protocol": "HTTP",
            "defaultActions": [redirect],
        }
        expected[f"{name}-https"] = {
            "loadBalancerArn": arn(name),
            "port": 443,
            "protocol": "HTTPS",
            "sslPolicy": config_of(stack).load_balancing.tls_policy,
            "certificateArn": arn(f"{name}-certificate"),
            "defaultActions": [{"type": "forward", "targetGroupArn": arn(f"{name}-targets")}],
        }
    for port in PASSTHROUGH.ports:
        expected[f"{NLB}-tcp-{port}"] = {
            "loadBalancerArn": arn(NLB),
            "port": port,
            "protocol": "TCP",
            "defaultActions": [{"type": "forward", "targetGroupArn": arn(f"{NLB}-targets-{port}")}],
        }
    assert named(stack, "aws:lb/listener:Listener") == expected


@pytest.mark.parametrize("stack", STACKS)
def test_target_groups_have_their_ports_and_a_plain_health_check(stack: str) -> None:
    groups = named(stack, "aws:lb/targetGroup:TargetGroup")
    assert {
        name: (
            group["protocol"],
            group["port"],
            group["targetType"],
            group["healthCheck"]["protocol"],
            group["healthCheck"]["port"],
            group["healthCheck"]["path"],
            group.get("preserveClientIp"),
        )
        for name, group in groups.items()
    } == {
        **{
            f"{name}-targets": ("HTTP", way.port, "ip", "HTTP", "traffic-port", way.health_check_path, None)
            for name, (_, way) in HTTPS.items()
        },
        **{
            f"{NLB}-targets-{port}": (
                "TCP",
                port,
                "ip",
                "HTTP",
                str(PASSTHROUGH.health_check_port),
                PASSTHROUGH.health_check_path,
                "true",
            )
            for port in PASSTHROUGH.ports
        },
    }


@pytest.mark.parametrize("stack", STACKS)
def test_dns_records_are_exactly_these(stack: str) -> None:
    records = [
        (record["name"], record["type"], record["content"], record["proxied"], record["ttl"], record["zoneId"])
        for record in named(stack, "cloudflare:index/dnsRecord:DnsRecord").values()
    ]
    name, dns = f"zelly-{stack}", config_of(stack).dns

    def asked(alb: str, output: str) -> str:
        return f"${{{name}-{alb}-certificate.domainValidationOptions[{hostname(stack, alb)}].{output}}}"

    expected = [
        *((hostname(stack, alb), "CNAME", f"${{{name}-{alb}.dnsName}}") for alb in HTTPS),
        *((asked(alb, "resourceRecordName"), "CNAME", asked(alb, "resourceRecordValue")) for alb in HTTPS),
        *(
            (hostname(stack, NLB), "A", f"${{{name}-{NLB}-eip-{position}.publicIp}}")
            for position in range(1, 1 + config_of(stack).storefront.load_balancer_zones)
        ),
    ]
    assert sorted(records) == sorted(
        (*record, dns.proxied, dns.ttl_seconds, dns.cloudflare_zone_id) for record in expected
    )


@pytest.mark.parametrize("stack", STACKS)
def test_every_https_name_has_a_certificate_of_its_own(stack: str) -> None:
    certificates = named(stack, "aws:acm/certificate:Certificate")
    assert {name: (inputs["domainName"], inputs["validationMethod"]) for name, inputs in certificates.items()} == {
        f"{alb}-certificate": (hostname(stack, alb), "DNS") for alb in HTTPS
    }


@pytest.mark.parametrize("stack", STACKS)
def test_https_listeners_wait_until_their_certificate_is_issued(stack: str) -> None:
    evaluation = evaluation_of(stack)
    name = f"zelly-{stack}"
    for alb in HTTPS:
        listener = evaluation.one("aws:lb/listener:Listener", f"{name}-{alb}-https")
        validation = evaluation.one(
            "aws:acm/certificateValidation:CertificateValidation", f"{name}-{alb}-certificate-validation"
        )
        assert validation.urn in listener.depends_on


@pytest.mark.parametrize("stack", STACKS)
def test_access_logs_expire_and_go_with_an_environment_that_may_go(stack: str) -> None:
    config = config_of(stack)
    region, account = config.region, config.aws_account_id
    bucket = named(stack, "aws:s3/bucket:Bucket")["access-logs"]
    assert bucket["forceDestroy"] is not config.deletion_protection
    lifecycle = evaluation_of(stack).one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    (rule,) = lifecycle.inputs["rules"]
    assert rule["expiration"] == {"days": config.load_balancing.access_log_retention_days}
    policy = evaluation_of(stack).one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"]
    writers = [statement for statement in json.loads(policy)["Statement"] if statement["Effect"] == "Allow"]
    assert [(writer["Resource"], writer["Condition"]) for writer in writers] == [
        (
            [f"${{zelly-{stack}-access-logs.arn}}/*/AWSLogs/{account}/*"],
            {"ArnLike": {"aws:SourceArn": f"arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/*"}},
        )
    ]


def test_production_makes_the_repositories_in_the_registrys_region() -> None:
    repositories = evaluation_of("production").of_type("aws:ecr/repository:Repository")
    assert {
        repository.inputs["name"]: (
            repository.inputs["region"],
            repository.inputs["imageTagMutability"],
            repository.inputs["imageScanningConfiguration"],
        )
        for repository in repositories
    } == dict.fromkeys(REPOSITORIES, (config_of("production").registry.region, "IMMUTABLE", {"scanOnPush": True}))


def test_repositories_keep_images_of_both_environments_and_expire_the_rest() -> None:
    policies = evaluation_of("production").of_type("aws:ecr/lifecyclePolicy:LifecyclePolicy")
    selections = {
        json.dumps([rule["selection"] for rule in json.loads(policy.inputs["policy"])["rules"]]) for policy in policies
    }
    (selection,) = selections
    registry = config_of("production").registry
    prefixes = {
        **{f"deployed-{prefix}": registry.deployed_images_kept_per_prefix for prefix in registry.kept_tag_prefixes},
        **dict.fromkeys(registry.kept_tag_prefixes, registry.images_kept_per_prefix),
    }
    assert len(policies) == len(REPOSITORIES)
    assert json.loads(selection) == [
        *(
            {"tagStatus": "tagged", "tagPrefixList": [prefix], "countType": "imageCountMoreThan", "countNumber": count}
            for prefix, count in prefixes.items()
        ),
        {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": registry.untagged_retention_days,
        },
    ]
