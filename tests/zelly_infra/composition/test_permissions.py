"""Who may do what in AWS, as whole policies: the tasks' roles, the hosts' roles and GitHub's role of both stacks."""

import json
import re
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, config_of, evaluation_of
from zelly_infra.catalog import REPOSITORIES, SERVICES

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SECRET = "aws:secretsmanager/secret:Secret"
BUILT = tuple(service.name for service in SERVICES if service.repositories)
CONTAINERS = [container for service in SERVICES for container in service.containers]


def statements(stack: str, policy_name: str) -> dict[str, dict[str, Any]]:
    """Return the statements of an inline policy by their Sid."""
    document = json.loads(evaluation_of(stack).one(ROLE_POLICY, policy_name).inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def secret_name(stack: str, arn: str) -> str:
    """Return the name of the secret that a placeholder ``${logical-name.arn}`` stands for."""
    return evaluation_of(stack).one(SECRET, arn.removeprefix("${").removesuffix(".arn}")).inputs["name"]


def repository_name(arn: str) -> str:
    """Return the repository that a placeholder stands for, made here or looked up."""
    return re.sub(r"^\$\{(?:repository |zelly-production-registry-)(.*)\.arn\}$", r"\1", arn)


@pytest.mark.parametrize("stack", STACKS)
def test_every_execution_role_reads_and_pulls_exactly_what_its_service_needs(stack: str) -> None:
    for service in SERVICES:
        policy = statements(stack, f"zelly-{stack}-{service.name}-execution-policy")
        secrets = policy.pop("ReadSecrets", {"Action": ["secretsmanager:GetSecretValue"], "Resource": []})
        assert secrets["Action"] == ["secretsmanager:GetSecretValue"]
        pulls = policy.pop("PullImages", {"Resource": []})
        policy.pop("LogInToRegistry", None)
        assert policy.keys() == {"WriteLogs"}
        assert policy["WriteLogs"]["Resource"] == [f"${{zelly-{stack}-{service.name}-logs.arn}}:*"]
        read = {secret_name(stack, arn) for arn in secrets["Resource"]}
        assert read == {variable.secret for container in service.containers for variable in container.secrets}
        assert {repository_name(arn) for arn in pulls["Resource"]} == set(service.repositories)


@pytest.mark.parametrize("stack", STACKS)
def test_containers_get_exactly_these_keys_of_exactly_these_secrets(stack: str) -> None:
    found: dict[str, set[tuple[str, str, str]]] = {}
    for definition in evaluation_of(stack).of_type("aws:ecs/taskDefinition:TaskDefinition"):
        for container in json.loads(definition.inputs["containerDefinitions"]):
            given = found.setdefault(container["name"], set())
            for variable in container["secrets"]:
                arn, key, *version = variable["valueFrom"].split(":")
                assert version == ["", ""]
                given.add((variable["name"], secret_name(stack, arn), key))
    assert found == {
        container.name: {(variable.name, variable.secret, variable.key) for variable in container.secrets}
        for container in CONTAINERS
    }


@pytest.mark.parametrize("stack", STACKS)
def test_applications_may_do_nothing_in_aws_but_be_entered_and_mount_their_volume(stack: str) -> None:
    exec_channels = {
        "Sid": "OpenExecChannels",
        "Effect": "Allow",
        "Action": [
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
        "Resource": ["*"],
    }
    mount = {
        "Sid": "MountCaddyData",
        "Effect": "Allow",
        "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        "Resource": [f"${{zelly-{stack}-caddy-file-system.arn}}"],
        "Condition": {
            "StringEquals": {"elasticfilesystem:AccessPointArn": f"${{zelly-{stack}-caddy-access-point.arn}}"}
        },
    }
    for service in SERVICES:
        own = [mount] if any(container.data_path for container in service.containers) else []
        policy = statements(stack, f"zelly-{stack}-{service.name}-task-policy")
        assert list(policy.values()) == [exec_channels, *own], service.name


@pytest.mark.parametrize("stack", STACKS)
def test_hosts_read_one_secret_and_one_parameter_each(stack: str) -> None:
    read: dict[str, tuple[list[str], list[str]]] = {}
    for host, (secret, parameter) in {
        "clickhouse": ("ReadCredentials", "ReadConfiguration"),
        "bastion": ("ReadServerKey", "ReadPeers"),
    }.items():
        policy = statements(stack, f"zelly-{stack}-{host}-policy")
        assert policy.keys() == {"OpenSessions", "WriteLogs", "PublishMetrics", secret, parameter}
        assert policy[parameter]["Action"] == ["ssm:GetParameter"]
        read[host] = (
            [secret_name(stack, arn) for arn in policy[secret]["Resource"]],
            policy[parameter]["Resource"],
        )
    assert read == {
        "clickhouse": (["zelly/clickhouse/credentials"], [f"${{zelly-{stack}-clickhouse-config.arn}}"]),
        "bastion": (["zelly/wireguard/server"], [f"${{zelly-{stack}-bastion-peers.arn}}"]),
    }


@pytest.mark.parametrize("stack", STACKS)
def test_no_policy_of_a_role_allows_every_action_of_a_service(stack: str) -> None:
    for policy in evaluation_of(stack).of_type(ROLE_POLICY):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            assert all("*" not in action for action in statement["Action"]), policy.name


@pytest.mark.parametrize("stack", STACKS)
def test_no_writer_of_logs_may_make_a_log_group(stack: str) -> None:
    # A live writer would bring a deleted group back, without a retention.
    policies = [policy.inputs["policy"] for policy in evaluation_of(stack).of_type(ROLE_POLICY)]
    definitions = [
        definition.inputs["containerDefinitions"]
        for definition in evaluation_of(stack).of_type("aws:ecs/taskDefinition:TaskDefinition")
    ]
    assert not re.findall(r"CreateLogGroup|awslogs-create-group", json.dumps([policies, definitions]))


@pytest.mark.parametrize("stack", STACKS)
def test_roles_are_exactly_these(stack: str) -> None:
    roles = {role.name: role.inputs.get("name") for role in evaluation_of(stack).of_type("aws:iam/role:Role")}
    name = f"zelly-{stack}"
    expected = {
        f"{name}-{service.name}-{kind}-role": f"{name}-{service.name}-{kind}"
        for service in SERVICES
        for kind in ("execution", "task")
    }
    unnamed = ("network-flow-logs", "clickhouse", "clickhouse-snapshots", "bastion")
    made_by_production: dict[str, dict[str, str]] = {
        "production": {f"{name}-github-github-role": "zelly-github-actions"},
        "staging": {},
    }
    assert roles == expected | {f"{name}-{part}-role": None for part in unnamed} | made_by_production[stack]


def test_github_assumes_its_role_from_these_branches_of_these_repositories_only() -> None:
    role = evaluation_of("production").one("aws:iam/role:Role", "zelly-production-github-github-role")
    github = config_of("production").github
    repositories = [service.github_repository for service in SERVICES if service.github_repository]
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Federated": "${zelly-production-github-github.arn}"}
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": sorted(
                f"repo:{github.organization}/{repository}:ref:refs/heads/{branch}"
                for repository in repositories
                for branch in github.trusted_branches
            ),
        }
    }


@pytest.mark.parametrize("stack", STACKS)
def test_github_role_gets_exactly_these_policies(stack: str) -> None:
    granted = {
        policy.inputs["name"]
        for policy in evaluation_of(stack).of_type(ROLE_POLICY)
        if policy.inputs["role"] == "zelly-github-actions"
    }
    # The repositories are production's to grant, once.
    pushes = {"production": {"zelly-production-push-images"}, "staging": set[str]()}
    assert granted == {f"zelly-{stack}-deploy"} | pushes[stack]


def test_github_pushes_to_the_repositories_and_logs_in_where_they_lie() -> None:
    policy = statements("production", "zelly-production-registry-zelly-production-push-images")
    assert [repository_name(arn) for arn in policy["PushAndPull"]["Resource"]] == list(REPOSITORIES)
    region = config_of("production").registry.region
    assert policy["LogIn"]["Condition"] == {"StringEquals": {"aws:RequestedRegion": region}}


@pytest.mark.parametrize("stack", STACKS)
def test_github_deploys_the_built_services_of_this_stack_and_passes_their_roles_only(stack: str) -> None:
    config = config_of(stack)
    arn = f"arn:aws:ecs:{config.region}:{config.aws_account_id}"
    name = f"zelly-{stack}"
    policy = statements(stack, f"{name}-github-{name}-deploy")
    assert {sid: (statement["Action"], statement["Resource"]) for sid, statement in policy.items()} == {
        "ReadTaskDefinitions": (["ecs:DescribeTaskDefinition"], ["*"]),
        "RegisterTaskDefinitions": (
            ["ecs:RegisterTaskDefinition"],
            [f"{arn}:task-definition/{name}-{service}:*" for service in BUILT],
        ),
        "TagWhatIsRegistered": (["ecs:TagResource"], [f"{arn}:task-definition/*"]),
        "UpdateServices": (
            ["ecs:DescribeServices", "ecs:UpdateService"],
            [f"{arn}:service/{name}/{name}-{service}" for service in BUILT],
        ),
        "WatchTasks": (["ecs:DescribeTasks", "ecs:ListTasks"], ["*"]),
        "PassTaskRoles": (
            ["iam:PassRole"],
            [f"${{{name}-{service}-{kind}-role.arn}}" for service in BUILT for kind in ("execution", "task")],
        ),
        "RecordDeployedImages": (
            ["ssm:GetParameterHistory", "ssm:PutParameter"],
            [f"{arn.replace(':ecs:', ':ssm:')}:parameter/zelly/{stack}/images/*"],
        ),
        "ReadLogs": (["logs:GetLogEvents"], [f"{arn.replace(':ecs:', ':logs:')}:log-group:/zelly/ecs/*:*"]),
    }
