"""Who may do what in the account that holds both environments, worked out on the policies: first what nobody may.

A pipeline's step runs on an agent of a pool, with the pool's role; a step that deploys takes on its environment's role.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from relay_infra import catalog
from relay_infra.names import Names
from tests.programs.relay.evaluations import STACKS, config_of, evaluation_of
from tests.support.iam_decisions import Decision, Document, Principal, Request, decide
from workbench.operations.deploys.actions import ANSWER_PAUSE, DEPLOY, FOLLOW_SHIFT, TAKE_BACK

ACCOUNT = "123456789012"
REGION = {stack: config_of(stack).region for stack in STACKS}
REGISTRY_REGION = config_of("production").registry.region
SERVICES = [entry.name for entry in catalog.SERVICES]

BUILD, TO_PREPRODUCTION, TO_PRODUCTION = "relay-ci-build", "relay-ci-deploy-preproduction", "relay-ci-deploy-production"
POOLS = {TO_PREPRODUCTION: "preproduction", TO_PRODUCTION: "production"}
DEPLOYERS = {"relay-preproduction-deploy": "preproduction", "relay-production-deploy": "production"}


def arn(service: str, stack: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION[stack]}:{ACCOUNT}:{resource}"


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def repository(name: str) -> str:
    return f"arn:aws:ecr:{REGISTRY_REGION}:{ACCOUNT}:repository/{name}"


def secret(name: str, stack: str = "preproduction") -> str:
    return arn("secretsmanager", stack, f"secret:{name}-a1b2c3")


def service(stack: str, name: str) -> str:
    return arn("ecs", stack, f"service/relay-{stack}/relay-{stack}-{name}")


def of_deployment(stack: str, name: str, kind: str = "service-deployment") -> str:
    return arn("ecs", stack, f"{kind}/relay-{stack}/relay-{stack}-{name}/abc")


def parameter(stack: str, path: str) -> str:
    return arn("ssm", stack, f"parameter/relay/{stack}/{path}")


def role_names(stack: str) -> dict[str, str]:
    """Return the names of a stack's roles that the program names, by their logical ones."""
    roles = evaluation_of(stack).of_type("aws:iam/role:Role")
    return {each.name: each.inputs["name"] for each in roles if "name" in each.inputs}


def known_arns(stack: str) -> dict[str, str]:
    """Return what the program knows of a stack's placeholders."""
    evaluation = evaluation_of(stack)
    made = {
        **{logical: role(name) for logical, name in role_names(stack).items()},
        f"relay-{stack}-cluster": arn("ecs", stack, f"cluster/relay-{stack}"),
        **{
            each.name: secret(each.inputs["name"], stack)
            for each in evaluation.of_type("aws:secretsmanager/secret:Secret")
        },
        **{each.name: repository(each.inputs["name"]) for each in evaluation.of_type("aws:ecr/repository:Repository")},
        **{f"repository {name}": repository(name) for name in catalog.REPOSITORIES},
    }
    return {f"${{{name}.arn}}": value for name, value in made.items()}


def rendered(text: str, known: Mapping[str, str]) -> Document:
    """Return a policy with its placeholders put in; what is not known stands for something else."""
    return json.loads(re.sub(r"\$\{[^}]*\}", lambda part: known.get(part[0], "arn:aws:other:::x"), text))


@cache
def policies() -> dict[str, tuple[Document, ...]]:
    """Return the inline policies of every role of the account that has a name of the program's, by that name."""
    found: dict[str, tuple[Document, ...]] = {}
    for stack in STACKS:
        names, known = role_names(stack), known_arns(stack)
        for policy in evaluation_of(stack).of_type("aws:iam/rolePolicy:RolePolicy"):
            logical = policy.inputs["role"].removeprefix("${").removesuffix(".name}")
            name = str(names.get(logical, policy.inputs["role"]))
            found[name] = (*found.get(name, ()), rendered(policy.inputs["policy"], known))
    return found


@cache
def trusts() -> dict[str, Document]:
    """Return the trust of every role of the account that has a name, by its ARN."""
    return {
        role(each.inputs["name"]): json.loads(each.inputs["assumeRolePolicy"])
        for stack in STACKS
        for each in evaluation_of(stack).of_type("aws:iam/role:Role")
        if "name" in each.inputs
    }


def may(who: str, action: str, resource: str, **context: str) -> bool:
    assumes = action == "sts:AssumeRole"
    keys = {key.replace("__", ":", 1).replace("__", "/"): value for key, value in context.items()}
    region = resource.split(":")[3] if resource != "*" else ""
    request = Request(
        principal=Principal(kind="AWS", name=role(who)),
        action=action,
        resource=resource,
        context={
            "aws:RequestedRegion": region or REGISTRY_REGION,
            **({"aws:PrincipalArn": role(who)} if assumes else {}),
            **keys,
        },
    )
    answer = decide(
        request,
        identity=policies()[who],
        resource=[trusts()[resource]] if assumes and resource in trusts() else [],
        needs_consent=assumes,
    )
    return answer is Decision.ALLOWED


# What may not be done: whatever stands here is what somebody would like to do with a stolen job.

PUSHES = ("ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload")
DESTROYS = ("ecr:BatchDeleteImage", "ecr:DeleteRepository", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy")
EVERYBODY = (BUILD, *POOLS, *DEPLOYERS)
EVERY_SECRET = (
    *catalog.APPLICATION_SECRETS,
    *catalog.CI_SECRETS,
    *catalog.CONTROLLER_SECRETS,
    *catalog.OWN_SECRETS,
)
ADMINISTERS = (
    ("iam:CreateRole", role("x")),
    ("iam:PutRolePolicy", role("relay-ci-build")),
    ("iam:UpdateAssumeRolePolicy", role("relay-production-deploy")),
    ("iam:AttachRolePolicy", role("relay-ci-build")),
    ("sts:AssumeRole", role("relay-preproduction-send-api-task")),
    ("ec2:RunInstances", "*"),
    ("ecs:RunTask", arn("ecs", "production", "task-definition/relay-production-send-api:1")),
    ("ecs:ExecuteCommand", arn("ecs", "production", "task/relay-production/1")),
    ("ecs:DeleteService", service("production", "send-api")),
    ("ecs:DeregisterTaskDefinition", "*"),
    ("ssm:StartSession", "*"),
    ("ssm:SendCommand", "*"),
    ("kms:Decrypt", "*"),
    ("s3:GetObject", "arn:aws:s3:::relay-pulumi-state/x"),
)


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_job_administers_anything(who: str) -> None:
    assert [call for call in ADMINISTERS if may(who, *call)] == []
    assert [action for action in DESTROYS if may(who, action, repository("relay/send-api"))] == []


@pytest.mark.parametrize("who", [*POOLS, *DEPLOYERS])
def test_who_deploys_reads_no_secret_and_brings_no_content_into_a_repository(who: str) -> None:
    for stack in STACKS:
        assert not [name for name in EVERY_SECRET if may(who, "secretsmanager:GetSecretValue", secret(name, stack))]
    for name in (*catalog.REPOSITORIES, catalog.CONTROLLER_REPOSITORY):
        assert [action for action in PUSHES if may(who, action, repository(name))] == []
    assert not may(who, "ecr:PutImage", repository(catalog.CONTROLLER_REPOSITORY))


def test_who_builds_neither_deploys_nor_passes_a_role_nor_takes_one_on() -> None:
    for stack in STACKS:
        for name in SERVICES:
            assert not may(BUILD, "ecs:UpdateService", service(stack, name))
            assert not may(
                BUILD, "ecs:RegisterTaskDefinition", arn("ecs", stack, f"task-definition/relay-{stack}-{name}:1")
            )
            assert not may(BUILD, "ecs:ContinueServiceDeployment", of_deployment(stack, name))
            assert not may(BUILD, "ssm:PutParameter", parameter(stack, f"images/{name}"))
            assert not may(BUILD, "ssm:PutParameter", parameter(stack, f"approvals/{name}"))
            passed = {"iam__PassedToService": "ecs-tasks.amazonaws.com"}
            assert not may(BUILD, "iam:PassRole", role(f"relay-{stack}-{name}-task"), **passed)
        assert not may(BUILD, "sts:AssumeRole", role(Names(stack).deploy_role))
    # Its own secrets are those that tell others of a build.
    others = {*EVERY_SECRET} - {*catalog.CI_SECRETS}
    assert not [name for name in others if may(BUILD, "secretsmanager:GetSecretValue", secret(name))]
    assert not may(BUILD, "ecr:PutImage", repository(catalog.CONTROLLER_REPOSITORY))


@pytest.mark.parametrize("pool", POOLS)
def test_a_pool_takes_on_the_role_of_its_own_environment_alone_and_may_nothing_else_by_itself(pool: str) -> None:
    for deployer, stack in DEPLOYERS.items():
        assert may(pool, "sts:AssumeRole", role(deployer)) is (POOLS[pool] == stack)
        for name in SERVICES:
            assert not may(pool, "ecs:UpdateService", service(stack, name))
            assert not may(pool, "ecr:PutImage", repository(f"relay/{name}"))


def test_a_role_of_an_environment_trusts_one_pool_and_nobody_else_of_the_account() -> None:
    for deployer, stack in DEPLOYERS.items():
        (statement,) = trusts()[role(deployer)]["Statement"]
        assert statement["Condition"] == {"ArnEquals": {"aws:PrincipalArn": role(f"relay-ci-deploy-{stack}")}}
        # Not even who is allowed to: the trust does not name them.
        everything: Document = {"Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}
        for other in (BUILD, *({*POOLS} - {f"relay-ci-deploy-{stack}"}), "relay-preproduction-jenkins-task"):
            request = Request(
                principal=Principal(kind="AWS", name=role(other)),
                action="sts:AssumeRole",
                resource=role(deployer),
                context={"aws:PrincipalArn": role(other)},
            )
            answer = decide(request, identity=[everything], resource=[trusts()[role(deployer)]], needs_consent=True)
            assert answer is Decision.DENIED


def test_preproductions_role_reaches_nothing_of_production_and_productions_changes_nothing_of_preproduction() -> None:
    for who, other in (("relay-preproduction-deploy", "production"), ("relay-production-deploy", "preproduction")):
        for name in SERVICES:
            changing = [
                ("ecs:UpdateService", service(other, name)),
                ("ecs:StopServiceDeployment", of_deployment(other, name)),
                ("ecs:ContinueServiceDeployment", of_deployment(other, name)),
                ("ecs:RegisterTaskDefinition", arn("ecs", other, f"task-definition/relay-{other}-{name}:1")),
                ("ssm:PutParameter", parameter(other, f"images/{name}")),
                ("ssm:PutParameter", parameter(other, f"approvals/{name}")),
            ]
            assert [call for call in changing if may(who, *call)] == []
            passed = {"iam__PassedToService": "ecs-tasks.amazonaws.com"}
            assert not may(who, "iam:PassRole", role(f"relay-{other}-{name}-task"), **passed)
    reading = [
        ("ecs:DescribeServices", service("production", "send-api")),
        ("ssm:GetParameter", parameter("production", "images/send-api")),
        ("ssm:GetParameterHistory", parameter("production", "approvals/send-api")),
        ("ecs:DescribeServiceDeployments", of_deployment("production", "send-api")),
        ("logs:GetLogEvents", arn("logs", "production", "log-group:/relay/ecs/send-api:log-stream:x")),
    ]
    assert [call for call in reading if may("relay-preproduction-deploy", *call)] == []


def passable() -> Iterator[tuple[str, str]]:
    for who, stack in DEPLOYERS.items():
        for name in SERVICES:
            for kind in ("task", "execution"):
                yield who, role(f"relay-{stack}-{name}-{kind}")


def test_exactly_the_services_roles_are_passed_and_to_their_tasks_alone() -> None:
    allowed = set(passable())
    for who in DEPLOYERS:
        for arn_of_role in trusts():
            passed = may(who, "iam:PassRole", arn_of_role, iam__PassedToService="ecs-tasks.amazonaws.com")
            assert passed is ((who, arn_of_role) in allowed), (who, arn_of_role)
            assert not may(who, "iam:PassRole", arn_of_role, iam__PassedToService="ec2.amazonaws.com")


# What the pipeline's steps do, call by call.


def push() -> Iterator[tuple[str, str]]:
    yield "ecr:GetAuthorizationToken", "*"
    for name in catalog.REPOSITORIES:
        for action in ("ecr:DescribeImages", "ecr:BatchCheckLayerAvailability", *PUSHES, "ecr:PutImage"):
            yield action, repository(name)


def notify() -> Iterator[tuple[str, str]]:
    for name in catalog.CI_SECRETS:
        yield "secretsmanager:GetSecretValue", secret(name)


def deploy(stack: str) -> Iterator[tuple[str, str]]:
    """Iterate over the calls of a deploy, of its watching, its continuing and its way back."""
    for name in SERVICES:
        for action in (
            "ecr:DescribeImages",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
            "ecr:GetLifecyclePolicy",
        ):
            yield action, repository(f"relay/{name}")
        yield "ecr:PutImage", repository(f"relay/{name}")
        for action in ("ecs:DescribeServices", "ecs:UpdateService", "ecs:ListServiceDeployments"):
            yield action, service(stack, name)
        for action in ("Describe", "Continue", "Stop"):
            plural = "s" if action == "Describe" else ""
            yield f"ecs:{action}ServiceDeployment{plural}", of_deployment(stack, name)
        yield "ecs:DescribeServiceRevisions", of_deployment(stack, name, "service-revision")
        yield "ecs:RegisterTaskDefinition", arn("ecs", stack, f"task-definition/relay-{stack}-{name}:7")
        for action in ("ssm:GetParameterHistory", "ssm:PutParameter"):
            yield action, parameter(stack, f"images/{name}")
        yield "logs:GetLogEvents", arn("logs", stack, f"log-group:/relay/ecs/{name}:log-stream:x")
    yield "ecs:DescribeTaskDefinition", arn("ecs", stack, "task-definition/x:1")
    for action in ("DescribeTargetHealth", "DescribeTargetGroups", "DescribeRules", "DescribeListeners"):
        yield f"elasticloadbalancing:{action}", "*"
    yield "cloudwatch:DescribeAlarms", "*"


def approve() -> Iterator[tuple[str, str]]:
    for name in SERVICES:
        for action in ("ssm:GetParameter", "ssm:GetParameterHistory", "ssm:PutParameter"):
            yield action, parameter("production", f"approvals/{name}")
        yield "ecs:DescribeServices", service("preproduction", name)
        yield "ssm:GetParameterHistory", parameter("preproduction", f"images/{name}")
    yield "ecs:DescribeTaskDefinition", arn("ecs", "preproduction", "task-definition/x:1")


STEPS = {
    "Push": (BUILD, tuple(push())),
    "notify": (BUILD, tuple(notify())),
    "Deploy pre-production": ("relay-preproduction-deploy", tuple(deploy("preproduction"))),
    "Approval": ("relay-production-deploy", tuple(approve())),
    "Promote": ("relay-production-deploy", tuple(deploy("production"))),
}


@pytest.mark.parametrize("step", STEPS)
def test_every_call_of_a_step_is_allowed_to_who_takes_it(step: str) -> None:
    who, calls = STEPS[step]
    assert [call for call in calls if not may(who, *call)] == []


def test_the_calls_of_a_deploy_are_those_that_its_commands_make() -> None:
    # That table is held against the commands' own calls; those about tasks depend on the cluster, as below.
    made = DEPLOY | FOLLOW_SHIFT | TAKE_BACK | ANSWER_PAUSE
    assert made - {"ecs:DescribeTasks", "ecs:ListTasks"} <= {action for action, _ in deploy("production")}


@pytest.mark.parametrize(("who", "stack"), DEPLOYERS.items())
def test_tasks_are_watched_in_the_environments_own_cluster_and_tags_put_on_what_is_registered(
    who: str, stack: str
) -> None:
    for other in STACKS:
        cluster = arn("ecs", other, f"cluster/relay-{other}")
        # Production looks at what it is to promote.
        seen = other == stack or who == "relay-production-deploy"
        assert may(who, "ecs:ListTasks", "*", ecs__cluster=cluster) is seen
        assert may(who, "ecs:DescribeTasks", arn("ecs", other, "task/x/1"), ecs__cluster=cluster) is seen
    definition = arn("ecs", stack, "task-definition/x:1")
    assert may(who, "ecs:TagResource", definition, ecs__CreateAction="RegisterTaskDefinition")
    assert not may(who, "ecs:TagResource", definition)


@pytest.mark.parametrize("label", catalog.AGENT_LABELS)
def test_an_agent_ends_itself_and_none_of_another_pool(label: str) -> None:
    who = f"relay-ci-{label}"

    def group(name: str) -> str:
        return arn(
            "autoscaling",
            "preproduction",
            f"autoScalingGroup:1:autoScalingGroupName/relay-preproduction-jenkins-{name}",
        )

    action = "autoscaling:TerminateInstanceInAutoScalingGroup"
    assert [each for each in catalog.AGENT_LABELS if may(who, action, group(each))] == [label]
    assert not may(who, "autoscaling:UpdateAutoScalingGroup", group(label))
    assert may(who, "cloudwatch:PutMetricData", "*", cloudwatch__namespace="BuildAgents")
    assert not may(who, "cloudwatch:PutMetricData", "*", cloudwatch__namespace="AWS/ECS")


def test_the_controller_asks_for_agents_and_does_none_of_their_work() -> None:
    who = "relay-preproduction-jenkins-task"
    for stack in STACKS:
        assert not may(who, "sts:AssumeRole", role(Names(stack).deploy_role))
        assert not may(who, "ecs:UpdateService", service(stack, "send-api"))
    assert not [name for name in EVERY_SECRET if may(who, "secretsmanager:GetSecretValue", secret(name))]
    assert not may(who, "ecr:PutImage", repository("relay/send-api"))
    assert may(who, "autoscaling:DescribeAutoScalingGroups", "*")
