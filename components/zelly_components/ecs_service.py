"""An ECS service on Fargate, with everything that belongs to it alone."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.ecs.checks import check_service
from zelly_components.ecs.deployment import (
    AlternateTargetArgs,
    CanaryArgs,
    DeploymentArgs,
    LinearArgs,
    PauseArgs,
    PauseStage,
    Strategy,
    infrastructure_role_statements,
)
from zelly_components.ecs.roles import TASKS_SERVICE, execution_role_statements, secret_arns_of, task_role_statements
from zelly_components.ecs.scaling import scale_by_cpu
from zelly_components.ecs.service_args import CapacityProviderArgs, EcsServiceArgs, ScalingArgs, TargetArgs
from zelly_components.ecs.service_inputs import (
    chosen_by_others,
    deployment_inputs,
    load_balancers,
    rule_arns,
    strategies,
    target_group_arns,
    task_volume,
)
from zelly_components.ecs.task_definition import (
    ContainerArgs,
    EfsVolumeArgs,
    HealthCheckArgs,
    LogDestination,
    MountArgs,
    SecretVariableArgs,
    canonical_json,
    container_definitions,
    deployed_image,
    image_document,
)
from zelly_components.identity.iam import Statement, deployment_trust, policy, service_trust
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

__all__ = [
    "AlternateTargetArgs",
    "CanaryArgs",
    "CapacityProviderArgs",
    "ContainerArgs",
    "DeploymentArgs",
    "EcsService",
    "EcsServiceArgs",
    "EfsVolumeArgs",
    "HealthCheckArgs",
    "LinearArgs",
    "MountArgs",
    "PauseArgs",
    "PauseStage",
    "ScalingArgs",
    "SecretVariableArgs",
    "Strategy",
    "TargetArgs",
]


class EcsService(Component):
    """A service on Fargate: task definition, roles, log group, security group, image parameter and scaling.

    The program and the deploys of the application share it without undoing each other's work:

    - The service ignores changes of its task definition and of its number of tasks. A deploy registers a revision made
      from the newest one of the family with another image, and a changed template waits for the next deploy.
    - The image in the template is the deployed one. A deploy writes it into the image parameter, whose value the
      program sets once and then only reads. A service without a deployable container has no parameter, and nobody
      deploys it but the program: a changed template rolls out at once.
    - Old revisions stay registered, so that there is always one to roll back to.

    A change of the service itself (capacity providers, subnets, exec) starts a deployment of the task definition that
    runs now.

    Deployments are rolling, or shift the traffic to a second set of tasks (``deployment``, with an ``alternate`` for
    each target): ECS then changes the weights of the balancer's rules and the service's target groups with each
    deployment, and the program ignores both. It deploys nothing itself: an update by a program does not alternate the
    groups (hashicorp/terraform-provider-aws#45678).

    Example::

        from zelly_components import ecs_service as ecs

        api = ecs.EcsService(
            "shop-api",
            ecs.EcsServiceArgs(
                region="eu-west-1",
                account_id="123456789012",
                cluster_arn="arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
                cluster_name="shop",
                service_name="shop-api",
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                cpu_units=256,
                memory_mib=512,
                architecture="ARM64",
                containers=[
                    ecs.ContainerArgs(
                        name="api",
                        image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api:first",
                        deployable=True,
                        ports=[3000],
                        environment={"NODE_ENV": "production"},
                    )
                ],
                volumes=[],
                capacity_providers=[ecs.CapacityProviderArgs(name="FARGATE", weight=1)],
                minimum_tasks=1,
                scaling=ecs.ScalingArgs(maximum_tasks=4, cpu_target_percent=70),
                targets=[],
                health_check_grace_period_seconds=None,
                enable_execute_command=True,
                log_group_name="/shop/ecs/api",
                log_retention_days=30,
                repository_arns=["arn:aws:ecr:eu-west-1:123456789012:repository/shop/api"],
                image_parameter_name="/shop/images/api",
                execution_role_name="shop-api-execution",
                task_role_name="shop-api-task",
            ),
        )
        api.allow_from("vpn", "sg-1", port=3000)
    """

    service_name: pulumi.Output[str]
    """The service's name in ECS, by which alarms find it."""
    service_arn: pulumi.Output[str]
    """The service's ARN."""
    task_definition_arn: pulumi.Output[str]
    """The revision that the program registered last; a deploy may have registered newer ones."""
    task_definition_family: str
    """The family of its task definitions, of which a deploy registers revisions."""
    security_group_id: pulumi.Output[str]
    """The tasks' security group: stores let its members in, and ``allow_from`` opens it."""
    ports: list[int]
    """The ports of all containers, of which ``allow_from`` opens one."""
    execution_role_arn: pulumi.Output[str]
    """The role with which ECS starts the tasks; whoever registers a revision has to pass it."""
    task_role_arn: pulumi.Output[str]
    """The role that the application has; whoever registers a revision has to pass it."""
    log_group_name: str
    """The log group of the containers."""
    image_parameter_name: str | None
    """The SSM parameter with the deployed images; None where no container is deployable."""
    image_parameter_arn: pulumi.Output[str] | None
    """The ARN of the same parameter, which a deploy writes."""

    def __init__(self, name: str, args: EcsServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        check_service(args)
        self._name = name
        self.ports = sorted(port for container in args.containers for port in container.ports)
        self.task_definition_family = args.service_name
        self.log_group_name = args.log_group_name
        self.image_parameter_name = args.image_parameter_name

        self._security_group = self._make_security_group(args)
        log_group = self._log_group(args)
        execution_role, execution_policies = self._execution_role(args, log_group)
        task_role, task_policies = self._task_role(args)
        image_parameter = self._image_parameter(args)
        task_definition = self._task_definition(args, self._images(args, image_parameter), execution_role, task_role)
        infrastructure_role, infrastructure_policies = self._infrastructure_role(args)
        service = self._service(
            args,
            task_definition,
            [*execution_policies, *task_policies, *infrastructure_policies],
            infrastructure_role,
        )
        if args.scaling is not None:
            scale_by_cpu(self, name, args, args.scaling, service)

        self.service_name = service.name
        self.service_arn = service.arn
        self.task_definition_arn = task_definition.arn
        self.security_group_id = self._security_group.security_group_id
        self.execution_role_arn = execution_role.arn
        self.task_role_arn = task_role.arn
        self.image_parameter_arn = None if image_parameter is None else image_parameter.arn
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str], *, port: int) -> None:
        """Let the members of another group reach one of the containers' ports.

        Raises:
            ValueError: for a port that no container listens on.
        """
        if port not in self.ports:
            allowed = ", ".join(str(known) for known in self.ports) or "none"
            raise ValueError(f"port: came {port}; allowed {allowed}")
        self._security_group.allow_from(peer, security_group_id, port=port)

    def _make_security_group(self, args: EcsServiceArgs) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(
                vpc_id=args.vpc_id,
                description=f"Tasks of {args.service_name}",
                # Images, secrets, logs and ECS Exec all go through AWS's public endpoints.
                internet_egress_ports=[443],
            ),
            opts=self.child(),
        )

    def _log_group(self, args: EcsServiceArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=args.log_group_name,
            retention_in_days=args.log_retention_days,
            opts=self.child(),
        )

    def _execution_role(
        self, args: EcsServiceArgs, log_group: aws.cloudwatch.LogGroup
    ) -> tuple[aws.iam.Role, list[aws.iam.RolePolicy]]:
        statements = execution_role_statements(
            repository_arns=args.repository_arns,
            log_group_arn=log_group.arn,
            secret_arns=secret_arns_of(args.containers),
        )
        return self._role("execution", args.execution_role_name, _tasks_trust(args), statements)

    def _task_role(self, args: EcsServiceArgs) -> tuple[aws.iam.Role, list[aws.iam.RolePolicy]]:
        statements = task_role_statements(
            enable_execute_command=args.enable_execute_command, volumes=args.volumes, own=args.task_role_statements
        )
        return self._role("task", args.task_role_name, _tasks_trust(args), statements)

    def _infrastructure_role(self, args: EcsServiceArgs) -> tuple[aws.iam.Role | None, list[aws.iam.RolePolicy]]:
        role_name = None if args.deployment is None else args.deployment.infrastructure_role_name
        if role_name is None:
            return None, []
        statements = infrastructure_role_statements(
            target_group_arns=target_group_arns(args.targets), rule_arns=rule_arns(args.targets)
        )
        return self._role("infrastructure", role_name, deployment_trust(), statements)

    def _role(
        self, kind: str, role_name: str, trust: pulumi.Output[str], statements: Sequence[Statement]
    ) -> tuple[aws.iam.Role, list[aws.iam.RolePolicy]]:
        role = aws.iam.Role(
            f"{self._name}-{kind}-role",
            name=role_name,
            assume_role_policy=trust,
            opts=self.child(),
        )
        if not statements:  # IAM refuses an inline policy without any.
            return role, []
        inline = aws.iam.RolePolicy(
            f"{self._name}-{kind}-policy", role=role.name, policy=policy(statements), opts=self.child()
        )
        return role, [inline]

    def _image_parameter(self, args: EcsServiceArgs) -> aws.ssm.Parameter | None:
        if args.image_parameter_name is None:
            return None
        return aws.ssm.Parameter(
            f"{self._name}-images",
            name=args.image_parameter_name,
            type="String",
            description=f"Deployed images of {args.service_name}",
            value=image_document(
                {container.name: container.image for container in args.containers if container.deployable}
            ),
            opts=self.child_with(pulumi.ResourceOptions(ignore_changes=["value"])),
        )

    def _images(self, args: EcsServiceArgs, image_parameter: aws.ssm.Parameter | None) -> dict[str, pulumi.Input[str]]:
        images: dict[str, pulumi.Input[str]] = {container.name: container.image for container in args.containers}
        if image_parameter is None:
            return images
        parameter = aws.ssm.get_parameter_output(
            name=args.image_parameter_name,
            # Not read before it is made: the first preview shows the images as not known yet.
            opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[image_parameter]),
        )
        # Sensitive in the provider's schema; as a secret it would hide the whole task definition in previews.
        document = pulumi.Output.unsecret(parameter.value)
        deployed = {
            container.name: pulumi.Output.all(document, container.name, container.image).apply(
                # No value at all is what mocks give that only echo inputs; AWS has no empty parameter.
                lambda known: known[2] if known[0] is None else deployed_image(*known)
            )
            for container in args.containers
            if container.deployable
        }
        return {**images, **deployed}

    def _task_definition(
        self,
        args: EcsServiceArgs,
        images: dict[str, pulumi.Input[str]],
        execution_role: aws.iam.Role,
        task_role: aws.iam.Role,
    ) -> aws.ecs.TaskDefinition:
        definitions = container_definitions(
            args.containers,
            images=images,
            log_destination=LogDestination(log_group_name=args.log_group_name, region=args.region),
            init_process_enabled=args.enable_execute_command,
        )
        return aws.ecs.TaskDefinition(
            f"{self._name}-task-definition",
            family=args.service_name,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(args.cpu_units),
            memory=str(args.memory_mib),
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=args.architecture, operating_system_family="LINUX"
            ),
            execution_role_arn=execution_role.arn,
            task_role_arn=task_role.arn,
            container_definitions=canonical_json(definitions),
            volumes=[task_volume(volume) for volume in sorted(args.volumes, key=lambda volume: volume.name)],
            # Every change is a new revision; the old ones are what a rollback goes back to.
            skip_destroy=True,
            # A refresh then reads the family's newest revision, so that the one a deploy registered is no difference.
            track_latest=True,
            opts=self.child(),
        )

    def _service(
        self,
        args: EcsServiceArgs,
        task_definition: aws.ecs.TaskDefinition,
        role_policies: list[aws.iam.RolePolicy],
        infrastructure_role: aws.iam.Role | None,
    ) -> aws.ecs.Service:
        return aws.ecs.Service(
            f"{self._name}-service",
            name=args.service_name,
            cluster=args.cluster_arn,
            task_definition=task_definition.arn,
            desired_count=args.minimum_tasks,
            capacity_provider_strategies=strategies(args.capacity_providers),
            # The provider refuses to change the strategy of a running service without it. It acts only together with
            # another change of the service.
            force_new_deployment=True,
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=args.subnet_ids,
                security_groups=[self._security_group.security_group_id],
                assign_public_ip=False,
            ),
            load_balancers=load_balancers(args.targets, infrastructure_role),
            health_check_grace_period_seconds=args.health_check_grace_period_seconds,
            **deployment_inputs(args.deployment),
            # Also a single task is replaced without a gap: the new one is up before the old one goes. One that has to
            # be alone is away for as long as its successor starts.
            deployment_minimum_healthy_percent=0 if args.runs_alone else 100,
            deployment_maximum_percent=100 if args.runs_alone else 200,
            # It starts a task in another zone before it ends one, and a new service has it unless told otherwise.
            availability_zone_rebalancing="DISABLED" if args.runs_alone else None,
            enable_execute_command=args.enable_execute_command,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            # Waiting would fail the first update of every new environment, whose images and secret values come later,
            # and it takes a rollback of the circuit breaker for success. Deploys do their own waiting.
            wait_for_steady_state=False,
            opts=self.child_with(
                pulumi.ResourceOptions(
                    ignore_changes=chosen_by_others(args),
                    # Tasks started without permission or without a way out fail, and count for the circuit breaker.
                    depends_on=[*role_policies, self._security_group],
                )
            ),
        )


def _tasks_trust(args: EcsServiceArgs) -> pulumi.Output[str]:
    return service_trust(TASKS_SERVICE, region=args.region, account_id=args.account_id)
