"""Jenkins, which the account has once, and what a stack file may say of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from relay_infra import catalog
from relay_infra.names import Names
from tests.programs.relay.evaluations import config_of, evaluation_of, stack_file_with
from workbench.errors import OperatorError

OWNER, OTHER = "preproduction", "production"
GROUP = "aws:autoscaling/group:Group"


def ingress() -> set[tuple[str, str]]:
    """Return who reaches what of Jenkins', by security groups' names and ranges."""
    rules = evaluation_of(OWNER).of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    found: set[tuple[str, str]] = set()
    for rule in rules:
        into = short(rule.inputs["securityGroupId"])
        if into.startswith("jenkins"):
            by = rule.inputs.get("cidrIpv4") or short(rule.inputs["referencedSecurityGroupId"])
            found.add((into, f"{by} {rule.inputs['fromPort']}"))
    return found


def short(group: str) -> str:
    return group.removeprefix(f"${{relay-{OWNER}-").removesuffix("-sg.id}")


def test_the_account_has_one_jenkins_and_production_no_part_of_it() -> None:
    assert config_of(OTHER).jenkins is None
    assert [each.name for each in evaluation_of(OTHER).resources if "jenkins" in each.name] == []
    assert [each.inputs["name"] for each in evaluation_of(OWNER).of_type(GROUP)] == [
        Names(OWNER).agent_group(label) for label in catalog.AGENT_LABELS
    ]


def test_nobody_reaches_jenkins_but_the_vpn_github_and_its_own_parts() -> None:
    config = config_of(OWNER).jenkins
    assert config is not None
    github = {("jenkins-webhook", f"{network} 443") for network in config.webhook_networks.values()}
    assert ingress() == {
        *github,
        ("jenkins-people", "jenkins-vpn 443"),
        ("jenkins", "jenkins-people 8080"),
        ("jenkins", "jenkins-webhook 8080"),
        ("jenkins-home", "jenkins 2049"),
        *((f"jenkins-{label}", "jenkins 22") for label in catalog.AGENT_LABELS),
        ("jenkins-vpn", "0.0.0.0/0 51820"),
    }


def test_nothing_of_jenkins_reaches_a_service_or_a_network_of_production() -> None:
    evaluation = evaluation_of(OWNER)
    own = {f"${{relay-{OWNER}-jenkins-{label}-sg.id}}" for label in catalog.AGENT_LABELS}
    for rule in evaluation.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"):
        if rule.inputs["securityGroupId"] in own:
            # The internet's HTTPS, and so AWS's own endpoints: no group, no range of ours.
            assert (rule.inputs.get("cidrIpv4"), rule.inputs["fromPort"]) == ("0.0.0.0/0", 443)
    assert evaluation.of_type("aws:ec2/vpcPeeringConnection:VpcPeeringConnection") == []


def test_the_controller_is_told_of_the_groups_once_they_are_there() -> None:
    evaluation = evaluation_of(OWNER)
    definition = evaluation.one("aws:ecs/taskDefinition:TaskDefinition", f"relay-{OWNER}-jenkins-task-definition")
    (container,) = json.loads(definition.inputs["containerDefinitions"])
    given = {each["name"]: each["value"] for each in container["environment"]}
    for label in catalog.AGENT_LABELS:
        shouted = label.upper().replace("-", "_")
        assert given[f"AGENTS_{shouted}_GROUP"] == Names(OWNER).agent_group(label)
        # By the group itself: a controller that is told of one that does not exist does not start.
        group = evaluation.one(GROUP, f"relay-{OWNER}-jenkins-{label}-group")
        assert group.urn in definition.property_dependencies["containerDefinitions"]
    assert {each["name"] for each in container["secrets"]} == {
        catalog.AGENT_KEY,
        *(key for keys in catalog.CONTROLLER_SECRETS.values() for key in keys),
    }
    assert given["JENKINS_URL"] == "https://jenkins.relay.example/"


def test_what_builds_may_be_taken_away_and_what_deploys_may_not() -> None:
    shares = {
        each.inputs["name"]: each.inputs["mixedInstancesPolicy"]["instancesDistribution"][
            "onDemandPercentageAboveBaseCapacity"
        ]
        for each in evaluation_of(OWNER).of_type(GROUP)
    }
    assert list(shares.values()) == [0, 100, 100]


def test_alarms_ring_for_the_controller_its_agents_and_its_backups() -> None:
    names = {
        each.name.removeprefix(f"relay-{OWNER}-monitoring-")
        for each in evaluation_of(OWNER).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    assert {name for name in names if name.startswith("jenkins")} == {
        "jenkins-running-tasks",
        "jenkins-cpu",
        "jenkins-memory",
        "jenkins-alb-5xx",
        "jenkins-alb-unhealthy-targets",
        "jenkins-no-backup",
        "jenkins-backup-failed",
        *(f"jenkins-{label}-{what}" for label in catalog.AGENT_LABELS for what in ("too-old", "failed-units")),
        *(f"jenkins-vpn-{what}" for what in ("down", "failed-units", "memory", "root-disk")),
    }


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"registry.create": False},
        "jenkins: given; null is required without registry.create: the account has one Jenkins",
    ),
    (
        {"jenkins.webhook_hostname": "jenkins.relay.example"},
        "jenkins.webhook_hostname: jenkins.relay.example; taken by hostname, which is private",
    ),
    (
        {"jenkins.hostname": "api.preproduction.relay.example"},
        "jenkins.hostname: api.preproduction.relay.example; taken by send-api",
    ),
    ({"jenkins.hostname": "jenkins.other.example"}, "jenkins.hostname: jenkins.other.example; a name in relay.example"),
    ({"jenkins.webhook_networks": {}}, "jenkins.webhook_networks: came {}; allowed: one to four ranges"),
    (
        {"jenkins.webhook_networks": {"all": "0.0.0.0/0"}},
        'jenkins.webhook_networks.all: came "0.0.0.0/0"; only a range smaller',
    ),
    ({"jenkins.image": "relay/jenkins:latest"}, 'jenkins.image: came "relay/jenkins:latest"; allowed: an image'),
    ({"jenkins.memory_mib": 512}, "jenkins.memory_mib: 512 with cpu_units 1024"),
    ({"jenkins.home.directory": "/"}, 'jenkins.home.directory: came "/"; allowed: a path below'),
    (
        {
            "jenkins.agents.pools": {
                "build": {"instance_types": ["t3.small"], "spot": True, "root_volume_gib": 20, "maximum_agents": 1}
            }
        },
        "jenkins.agents.pools: deploy-preproduction, deploy-production missing",
    ),
    (
        {"jenkins.agents.pools.build.instance_types": ["t4g.small"]},
        "pools: instance types of arm64 and x86_64; one architecture is required, as ami_id has one",
    ),
    ({"jenkins.agents.longest_build_minutes": 1440}, "jenkins.agents.longest_build_minutes: came 1440"),
    (
        {"jenkins.vpn.vpn_cidr": "10.41.3.0/24", "jenkins.vpn.peers": {}},
        "jenkins.vpn.vpn_cidr: 10.41.3.0/24; a range apart from network.cidr",
    ),
]


@pytest.mark.parametrize(("changes", "line"), REFUSED, ids=[next(iter(changes)) for changes, _ in REFUSED])
def test_what_a_stack_file_may_not_say_is_one_line(changes: dict[str, Any], line: str, tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as refused:
        stack_file_with(tmp_path, OWNER, changes)
    assert [each for each in refused.value.lines if line in each], refused.value.lines
