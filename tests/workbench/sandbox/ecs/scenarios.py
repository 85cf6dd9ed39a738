"""Scenarios of service deployments as data: what happens when, what is then to be seen, and how it ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.workbench.sandbox.ecs.balancers import Targets
from tests.workbench.sandbox.ecs.clocked import ClockedAws
from tests.workbench.sandbox.ecs.services import CLUSTER, REGISTRY_REGION, EcsService, make_cluster
from tests.workbench.sandbox.network import Network
from workbench.sandbox.ecr.images import WORKING, Behaviour

STEP_SECONDS = 0.25
"""The time between two looks: no state of the simulation is shorter."""

_MOST_STEPS = 2000

Seen = tuple[str, str | None, float | None, float | None]
"""Status, lifecycle stage, and the target's shares of production and test traffic in percent."""

Act = Callable[["Stage"], None]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A service that runs revision ``one``, and what becomes of the deployment of the next one."""

    configuration: Mapping[str, Any] = field(default_factory=dict[str, Any])
    behaviour: Behaviour = WORKING
    """Of the image that is deployed."""
    acts: Mapping[str, Act] = field(default_factory=dict[str, Act])
    """What is done when a stage, or a status, is seen for the first time."""
    seen: list[Seen]
    reason: str | None = None
    running: dict[str, int]
    """Tasks of every image at the end."""
    rollouts: list[tuple[str, str, str]]
    """Status, rollout state and revision of DescribeServices' deployments at the end."""


@dataclass(kw_only=True)
class Stage:
    """A service, the deployment that is watched, and the clock."""

    aws: ClockedAws
    service: EcsService
    arn: str = ""

    @property
    def ecs(self) -> Any:
        return self.aws.client("ecs")

    def described(self) -> dict[str, Any]:
        (found,) = self.ecs.describe_service_deployments(serviceDeploymentArns=[self.arn])["serviceDeployments"]
        return found

    def newest(self) -> str:
        listed = self.ecs.list_service_deployments(cluster=CLUSTER, service=self.service.name)
        return listed["serviceDeployments"][0]["serviceDeploymentArn"]

    def seen(self) -> Seen:
        found = self.described()
        target = found["targetServiceRevision"]
        return (
            found["status"],
            found.get("lifecycleStage"),
            target.get("requestedProductionTrafficWeight"),
            target.get("requestedTestTrafficWeight"),
        )


def stop(how: str) -> Act:
    """Stop the deployment, with a type of stop."""
    return lambda stage: stage.ecs.stop_service_deployment(serviceDeploymentArn=stage.arn, stopType=how)


def ring(stage: Stage) -> None:
    """Set the deployment's alarm off."""
    stage.aws.client("cloudwatch").set_alarm_state(
        AlarmName=stage.service.name, StateValue="ALARM", StateReason="errors"
    )


def wait(seconds: float) -> Act:
    """Let time go by in one go."""
    return lambda stage: stage.aws.pass_seconds(seconds)


def answer(action: str) -> Act:
    """Answer the pause that is waited at."""

    def act(stage: Stage) -> None:
        (hook,) = (hook for hook in stage.described()["lifecycleHookDetails"] if hook["status"] == "AWAITING_ACTION")
        stage.ecs.continue_service_deployment(serviceDeploymentArn=stage.arn, hookId=hook["hookId"], action=action)

    return act


def begin(aws: ClockedAws, network: Network, scenario: Scenario, targets: Targets | None = None) -> Stage:
    """Make the service with the scenario's configuration, and let its first deployment end."""
    service = EcsService(sandbox=aws, network=network, container={"healthCheck": {"command": ["CMD", "true"]}})
    aws.client("ecr", REGISTRY_REGION).create_repository(repositoryName=service.repository)
    service.push("one", WORKING)
    service.push("two", scenario.behaviour)
    service.push("three", WORKING)
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=service.name,
        Namespace="shop",
        MetricName="errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    configuration: dict[str, Any] = {"maximumPercent": 200, "minimumHealthyPercent": 100, **scenario.configuration}
    alarms: Mapping[str, Any] = configuration.get("alarms", {})
    if alarms:
        configuration["alarms"] = {"enable": True, "alarmNames": [service.name], **alarms}
    aws.client("ecs").create_service(
        cluster=CLUSTER,
        serviceName=service.name,
        taskDefinition=service.register(service.image("one")),
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration=service.network_configuration,
        deploymentConfiguration=configuration,
        loadBalancers=[] if targets is None else targets.load_balancers,
    )
    stage = Stage(aws=aws, service=service)
    stage.arn = stage.newest()
    hooks = configuration.get("lifecycleHooks", [])
    play(stage, {name: answer("CONTINUE") for hook in hooks for name in hook["lifecycleStages"]})
    return stage


def play(stage: Stage, acts: Mapping[str, Act], *, look: Callable[[], None] = lambda: None) -> list[Seen]:
    """Watch the deployment until it has ended, and return what was seen, each state once."""
    seen: list[Seen] = []
    left = dict(acts)
    for _ in range(_MOST_STEPS):
        now = stage.seen()
        if now not in seen[-1:]:
            seen.append(now)
            look()
        if now[0] in {"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}:
            return seen
        act = left.pop(now[1] or now[0], None)
        if act is not None:
            act(stage)
        else:
            stage.aws.pass_seconds(STEP_SECONDS)
    raise AssertionError(f"goes on for ever: {seen}")


def running(stage: Stage) -> dict[str, int]:
    """Return how many tasks of every image run."""
    found: dict[str, int] = {}
    for task in stage.service.tasks():
        tag = task["containers"][0]["image"].rpartition(":")[2]
        found[tag] = found.get(tag, 0) + 1
    return found


def prepare(aws: ClockedAws) -> Network:
    """Make what all services share."""
    ec2 = aws.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")
        for number, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="shop", Description="shop", VpcId=vpc_id)
    make_cluster(aws)
    return Network(
        vpc_id=vpc_id,
        subnet_ids=[each["Subnet"]["SubnetId"] for each in subnets],
        security_group_id=group["GroupId"],
    )
