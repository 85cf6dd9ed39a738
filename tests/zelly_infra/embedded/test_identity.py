"""Who may do what: roles, whom they trust, their policies, and the repositories that images are pushed to."""

import json
from typing import Any

import pytest

from tests.zelly_infra.embedded.environment import ACCOUNT_ID, REGISTRY_REGION, Environment, only
from tests.zelly_infra.embedded.expected_policies import (
    REPOSITORIES,
    SECRETS,
    Statements,
    execution_role,
    flow_logs_role,
    github_deploy,
    github_push,
    host_role,
    task_role,
)
from zelly_infra import catalog

SERVICES = tuple(SECRETS)
HOSTS = ("bastion", "clickhouse")
GITHUB_ROLE = "zelly-github-actions"
GITHUB_PROVIDER = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/token.actions.githubusercontent.com"

TRUSTED_SERVICES = {
    **{f"{service}-{kind}": "ecs-tasks" for service in SERVICES for kind in ("execution", "task")},
    "bastion-role": "ec2",
    "clickhouse-role": "ec2",
    "clickhouse-snapshots-role": "dlm",
    "network-flow-logs-role": "vpc-flow-logs",
}
"""Every role of an environment by its short name, and the AWS service that assumes it."""

MANAGED_POLICIES = {
    "clickhouse-snapshots-role": ["arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"],
}

REPOSITORY_NAMES = sorted(name for repositories in REPOSITORIES.values() for name in repositories)


def roles(environment: Environment) -> dict[str, dict[str, Any]]:
    """Return an environment's roles by their short names; IAM lists those of the whole account."""
    return {
        environment.short(role["RoleName"]): role
        for role in environment.listed("iam", "list_roles", "Roles")
        if role["RoleName"].startswith(f"zelly-{environment.stack}-")
    }


def policies(environment: Environment, role_name: str) -> dict[str, Statements]:
    """Return a role's inline policies by short name, their statements by ``Sid``, secrets by their names."""
    iam = environment.client("iam")
    names = environment.listed("iam", "list_role_policies", "PolicyNames", RoleName=role_name)
    found = {
        name: iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"]["Statement"] for name in names
    }
    return {
        environment.short(name): {each["Sid"]: normalized(environment, each) for each in statements}
        for name, statements in found.items()
    }


def normalized(environment: Environment, statement: dict[str, Any]) -> dict[str, Any]:
    resources = [environment.secret_names.get(resource, resource) for resource in statement["Resource"]]
    fields = {key: value for key, value in statement.items() if key != "Sid"}
    return {**fields, "Action": sorted(statement["Action"]), "Resource": sorted(resources)}


def source_condition(environment: Environment, service: str) -> dict[str, Any]:
    """Return for whom alone a service assumes a role; EC2 is not known to say it."""
    if service == "ec2":
        return {}
    resources = {"dlm": "dlm:{}:policy/*", "ecs-tasks": "ecs:{}:*", "vpc-flow-logs": "ec2:{}:vpc-flow-log/*"}
    source = resources[service].format(f"{environment.region}:{ACCOUNT_ID}")
    return {
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
            "ArnLike": {"aws:SourceArn": f"arn:aws:{source}"},
        }
    }


def test_every_role_is_assumed_by_its_aws_service_alone(environment: Environment) -> None:
    found = {name: role["AssumeRolePolicyDocument"]["Statement"] for name, role in roles(environment).items()}
    assert found == {
        name: [
            {
                "Sid": "AssumeRole",
                "Effect": "Allow",
                "Action": ["sts:AssumeRole"],
                "Principal": {"Service": f"{service}.amazonaws.com"},
                **source_condition(environment, service),
            }
        ]
        for name, service in TRUSTED_SERVICES.items()
    }


def test_only_snapshots_are_made_with_a_policy_of_awss_own(environment: Environment) -> None:
    found = {
        name: [
            policy["PolicyArn"]
            for policy in environment.listed(
                "iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role["RoleName"]
            )
        ]
        for name, role in roles(environment).items()
    }
    assert found == {name: MANAGED_POLICIES.get(name, []) for name in TRUSTED_SERVICES}


@pytest.mark.parametrize("service", SERVICES)
def test_execution_role_reads_only_what_its_service_uses(environment: Environment, service: str) -> None:
    found = policies(environment, f"zelly-{environment.stack}-{service}-execution")
    assert found == {f"{service}-execution-policy": execution_role(environment, service)}


@pytest.mark.parametrize("service", SERVICES)
def test_task_role_opens_exec_channels_and_caddys_volume(environment: Environment, service: str) -> None:
    found = policies(environment, f"zelly-{environment.stack}-{service}-task")
    assert found == {f"{service}-task-policy": task_role(environment, service)}


@pytest.mark.parametrize("host", HOSTS)
def test_host_reads_its_own_secret_and_parameter(environment: Environment, host: str) -> None:
    found = policies(environment, roles(environment)[f"{host}-role"]["RoleName"])
    assert found == {f"{host}-policy": host_role(environment, host)}


@pytest.mark.parametrize("host", HOSTS)
def test_host_runs_with_its_role(environment: Environment, host: str) -> None:
    instance_id = environment.outputs.bastion_instance_id
    if host == "clickhouse":
        instance_id = environment.outputs.clickhouse_instance_id
    reservation = only(environment.client("ec2").describe_instances(InstanceIds=[instance_id])["Reservations"])
    profile_name = only(reservation["Instances"])["IamInstanceProfile"]["Arn"].rsplit("/", 1)[1]
    profile = environment.client("iam").get_instance_profile(InstanceProfileName=profile_name)["InstanceProfile"]
    assert environment.short(only(profile["Roles"])["RoleName"]) == f"{host}-role"


def test_flow_logs_write_into_their_group(environment: Environment) -> None:
    found = policies(environment, roles(environment)["network-flow-logs-role"]["RoleName"])
    assert found == {"network-flow-logs-policy": flow_logs_role(environment)}


def test_snapshots_have_no_policy_but_awss_own(environment: Environment) -> None:
    assert policies(environment, roles(environment)["clickhouse-snapshots-role"]["RoleName"]) == {}


def test_account_has_no_other_role_and_no_user(production: Environment, staging: Environment) -> None:
    names = {role["RoleName"] for role in production.listed("iam", "list_roles", "Roles")}
    known = {role["RoleName"] for environment in (production, staging) for role in roles(environment).values()}
    assert names == known | {GITHUB_ROLE}
    # No long-lived keys anywhere.
    assert production.listed("iam", "list_users", "Users") == []


def test_github_is_the_one_identity_provider(production: Environment) -> None:
    iam = production.client("iam")
    assert [each["Arn"] for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]] == [
        GITHUB_PROVIDER
    ]
    provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=GITHUB_PROVIDER)
    assert (provider["Url"], provider["ClientIDList"], provider["ThumbprintList"]) == (
        "token.actions.githubusercontent.com",
        ["sts.amazonaws.com"],
        # AWS knows GitHub's certificate authority.
        [],
    )


def test_github_role_trusts_pushes_to_the_trusted_branches_of_the_services_repositories(
    production: Environment,
) -> None:
    role = production.client("iam").get_role(RoleName=GITHUB_ROLE)["Role"]
    github = production.config.github
    repositories = [service.github_repository for service in catalog.SERVICES if service.github_repository]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Sid": "GithubActions",
            "Effect": "Allow",
            "Action": ["sts:AssumeRoleWithWebIdentity"],
            "Principal": {"Federated": GITHUB_PROVIDER},
            "Condition": {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": [
                        f"repo:{github.organization}/{repository}:ref:refs/heads/{branch}"
                        for repository in repositories
                        for branch in github.trusted_branches
                    ],
                }
            },
        }
    ]


def test_github_role_may_push_images_and_deploy_both_environments_and_nothing_more(
    production: Environment, staging: Environment
) -> None:
    assert policies(production, GITHUB_ROLE) == {
        "push-images": github_push(),
        "deploy": github_deploy(production),
        "zelly-staging-deploy": github_deploy(staging),
    }
    attached = production.listed("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=GITHUB_ROLE)
    assert attached == []


def test_grants_of_three_environments_fit_into_the_github_role(production: Environment) -> None:
    iam = production.client("iam")
    sizes = {
        name: len(json.dumps(document, separators=(",", ":")))
        for name in production.listed("iam", "list_role_policies", "PolicyNames", RoleName=GITHUB_ROLE)
        for document in [iam.get_role_policy(RoleName=GITHUB_ROLE, PolicyName=name)["PolicyDocument"]]
    }
    third_environment = max(sizes.values())
    # All inline policies of a role together, white space left out (IAM quotas).
    assert sum(sizes.values()) + third_environment <= 10_240, sizes


def test_repositories_take_every_tag_once_and_scan_what_is_pushed(production: Environment) -> None:
    repositories = production.client("ecr", REGISTRY_REGION).describe_repositories()["repositories"]
    assert {
        each["repositoryName"]: (
            each["imageTagMutability"],
            each["imageScanningConfiguration"],
            each["encryptionConfiguration"],
        )
        for each in repositories
    } == {name: ("IMMUTABLE", {"scanOnPush": True}, {"encryptionType": "AES256"}) for name in REPOSITORY_NAMES}


def test_staging_reads_productions_repositories_and_has_none(production: Environment, staging: Environment) -> None:
    assert staging.client("ecr").describe_repositories()["repositories"] == []
    assert staging.outputs.repository_urls == production.outputs.repository_urls


@pytest.mark.parametrize("name", REPOSITORY_NAMES)
def test_repository_keeps_what_was_deployed_longest_and_images_of_each_environment(
    production: Environment, name: str
) -> None:
    policy = production.client("ecr", REGISTRY_REGION).get_lifecycle_policy(repositoryName=name)
    rules = json.loads(policy["lifecyclePolicyText"])["rules"]
    registry = production.config.registry
    expected = [
        *(newest(f"deployed-{each}", registry.deployed_images_kept_per_prefix) for each in registry.kept_tag_prefixes),
        *(newest(each, registry.images_kept_per_prefix) for each in registry.kept_tag_prefixes),
        {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": registry.untagged_retention_days,
        },
    ]
    assert [(rule["rulePriority"], rule["selection"], rule["action"]) for rule in rules] == [
        (number, selection, {"type": "expire"}) for number, selection in enumerate(expected, start=1)
    ]


def newest(prefix: str, count: int) -> dict[str, Any]:
    return {
        "tagStatus": "tagged",
        "tagPrefixList": [prefix],
        "countType": "imageCountMoreThan",
        "countNumber": count,
    }
