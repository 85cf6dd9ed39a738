"""What ECS swings in a deployment is nobody's difference, and a change of the strategy leaves it as it is."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.engine.running import quick, without_checkpoints
from tests.support.engine.stacks import Preview, Stack, Step
from workbench.engine.pulumi_cli import Engine, engine_session

REGION = "eu-west-1"
SERVICE = "aws:ecs/service:Service"
STRATEGIES = {
    "BLUE_GREEN": 'strategy="BLUE_GREEN", bake_minutes=10',
    "CANARY": 'strategy="CANARY", bake_minutes=10, canary=ecs.CanaryArgs(percent=10, bake_minutes=5)',
    "ROLLING": 'strategy="ROLLING"',
}

PROGRAM = """\
import pulumi
import pulumi_aws as aws
from zelly_components import application_load_balancer as alb
from zelly_components import ecs_service as ecs

provider = aws.Provider("shop", region="eu-west-1")
options = pulumi.ResourceOptions(provider=provider)
vpc = aws.ec2.Vpc("net", cidr_block="10.9.0.0/16", opts=options)
subnets = [
    aws.ec2.Subnet(zone, vpc_id=vpc.id, cidr_block=cidr, availability_zone=zone, opts=options).id
    for zone, cidr in (("eu-west-1a", "10.9.0.0/24"), ("eu-west-1b", "10.9.1.0/24"))
]
cluster = aws.ecs.Cluster("shop", name="shop", opts=options)
certificate = aws.acm.Certificate("api", domain_name="api.shop.example", validation_method="DNS", opts=options)
balancer = alb.ApplicationLoadBalancer(
    "alb",
    alb.ApplicationLoadBalancerArgs(
        load_balancer_name="shop",
        vpc_id=vpc.id,
        subnet_ids=subnets,
        services=[
            alb.BalancedServiceArgs(
                name="api",
                hostname="api.shop.example",
                certificate_arn=certificate.arn,
                target_port=3000,
                health_check_path="/health",
                alternate_targets=True,
            )
        ],
        access_log_bucket="shop-logs",
        access_log_prefix="alb",
        tls_policy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        deletion_protection=False,
        test_listener=alb.TestListenerArgs(allowed_cidrs={{"office": "203.0.113.0/28"}}),
    ),
    options,
)
ecs.EcsService(
    "api",
    ecs.EcsServiceArgs(
        region="eu-west-1",
        account_id="123456789012",
        cluster_arn=cluster.arn,
        cluster_name=cluster.name,
        service_name="shop-api",
        vpc_id=vpc.id,
        subnet_ids=subnets,
        cpu_units=256,
        memory_mib=512,
        architecture="ARM64",
        containers=[
            ecs.ContainerArgs(name="api", image="public.ecr.aws/shop/api:1", deployable=True, ports=[3000])
        ],
        volumes=[],
        capacity_providers=[ecs.CapacityProviderArgs(name="FARGATE", weight=1)],
        minimum_tasks=1,
        scaling=None,
        targets=[
            ecs.TargetArgs(
                target_group_arn=balancer.target_group_arns["api"],
                container_name="api",
                container_port=3000,
                alternate=ecs.AlternateTargetArgs(
                    target_group_arn=balancer.alternate_target_group_arns["api"],
                    production_rule_arn=balancer.production_rule_arns["api"],
                    test_rule_arn=balancer.test_rule_arns["api"],
                ),
            )
        ],
        health_check_grace_period_seconds=60,
        enable_execute_command=False,
        log_group_name="/shop/ecs/api",
        log_retention_days=30,
        repository_arns=[],
        image_parameter_name="/shop/images/api",
        execution_role_name="shop-api-execution",
        task_role_name="shop-api-task",
        deployment=ecs.DeploymentArgs(
            {deployment}, alarm_names=["shop-api-5xx"], infrastructure_role_name="shop-api-infrastructure"
        ),
    ),
    options,
)
"""


@dataclass(frozen=True, kw_only=True)
class Shifted:
    """A stack whose one service ECS has deployed since it was made."""

    stack: Stack
    program: Path

    def preview(self, strategy: str) -> Preview:
        """Return what an ``up`` would do with a strategy, after reading everything back."""
        self.write(strategy)
        return self.stack.preview("--refresh")

    def write(self, strategy: str) -> None:
        self.program.write_text(PROGRAM.format(deployment=STRATEGIES[strategy]))

    def service(self) -> dict[str, Any]:
        ecs = self.stack.client("ecs")
        return ecs.describe_services(cluster="shop", services=["shop-api"])["services"][0]

    def settled(self) -> None:
        """Wait until no deployment is going on."""
        ecs = self.stack.client("ecs")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            service = self.service()
            (newest, *_) = ecs.list_service_deployments(cluster="shop", service="shop-api")["serviceDeployments"]
            if newest["status"] == "SUCCESSFUL" and service["runningCount"] == service["desiredCount"]:
                return
            time.sleep(0.05)
        pytest.fail("the deployment goes on after half a minute")

    @contextmanager
    def groups_swung(self) -> Generator[None]:
        """Let the service name its second group first, as CodeDeploy leaves it; here ECS only changes the rules."""
        (before,) = self.service()["loadBalancers"]
        advanced = before["advancedConfiguration"]
        swung = {
            **before,
            "targetGroupArn": advanced["alternateTargetGroupArn"],
            "advancedConfiguration": {**advanced, "alternateTargetGroupArn": before["targetGroupArn"]},
        }
        update = partial(self.stack.client("ecs").update_service, cluster="shop", service="shop-api")
        update(loadBalancers=[swung])
        try:
            yield
        finally:
            update(loadBalancers=[before])

    def weights(self) -> dict[str, list[int]]:
        """Return the weights of the first and of the second group in each listener's rule, by port."""
        elb = self.stack.client("elbv2")
        first = _tagged(elb, "alb-api-targets")
        (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
        listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        return {
            f"{listener['Port']}": [
                group["Weight"]
                for rule in elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
                if not rule["IsDefault"]
                for group in sorted(
                    rule["Actions"][0]["ForwardConfig"]["TargetGroups"], key=lambda one: one["TargetGroupArn"] != first
                )
            ]
            for listener in listeners
            if listener["Protocol"] == "HTTPS"
        }


def _tagged(elb: Any, name: str) -> str:
    arns = [group["TargetGroupArn"] for group in elb.describe_target_groups()["TargetGroups"]]
    (found,) = (
        one["ResourceArn"]
        for one in elb.describe_tags(ResourceArns=arns)["TagDescriptions"]
        if {"Key": "Name", "Value": name} in one["Tags"]
    )
    return found


@pytest.fixture(scope="module")
def shifted(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shifted]:
    folder = tmp_path_factory.mktemp("shifted")
    program = folder / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (program / "__main__.py").write_text(PROGRAM.format(deployment=STRATEGIES["BLUE_GREEN"]))
    with engine_session(program, folder / "session", engine=quick(engine, folder)) as session:
        stack = without_checkpoints(
            Stack(name="test", session=session, project="shop", config_key="shop:env", region=REGION)
        )
        found = Shifted(stack=stack, program=session.folder / "__main__.py")
        stack.client("s3").create_bucket(Bucket="shop-logs", CreateBucketConfiguration={"LocationConstraint": REGION})
        stack.initialize()
        stack.run("up", "--yes", "--skip-preview")
        _deploy(found)
        yield found


def _deploy(shifted: Shifted) -> None:
    """Let ECS deploy another revision, which swings the weights, and scale out."""
    ecs = shifted.stack.client("ecs")
    shifted.settled()
    definition = ecs.describe_task_definition(taskDefinition="shop-api")["taskDefinition"]
    kept = ("family", "containerDefinitions", "cpu", "memory", "networkMode", "requiresCompatibilities")
    made = ecs.register_task_definition(**{name: definition[name] for name in kept})["taskDefinition"]
    ecs.update_service(cluster="shop", service="shop-api", taskDefinition=made["taskDefinitionArn"], desiredCount=2)
    shifted.settled()


def test_what_ecs_has_swung_is_no_difference(shifted: Shifted) -> None:
    assert shifted.weights() == {"443": [0, 100], "8443": [0, 100]}
    with shifted.groups_swung():
        assert shifted.preview("BLUE_GREEN").steps == set()


@pytest.mark.parametrize(
    ("strategy", "changed"),
    [
        (
            "CANARY",
            [
                "deploymentConfiguration.canaryConfiguration.canaryBakeTimeInMinutes",
                "deploymentConfiguration.canaryConfiguration.canaryPercent",
                "deploymentConfiguration.strategy",
            ],
        ),
        (
            "ROLLING",
            [
                "deploymentCircuitBreaker.enable",
                "deploymentCircuitBreaker.rollback",
                "deploymentConfiguration.bakeTimeInMinutes",
                "deploymentConfiguration.strategy",
            ],
        ),
    ],
)
def test_another_strategy_changes_the_service_in_place(shifted: Shifted, strategy: str, changed: list[str]) -> None:
    preview = shifted.preview(strategy)
    assert preview.steps == {Step("update", SERVICE, "api-service")}
    assert preview.changed_properties("api-service") == changed


def test_a_strategy_there_and_back_leaves_the_traffic_to_ecs(shifted: Shifted) -> None:
    found: list[tuple[str, bool, dict[str, list[int]]]] = []
    for strategy in ("ROLLING", "BLUE_GREEN"):
        shifted.write(strategy)
        shifted.stack.run("up", "--refresh", "--yes", "--skip-preview")
        shifted.settled()
        configuration = shifted.service()["deploymentConfiguration"]
        found.append((configuration["strategy"], configuration["alarms"]["rollback"], shifted.weights()))
    assert found == [
        # Tasks are replaced in the group that serves.
        ("ROLLING", True, {"443": [0, 100], "8443": [0, 100]}),
        # The change is a deployment, too: of the revision that runs, into the other group.
        ("BLUE_GREEN", True, {"443": [100, 0], "8443": [100, 0]}),
    ]
    assert shifted.service()["desiredCount"] == 2
    assert shifted.preview("BLUE_GREEN").steps == set()
