"""The composed stacks: what every resource has in common, and that an environment is data."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluated, evaluation_of
from tests.zelly_infra.stack_files import PREPRODUCTION, environment_of, with_changes, write_stack_file
from workbench.evaluate import Evaluation, RecordedResource
from workbench.evaluate.secret_values import MASK
from zelly_infra import catalog
from zelly_infra.outputs import SECRET_OUTPUTS, StackOutputs
from zelly_infra.stack_file import read_stack_file

HOLDS_DATA = {
    "aws:rds/cluster:Cluster",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:efs/fileSystem:FileSystem",
    "aws:ebs/volume:Volume",
    "aws:ecr/repository:Repository",
}


@pytest.mark.parametrize("stack", STACKS)
def test_outputs_are_the_contract(stack: str) -> None:
    evaluation = evaluation_of(stack)
    # Neither stack has a NAT instance.
    assert sorted([*evaluation.plain_outputs, "nat_instance_id"]) == sorted(StackOutputs.model_fields)
    outputs = StackOutputs.model_validate(evaluation.plain_outputs)
    assert outputs.environment == stack
    assert {name for name, value in evaluation.outputs.items() if value == MASK} == SECRET_OUTPUTS


@pytest.mark.parametrize("stack", STACKS)
def test_no_value_is_missing_or_an_error_text(stack: str) -> None:
    evaluation = evaluation_of(stack)
    text = json.dumps([resource.inputs for resource in evaluation.resources] + [evaluation.plain_outputs])
    assert not re.findall(r"None|Calling __str__|<pulumi|Output\[", text)


@pytest.mark.parametrize("stack", STACKS)
def test_everything_belongs_to_a_component_and_to_the_environments_provider(stack: str) -> None:
    evaluation = evaluation_of(stack)
    by_urn = {resource.urn: resource for resource in evaluation.resources}
    root = evaluation.one("pulumi:pulumi:Stack")
    for resource in evaluation.custom():
        if resource.type.startswith("pulumi:"):
            continue
        assert resource.parent is not None
        assert by_urn[resource.parent].type.startswith("zelly-components:index:"), resource.urn
    top = {resource.type for resource in evaluation.resources if resource.parent == root.urn}
    assert all(token.startswith("zelly-components:index:") for token in top - {"pulumi:providers:aws"})


@pytest.mark.parametrize("stack", STACKS)
def test_provider_carries_region_account_and_tags(stack: str) -> None:
    provider = evaluation_of(stack).one("pulumi:providers:aws")
    environment = environment_of(stack)
    assert provider.inputs["region"] == environment["region"]
    assert json.loads(provider.inputs["allowedAccountIds"]) == [environment["aws_account_id"]]
    assert json.loads(provider.inputs["defaultTags"]) == {"tags": {**environment["tags"], "environment": stack}}


def test_production_protects_what_holds_data() -> None:
    resources = evaluation_of("production").resources
    assert [resource.name for resource in resources if resource.type in HOLDS_DATA and not resource.protect] == []


def test_staging_can_be_taken_down() -> None:
    assert [resource.name for resource in evaluation_of("staging").resources if resource.protect] == []


def test_staging_reads_what_production_makes() -> None:
    owned = {
        "aws:ecr/repository:Repository",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    }
    made = {stack: {resource.type for resource in evaluation_of(stack).resources} & owned for stack in STACKS}
    assert made == {"production": owned, "staging": set()}


@pytest.mark.parametrize("stack", STACKS)
def test_no_resource_is_made_twice_under_one_physical_name(stack: str) -> None:
    names = [
        (resource.type, resource.inputs["name"])
        for resource in evaluation_of(stack).custom()
        if "name" in resource.inputs and not resource.type.startswith(("aws:iam/rolePolicy", "cloudflare:"))
    ]
    assert len(set(names)) == len(names)


def test_the_roles_policies_of_both_stacks_fit_beside_each_other() -> None:
    # The role is one for the account; IAM counts its inline policies together, without white space, up to 10,240.
    sizes: list[int] = []
    for stack in STACKS:
        region, account = environment_of(stack)["region"], environment_of(stack)["aws_account_id"]
        for policy in evaluation_of(stack).of_type("aws:iam/rolePolicy:RolePolicy"):
            if "github" in policy.urn or "push" in policy.name:
                # The longest ARN that may stand for a placeholder: a role's, with its name of up to 64 characters.
                arn = f"arn:aws:service:{region}:{account}:resource/{'x' * 64}"
                document = re.sub(r"\$\{[^}]*\}", arn, policy.inputs["policy"])
                sizes.append(len(re.sub(r"\s", "", document)))
    assert len(sizes) == 3
    assert sum(sizes) <= 10_240


@pytest.mark.parametrize("stack", STACKS)
def test_secrets_reach_containers_by_reference_only(stack: str) -> None:
    for definition in evaluation_of(stack).of_type("aws:ecs/taskDefinition:TaskDefinition"):
        # A secret in the environment block would turn the whole text into a secret.
        containers = json.loads(definition.inputs["containerDefinitions"])
        for container in containers:
            assert not {pair["name"] for pair in container["environment"]} & secret_names(), definition.name
            assert all(secret["valueFrom"].endswith("::") for secret in container["secrets"]), definition.name


def secret_names() -> set[str]:
    """Return the variables that are secret in any container, and the keys of every secret."""
    keys = {**catalog.PROGRAM_SECRETS, **catalog.APPLICATION_SECRETS}.values()
    given = [each.secrets for service in catalog.SERVICES for each in service.containers]
    return {key for of_one in keys for key in of_one} | {variable.name for of_one in given for variable in of_one}


@pytest.mark.parametrize("stack", STACKS)
def test_deploys_are_never_undone(stack: str) -> None:
    ignored = {
        service.inputs["name"]: service.ignore_changes
        for service in evaluation_of(stack).of_type("aws:ecs/service:Service")
    }
    assert ignored == {
        # Of third parties' images nobody but the program deploys any.
        f"zelly-{stack}-{service.name}": (*(("taskDefinition",) if service.repositories else ()), "desiredCount")
        for service in catalog.SERVICES
    }


@pytest.fixture(scope="module")
def preproduction(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """A third environment, which is a stack file and nothing else."""
    folder: Path = tmp_path_factory.mktemp("preproduction")
    changes = {**PREPRODUCTION, "network/nat_gateways": "one_per_zone"}
    write_stack_file(folder, "preproduction", with_changes(deepcopy(environment_of("staging")), changes))
    return evaluated(read_stack_file("preproduction", folder))


def test_third_environment_is_a_file_and_no_code(preproduction: Evaluation) -> None:
    evaluation = preproduction
    assert evaluation.plain_outputs["cluster_name"] == "zelly-preproduction"
    assert len(evaluation.of_type("aws:ec2/natGateway:NatGateway")) == 3
    assert counted(evaluation) == counted(evaluation_of("staging")) | {
        "aws:ec2/natGateway:NatGateway": 3,
        "aws:ec2/eip:Eip": 7,
    }


def physical_names(evaluation: Evaluation) -> set[tuple[str, str, str]]:
    """Return place, type and name of everything whose name the program chooses; the place of IAM's is nowhere."""
    region = evaluation.one("pulumi:providers:aws").inputs["region"]
    found: set[tuple[str, str, str]] = set()
    for resource in evaluation.custom():
        inputs = resource.inputs
        place = "" if resource.type.startswith(GLOBAL) else inputs.get("region", region)
        for property_name in NAME_PROPERTIES & inputs.keys():
            of_role = f"{inputs['role']}/" if "role" in inputs else ""
            found.add((place, resource.type, f"{of_role}{inputs[property_name]}"))
    return found


GLOBAL = ("aws:iam/", "aws:cloudwatch/dashboard:", "cloudflare:")
"""What is one for the whole account, or the whole zone."""

NAME_PROPERTIES = {"name", "clusterIdentifier", "identifier", "dashboardName", "family", "finalSnapshotIdentifier"}


def test_environments_fight_over_no_name(preproduction: Evaluation) -> None:
    names = [physical_names(evaluation) for evaluation in (preproduction, *map(evaluation_of, STACKS))]
    assert all(("", "cloudflare:index/dnsRecord:DnsRecord") in {name[:2] for name in of_one} for of_one in names)
    assert sum(len(of_one) for of_one in names) == len(set[tuple[str, str, str]]().union(*names))


def counted(evaluation: Evaluation) -> dict[str, int]:
    return {token: len(evaluation.of_type(token)) for token in {resource.type for resource in evaluation.resources}}


def inputs_by_urn(evaluation: Evaluation) -> dict[str, RecordedResource]:
    return {resource.urn: resource for resource in evaluation.resources}


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (
            {"aurora/maximum_capacity_acu": 16},
            # The alarm rings at a share of the maximum.
            {"zelly-production-aurora-cluster", "zelly-production-monitoring-aurora-capacity"},
        ),
        (
            {"services/fastify-nova/memory_mib": 4096},
            {"zelly-production-fastify-nova-task-definition"},
        ),
        (
            {"bastion/peers/peer3": {"address": "10.10.0.4"}},
            {"zelly-production-bastion-peers", "zelly-production-bastion-peer-peer3-key"},
        ),
    ],
    ids=["aurora capacity", "memory of a service", "another VPN peer"],
)
def test_one_value_changes_only_what_it_names(change: dict[str, Any], touched: set[str], tmp_path: Path) -> None:
    write_stack_file(tmp_path, "production", with_changes(deepcopy(environment_of("production")), change))
    after = inputs_by_urn(evaluated(read_stack_file("production", tmp_path)))
    before = inputs_by_urn(evaluation_of("production"))
    assert before.keys() <= after.keys()
    assert {
        resource.name
        for urn, resource in after.items()
        if urn not in before or resource.plain_inputs != before[urn].plain_inputs
    } == touched
