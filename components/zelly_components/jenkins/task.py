"""The task of a Jenkins controller: its container, its variables and its permissions, as pure data."""

from collections.abc import Sequence
from pathlib import Path

import pulumi

from zelly_components.ecs.service_args import CapacityProviderArgs, EcsServiceArgs, TargetArgs
from zelly_components.ecs.task_definition import ContainerArgs, EfsVolumeArgs, MountArgs
from zelly_components.identity.iam import Statement
from zelly_components.jenkins.arguments import JenkinsControllerArgs

HTTP_PORT = 8080
HOME = "/var/jenkins_home"
SERVICE = "jenkins"
"""The short name of the one service behind each balancer, and of the container."""

USER_ID = 1000
"""The user ``jenkins`` of Jenkins' own image (jenkinsci/docker, Dockerfile)."""

_START_SECONDS = 600
"""A controller loads its plugins and reads its jobs from EFS before it answers; ended before, it never starts."""

_STOP_TIMEOUT_SECONDS = 120
"""What Fargate allows at most: running pipelines write where they are."""

_BOOT = (Path(__file__).parent / "controller-boot.sh").read_text(encoding="utf-8")


def service_args(args: JenkinsControllerArgs, home: EfsVolumeArgs, targets: Sequence[TargetArgs]) -> EcsServiceArgs:
    """Return the arguments of the ECS service."""
    return EcsServiceArgs(
        region=args.region,
        account_id=args.account_id,
        cluster_arn=args.cluster_arn,
        cluster_name=args.cluster_name,
        service_name=args.service_name,
        vpc_id=args.vpc_id,
        subnet_ids=args.private_subnet_ids,
        cpu_units=args.cpu_units,
        memory_mib=args.memory_mib,
        architecture=args.architecture,
        containers=[_container(args, home)],
        volumes=[home],
        # Not spot: it would end with two minutes' notice, and every running pipeline with it.
        capacity_providers=[CapacityProviderArgs(name="FARGATE", weight=1)],
        minimum_tasks=1,
        scaling=None,
        targets=targets,
        health_check_grace_period_seconds=_START_SECONDS,
        # A shell in the controller reads every credential that it holds.
        enable_execute_command=False,
        log_group_name=args.log_group_name,
        log_retention_days=args.log_retention_days,
        repository_arns=args.repository_arns,
        image_parameter_name=None,
        execution_role_name=args.execution_role_name,
        task_role_name=args.task_role_name,
        task_role_statements=_statements(args),
        runs_alone=True,
    )


def group_variable(label: str) -> str:
    """Return the variable that names the Auto Scaling group of a label, e.g. ``AGENTS_BUILD_GROUP``."""
    return f"AGENTS_{_shouted(label)}_GROUP"


def maximum_variable(label: str) -> str:
    """Return the variable that says how many agents a label has at most, e.g. ``AGENTS_BUILD_MAXIMUM``."""
    return f"AGENTS_{_shouted(label)}_MAXIMUM"


def _shouted(label: str) -> str:
    return label.upper().replace("-", "_")


def _container(args: JenkinsControllerArgs, home: EfsVolumeArgs) -> ContainerArgs:
    pools: dict[str, pulumi.Input[str]] = {}
    for label, pool in args.agents.items():
        pools[group_variable(label)] = pool.group_name
        pools[maximum_variable(label)] = str(pool.maximum_agents)
    return ContainerArgs(
        name=SERVICE,
        image=args.image,
        # Its image is the program's own: another one is a change of the stack, reviewed as such.
        deployable=False,
        ports=[HTTP_PORT],
        environment={
            "AWS_REGION": args.region,
            "HOME_MAY_BE_EMPTY_UNTIL": args.home_may_be_empty_until or "",
            "JENKINS_HOME": HOME,
            "JENKINS_URL": f"https://{args.hostname}/",
            **pools,
            **args.environment,
        },
        secrets=args.secrets,
        mounts=[MountArgs(volume=home.name, container_path=HOME)],
        user=f"{USER_ID}:{USER_ID}",
        # Before the image's own entry point, which writes into the home as soon as it starts.
        entry_point=["/usr/bin/tini", "--", "/bin/bash", "-c", _BOOT],
        stop_timeout_seconds=_STOP_TIMEOUT_SECONDS,
    )


def _statements(args: JenkinsControllerArgs) -> list[Statement]:
    """Return what the EC2 Fleet plugin does with Auto Scaling groups (its README, "Add an IAM User or Role").

    It asks for the instances of a group, sets how many there are, ends one, and marks those that it took on.
    """
    pools = [args.agents[label] for label in sorted(args.agents)]
    names = [pool.group_name for pool in pools]
    return [
        Statement(
            sid="LookForAgents",
            # None of them takes a resource.
            actions=[
                "autoscaling:DescribeAutoScalingGroups",
                "ec2:DescribeInstanceStatus",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeInstances",
                "ec2:DescribeRegions",
            ],
            resources=["*"],
        ),
        Statement(
            sid="AskForAgents",
            actions=["autoscaling:TerminateInstanceInAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"],
            resources=[pool.group_arn for pool in pools],
        ),
        Statement(
            sid="MarkAgents",
            actions=["ec2:CreateTags"],
            resources=[f"arn:aws:ec2:{args.region}:{args.account_id}:instance/*"],
            conditions={"StringEquals": {"aws:ResourceTag/aws:autoscaling:groupName": names}},
        ),
    ]
