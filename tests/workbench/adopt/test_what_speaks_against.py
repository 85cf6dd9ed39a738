"""References that would mislead: used by others as well, of other lengths, contradicted elsewhere, another thing."""

from collections.abc import Sequence
from typing import Any

from tests.workbench.adopt.plans import addresses, matched, planned
from tests.workbench.adopt.shop import ROLE
from tests.workbench.adopt.states import resource
from workbench.review.plan_document import PlannedResource

_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_LISTENER = "aws:lb/listener:Listener"
_TARGETS = "aws:lb/targetGroup:TargetGroup"
_CERTIFICATE = "aws:acm/certificate:Certificate"
_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"


def _listeners(*certificates: str) -> list[PlannedResource]:
    made = [
        planned(_BALANCER, "alb", {"name": "alb"}),
        planned(_CERTIFICATE, "cert", {"domainName": "a.example.org"}),
    ]
    for port, certificate in enumerate(certificates, start=443):
        at = {"loadBalancerArn": "${alb.arn}", "port": port, "certificateArn": certificate}
        made.append(planned(_LISTENER, f"listener-{port}", at))
    return made


def _live_listeners(*certificates: str, domain: str | None = "a.example.org") -> list[dict[str, Any]]:
    made = [
        resource("aws_lb.a", {"id": "arn:lb", "arn": "arn:lb", "name": "alb"}),
        resource("aws_acm_certificate.a", {"id": "arn:c", "arn": "arn:c", "domain_name": domain}),
        resource("aws_acm_certificate.b", {"id": "arn:d", "arn": "arn:d", "domain_name": domain}),
    ]
    for port, certificate in enumerate(certificates, start=443):
        at = {"load_balancer_arn": "arn:lb", "port": port, "certificate_arn": certificate}
        made.append(resource(f"aws_lb_listener.l{port}", {"id": f"arn:l{port}", **at}))
    return made


def test_what_others_use_as_well_is_not_one_user_s() -> None:
    one = _listeners("${cert.arn}", "arn:elsewhere")
    assert addresses(matched(one, _live_listeners("arn:c", "arn:d")))["cert"] == "aws_acm_certificate.a"
    assert "cert" not in addresses(matched(one, _live_listeners("arn:c", "arn:c")))


def test_what_is_another_thing_is_not_followed() -> None:
    one = _listeners("${cert.arn}")
    assert "cert" in addresses(matched(one, _live_listeners("arn:c", domain=None)))
    assert "cert" not in addresses(matched(one, _live_listeners("arn:c", domain="*.example.org")))


def test_of_lists_of_other_lengths_nothing_follows() -> None:
    group = planned("aws:ec2/securityGroup:SecurityGroup", "web", {"vpcId": "vpc-1"})
    balancer = planned(_BALANCER, "alb", {"name": "alb", "securityGroups": ["${web.id}"]})

    def with_groups(groups: Sequence[str]) -> dict[str, str]:
        live = resource("aws_lb.a", {"id": "arn:lb", "name": "alb", "security_groups": list(groups)})
        of_state = [resource(f"aws_security_group.{name}", {"id": f"sg-{name}", "vpc_id": "vpc-1"}) for name in "ab"]
        return addresses(matched([group, balancer], [live, *of_state]))

    assert with_groups(["sg-a"])["web"] == "aws_security_group.a"
    assert "web" not in with_groups(["sg-a", "sg-b"])
    assert "web" not in with_groups(["sg-a", "sg-of-nobody"])


def test_two_with_the_same_key_prove_nothing() -> None:
    role = planned(ROLE, "role", {"name": "r"})
    policy = planned("aws:iam/rolePolicy:RolePolicy", "policy", {"role": "${role.name}", "policy": "{}"})
    live = [
        resource("aws_iam_role.r", {"id": "r", "name": "r"}),
        *(resource(f"aws_iam_role_policy.{name}", {"id": f"r:{name}", "name": name, "role": "r"}) for name in "ab"),
    ]
    assert addresses(matched([role, policy], live[:2]))["policy"] == "aws_iam_role_policy.a"
    assert "policy" not in addresses(matched([role, policy], live))


def test_what_is_two_things_by_two_references_is_neither() -> None:
    targets = [planned(_TARGETS, name, {}) for name in ("one", "two")]
    action = {"type": "forward", "targetGroupArn": "${one.arn}"}
    listener = planned(_LISTENER, "listener", {"loadBalancerArn": "arn:lb", "port": 80, "defaultActions": [action]})
    service = planned(
        "aws:ecs/service:Service",
        "service",
        {"cluster": "arn:c", "name": "s", "loadBalancers": [{"targetGroupArn": "${two.arn}"}]},
    )

    def with_service_at(arn: str) -> dict[str, str]:
        forward = {"type": "forward", "target_group_arn": "arn:t"}
        live = [
            resource("aws_lb_target_group.t", {"id": "arn:t", "arn": "arn:t"}),
            resource("aws_lb_target_group.u", {"id": "arn:u", "arn": "arn:u"}),
            resource(
                "aws_lb_listener.l", {"id": "l", "load_balancer_arn": "arn:lb", "port": 80, "default_action": [forward]}
            ),
            # The only ones of two lists are held against each other, whatever else differs in them.
            resource(
                "aws_ecs_service.s",
                {
                    "id": "s",
                    "cluster": "arn:c",
                    "name": "s",
                    "load_balancer": [{"target_group_arn": arn, "container_port": 80}],
                },
            ),
        ]
        return addresses(matched([*targets, listener, service], live))

    assert with_service_at("arn:u").items() >= {"one": "aws_lb_target_group.t", "two": "aws_lb_target_group.u"}.items()
    assert not {"one", "two"} & with_service_at("arn:t").keys()


def test_what_was_followed_falls_when_a_later_reference_says_otherwise() -> None:
    roles = [planned(ROLE, name, {}) for name in ("one", "two")]
    made = [
        *roles,
        planned(_DEFINITION, "definition", {"family": "f", "taskRoleArn": "${one.arn}"}),
        planned(
            "aws:ec2/eipAssociation:EipAssociation",
            "association",
            {"allocationId": "eipalloc-1", "instanceId": "${host.id}"},
        ),
        planned("aws:ec2/instance:Instance", "host", {"iamInstanceProfile": "${profile.name}"}),
        planned("aws:iam/instanceProfile:InstanceProfile", "profile", {"role": "${two.name}"}),
    ]
    definition = resource("aws_ecs_task_definition.f", {"arn": "arn:f", "family": "f", "task_role_arn": "arn:r"})
    live = [
        resource("aws_iam_role.r", {"id": "r", "name": "r", "arn": "arn:r"}),
        resource("aws_eip_association.a", {"id": "a", "allocation_id": "eipalloc-1", "instance_id": "i-1"}),
        resource("aws_instance.h", {"id": "i-1", "iam_instance_profile": "p"}),
        resource("aws_iam_instance_profile.p", {"id": "p", "name": "p", "role": "r"}),
    ]
    assert addresses(matched(made, live))["two"] == "aws_iam_role.r"
    assert addresses(matched(made, [definition]))["definition"] == "aws_ecs_task_definition.f"
    assert not {"one", "two"} & addresses(matched(made, [definition, *live])).keys()


def test_keys_are_the_same_that_are_only_written_otherwise() -> None:
    key = planned("aws:ec2/keyPair:KeyPair", "key", {"publicKey": "ssh-ed25519 AAAA somebody@here"})
    record = planned(
        "cloudflare:index/dnsRecord:DnsRecord",
        "record",
        {"zoneId": "z", "type": "CNAME", "name": "_x.Example.org.", "content": "_y.acm-validations.aws."},
    )
    provider = planned(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider", "provider", {"url": "https://token.example.org"}
    )
    live = [
        resource("aws_key_pair.k", {"id": "k", "key_name": "k", "public_key": "ssh-ed25519 AAAA ops"}),
        resource(
            "cloudflare_record.r",
            {
                "id": "r",
                "zone_id": "z",
                "type": "CNAME",
                "hostname": "_x.example.org",
                "content": "_y.acm-validations.aws",
            },
        ),
        resource("aws_iam_openid_connect_provider.o", {"id": "arn:o", "url": "token.example.org"}),
    ]
    assert addresses(matched([key, record, provider], live)).keys() == {"key", "record", "provider"}
