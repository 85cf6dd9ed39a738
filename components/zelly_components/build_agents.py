"""Build agents of a Jenkins controller: EC2 instances that come for a build and go after it."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from zelly_components.alarms.host_metrics import FAILED_UNITS_NAMESPACE, FAILED_UNITS_PATTERN
from zelly_components.alarms.jenkins_metrics import AGENT_NAMESPACE
from zelly_components.base import Component
from zelly_components.hosts import agent_boot
from zelly_components.hosts.agent_boot import AwsProfile
from zelly_components.hosts.permissions import observability_statements, session_manager_statement
from zelly_components.identity.iam import Statement, instance_trust, policy
from zelly_components.limits.allowed_values import LOG_RETENTION_DAYS
from zelly_components.limits.instance_type import architecture
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

__all__ = ["AwsProfile", "BuildAgents", "BuildAgentsArgs"]

SSH_PORT = 22

_ROOT_DEVICE_NAME = "/dev/xvda"
"""The root volume's device name in Amazon Linux."""

_LIFETIME_SECONDS = 86_400
"""The shortest that Auto Scaling takes ("Replace Auto Scaling instances based on maximum instance lifetime", EC2 Auto
Scaling User Guide): for an agent that doesn't come as far as to end itself."""

_LONGEST_BUILD_MINUTES = 24 * 60 - 60


@dataclass(frozen=True, kw_only=True)
class BuildAgentsArgs:
    """Arguments of a pool of build agents."""

    region: str
    """The region that the agents stand in, e.g. ``eu-west-1``."""
    account_id: str
    """The account that the agents stand in, twelve digits: they may end instances of their own group there."""
    group_name: str
    """The name of the Auto Scaling group, by which the controller knows the pool. Another name replaces the group."""
    role_name: str
    """The name of the agents' role in IAM, which other roles trust by it. Another name replaces the role."""
    vpc_id: pulumi.Input[str]
    """The VPC of the pool's security group, the one that the subnets are in. Another VPC replaces the group."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets, one or more: agents get no public address."""
    instance_types: Sequence[str]
    """All of one architecture; several, where spot capacity of one may be short."""
    spot: bool
    """Spot instances cost up to 90 % less, and AWS may end one with two minutes' notice: for work that can be done
    again."""
    ami_id: pulumi.Input[str]
    """Amazon Linux 2023 for the types' architecture, with Docker's Compose plugin: Amazon Linux has no package of it.
    Another image is taken by the next agents."""
    root_volume_gib: int
    """The size of an agent's disk in GiB: Amazon Linux, images and workspaces. The next agents have a new one."""
    maximum_agents: int
    """The most agents that run at the same time, 1 or more."""
    longest_build_minutes: int
    """An agent that is older ends itself."""
    public_key: pulumi.Input[str]
    """The controller's key, in OpenSSH's format, with which it logs in as ``jenkins``."""
    log_group_name: str
    """The name of the agents' log group in CloudWatch, which is made here, e.g. ``/shop/agents/build``. Another name
    replaces the group."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""
    statements: Sequence[Statement] = ()
    """Permissions of the builds in AWS. Left out, they have none."""
    profiles: Mapping[str, AwsProfile] = field(default_factory=dict[str, AwsProfile])
    """Roles that a job takes on by name, as ``AWS_PROFILE``. Each has to trust the pool's role; the permission to take
    it on is given here. Left out, there are none."""


class BuildAgents(Component):
    """An Auto Scaling group without instances until a controller asks for some, and a role of the pool's own.

    The controller sets how many there are, and which may be ended: the program ignores both. It is to give an agent
    one build. An agent has a role and no key: builds on it may do what the pool may, and a container on Docker's bridge
    may not even that, since one hop ends at the host.

    An agent that its controller has lost sight of costs money until somebody looks. So each publishes its age, and ends
    itself once it is older than the longest build, protected from scale-in or not, with the group's wish for one more;
    Auto Scaling ends it after a day where that failed.

    Nothing reaches an agent but SSH from whom ``allow_from`` names. It reaches the internet on 443, and so AWS.

    Example::

        from zelly_components.build_agents import BuildAgents, BuildAgentsArgs

        builders = BuildAgents(
            "shop-builders",
            BuildAgentsArgs(
                region="eu-west-1",
                account_id="123456789012",
                group_name="shop-builders",
                role_name="shop-ci-build",
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                instance_types=["m7a.large", "m6a.large"],
                spot=True,
                ami_id="ami-0123456789abcdef0",
                root_volume_gib=50,
                maximum_agents=4,
                longest_build_minutes=120,
                public_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNvbXBvbmVudHMgZXhhbXBsZSBrZXkgMDEyMzQ1Njc4",
                log_group_name="/shop/agents/build",
                log_retention_days=30,
            ),
        )
        builders.allow_from("jenkins", "sg-controller")
    """

    group_name: pulumi.Output[str]
    """The name of the Auto Scaling group. It resolves once the group exists: a controller that is told of one that does
    not exist may not start."""
    group_arn: pulumi.Output[str]
    """The ARN of the Auto Scaling group, whose size a controller changes."""
    role_arn: pulumi.Output[str]
    """The role of the agents, which roles that they take on have to trust."""
    security_group_id: pulumi.Output[str]
    """The agents' security group, which ``allow_from`` opens."""
    ports: list[int]
    """The ports that ``allow_from`` opens."""
    log_group_name: str
    """The log group of the agents."""
    failed_units_metric: str
    """The metric that counts failed systemd units of all agents, in CloudWatch's namespace ``FailedUnits``; it is sent
    only when one failed."""

    def __init__(self, name: str, args: BuildAgentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs", name=args.log_group_name, retention_in_days=args.log_retention_days, opts=self.child()
        )
        self.failed_units_metric = self._count_failed_units(log_group)
        self._security_group = self._make_security_group(args)
        role = aws.iam.Role(f"{name}-role", name=args.role_name, assume_role_policy=instance_trust(), opts=self.child())
        permissions = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=policy([*_own_statements(args, log_group.arn), *args.statements]),
            opts=self.child(),
        )
        profile = aws.iam.InstanceProfile(f"{name}-profile", role=role.name, opts=self.child())
        group = self._group(args, self._launch_template(args, profile), permissions)

        self.group_name = group.name
        self.group_arn = group.arn
        self.role_arn = role.arn
        self.security_group_id = self._security_group.security_group_id
        self.log_group_name = args.log_group_name
        self.ports = [SSH_PORT]
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another security group log in over SSH; ``peer`` names them in the rules."""
        self._security_group.allow_from(peer, security_group_id, port=SSH_PORT)

    def _count_failed_units(self, log_group: aws.cloudwatch.LogGroup) -> str:
        name = f"{self._name}-failed-units"
        aws.cloudwatch.LogMetricFilter(
            name,
            name=name,
            log_group_name=log_group.name,
            pattern=FAILED_UNITS_PATTERN,
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=FAILED_UNITS_NAMESPACE, name=name, value="1"
            ),
            opts=self.child(),
        )
        return name

    def _make_security_group(self, args: BuildAgentsArgs) -> SecurityGroup:
        return SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(
                vpc_id=args.vpc_id,
                description=f"Build agents {self._name}",
                # Git, packages, images and AWS itself are all reached over HTTPS.
                internet_egress_ports=[443],
            ),
            opts=self.child(),
        )

    def _launch_template(self, args: BuildAgentsArgs, profile: aws.iam.InstanceProfile) -> aws.ec2.LaunchTemplate:
        document = pulumi.Output.from_input(args.public_key).apply(lambda key: _user_data(args, key))
        encoded = document.apply(lambda text: base64.b64encode(text.encode()).decode())
        return aws.ec2.LaunchTemplate(
            f"{self._name}-template",
            image_id=args.ami_id,
            # The group's choice of types wins; one stands here, since a launch outside the group would need it.
            instance_type=args.instance_types[0],
            iam_instance_profile=aws.ec2.LaunchTemplateIamInstanceProfileArgs(name=profile.name),
            vpc_security_group_ids=[self._security_group.security_group_id],
            # One hop ends at the host: a container behind Docker's bridge gets no credentials of the role.
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=_ROOT_DEVICE_NAME,
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=args.root_volume_gib,
                        encrypted="true",
                        delete_on_termination="true",
                    ),
                )
            ],
            # An agent that shuts itself down is gone, with its volume.
            instance_initiated_shutdown_behavior="terminate",
            user_data=encoded,
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags={"Name": self._name})
                for kind in ("instance", "volume")
            ],
            opts=self.child(),
        )

    def _group(
        self, args: BuildAgentsArgs, template: aws.ec2.LaunchTemplate, permissions: aws.iam.RolePolicy
    ) -> aws.autoscaling.Group:
        return aws.autoscaling.Group(
            f"{self._name}-group",
            name=args.group_name,
            min_size=0,
            max_size=args.maximum_agents,
            vpc_zone_identifiers=args.subnet_ids,
            mixed_instances_policy=_mixed_instances(args, template),
            # The controller's plugin switches it on for what it starts, and never off.
            protect_from_scale_in=False,
            # Moving an instance to another zone ends the build on it.
            suspended_processes=["AZRebalance"],
            max_instance_lifetime=_LIFETIME_SECONDS,
            # Destroying does not wait for builds: agents hold nothing.
            force_delete=True,
            wait_for_capacity_timeout="0",
            opts=self.child_with(
                pulumi.ResourceOptions(
                    ignore_changes=["desiredCapacity", "protectFromScaleIn"],
                    # The first boot needs the role's permissions.
                    depends_on=permissions,
                )
            ),
        )


def _mixed_instances(
    args: BuildAgentsArgs, template: aws.ec2.LaunchTemplate
) -> aws.autoscaling.GroupMixedInstancesPolicyArgs:
    return aws.autoscaling.GroupMixedInstancesPolicyArgs(
        instances_distribution=aws.autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs(
            on_demand_base_capacity=0,
            on_demand_percentage_above_base_capacity=0 if args.spot else 100,
            # AWS's own recommendation: the pools least likely to be interrupted, the cheapest of them ("Allocation
            # strategies for multiple instance types", EC2 Auto Scaling User Guide).
            spot_allocation_strategy="price-capacity-optimized",
        ),
        launch_template=aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs(
            launch_template_specification=aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs(
                # The next agent is of the newest.
                launch_template_id=template.id,
                version="$Latest",
            ),
            overrides=[
                aws.autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs(instance_type=instance_type)
                for instance_type in args.instance_types
            ],
        ),
    )


def _own_statements(args: BuildAgentsArgs, log_group_arn: pulumi.Input[str]) -> list[Statement]:
    group = f"arn:aws:autoscaling:{args.region}:{args.account_id}:autoScalingGroup:*:autoScalingGroupName"
    return [
        session_manager_statement(),
        *observability_statements(log_group_arn),
        Statement(
            sid="PublishAge",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": AGENT_NAMESPACE}},
        ),
        # IAM knows the group and not the instance: an agent could end another one of its pool, and no more.
        Statement(
            sid="EndItself",
            actions=["autoscaling:TerminateInstanceInAutoScalingGroup"],
            resources=[f"{group}/{args.group_name}"],
        ),
        *(
            [
                Statement(
                    sid="TakeOnRoles",
                    actions=["sts:AssumeRole"],
                    resources=[args.profiles[name].role_arn for name in sorted(args.profiles)],
                )
            ]
            if args.profiles
            else []
        ),
    ]


def _user_data(args: BuildAgentsArgs, public_key: str) -> str:
    return agent_boot.user_data(
        agent_boot.AgentBootValues(
            region=args.region,
            group_name=args.group_name,
            longest_build_seconds=args.longest_build_minutes * 60,
            profiles=args.profiles,
            public_key=public_key,
            log_group_name=args.log_group_name,
        )
    )


def _check(args: BuildAgentsArgs) -> None:
    LOG_RETENTION_DAYS.check("log_retention_days", args.log_retention_days)
    types = args.instance_types
    if not types or len(set(types)) != len(types):
        raise ValueError(f"instance_types: came {', '.join(types) or 'none'}; allowed one or more, each once")
    if len({architecture(each) for each in types}) > 1:
        raise ValueError(f"instance_types: came {', '.join(types)}; allowed those of one architecture, as the image is")
    if args.maximum_agents < 1:
        raise ValueError(f"maximum_agents: came {args.maximum_agents}; allowed 1 or more")
    if not 1 <= args.longest_build_minutes <= _LONGEST_BUILD_MINUTES:
        # Auto Scaling ends what is a day old.
        raise ValueError(
            f"longest_build_minutes: came {args.longest_build_minutes}; allowed 1 to {_LONGEST_BUILD_MINUTES}"
        )
    for name in args.profiles:
        if re.fullmatch(r"[a-z][a-z0-9-]*", name) is None:
            raise ValueError(f"profiles: came {name!r}; allowed lower-case letters, digits and hyphens")
