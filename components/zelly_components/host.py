"""An EC2 instance that is reached through Session Manager and keeps its logs in CloudWatch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from zelly_components.alarms.host_metrics import FAILED_UNITS_NAMESPACE, FAILED_UNITS_PATTERN
from zelly_components.base import Component, counted
from zelly_components.hosts.permissions import (
    observability_statements,
    run_command_statement,
    session_manager_statement,
)
from zelly_components.identity.iam import Statement, instance_trust, policy
from zelly_components.limits.allowed_values import LOG_RETENTION_DAYS
from zelly_components.limits.instance_type import CpuCredits, architecture, check_cpu_credits


@dataclass(frozen=True, kw_only=True)
class HostArgs:
    """Arguments of a host."""

    subnet_id: pulumi.Input[str]
    """The subnet that it stands in, which decides on its zone. Another one replaces the host."""
    security_group_ids: Sequence[pulumi.Input[str]]
    """The security groups of its network interface, one or more."""
    instance_type: str
    """A Nitro type, e.g. ``t3.small``. Changing it stops and starts the instance; between x86_64 and ARM64 it replaces
    it, since an image runs on one of them alone."""
    cpu_credits: CpuCredits | None
    """The behaviour of a T type without CPU credits; EC2's own default is ``unlimited``, since T3. None for every other
    type."""
    ami_id: str
    """Amazon Linux 2023 for the type's architecture. Read when the instance is made and ignored afterwards."""
    root_volume_gib: int
    """The size of the root volume in GiB, at least 8: the size of Amazon Linux's own image. It grows in place and never
    shrinks."""
    user_data: pulumi.Input[str]
    """Its cloud-config, without secrets. Read when the instance is made and ignored afterwards. The log group and the
    metrics stay empty unless it brings the CloudWatch agent, as ``zelly_components.hosts.cloud_config`` does."""
    identity: Mapping[str, pulumi.Input[str]]
    """Values in the user data that the host cannot look up later (its volume, the names of its parameters). A
    change replaces the host, which otherwise would go on with the old values without a word."""
    log_group_name: str
    """The name of the host's log group in CloudWatch, which is made here, e.g. ``/shop/worker``. Another name replaces
    the group."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""
    statements: Sequence[Statement]
    """Permissions of the host beyond Session Manager, its own logs and its own metrics."""
    termination_protection: bool
    """Let EC2 refuse to terminate the instance, and Pulumi refuse a plan that deletes or replaces it. Pulumi's refusal
    comes first, in the preview: EC2's own would come at the end of a replacement, when the new instance is made and has
    everything of the old one's. Who replaces it on purpose says so to Pulumi (``pulumi state unprotect URN``) and to
    nobody else: the provider lifts EC2's protection from the one that goes."""
    private: bool
    """Refuse a public address even where the subnet would give one. An instance with an Elastic IP is not private."""
    key_name: pulumi.Input[str] | None = None
    """The SSH key pair. Left out, nobody logs in over SSH; Session Manager works either way."""
    source_dest_check: bool | None = None
    """False for a host that passes on the packets of others. Left out, EC2 drops what is not from or to the host."""
    identity_numbers: Mapping[str, int] = field(default_factory=dict[str, int])
    """Values as those of ``identity`` that are numbers. Left out, there are none."""
    run_command: bool = False
    """Whether SSM documents can be sent to it. Whoever may send it one that takes commands is root on it. Left out,
    none can."""


class Host(Component):
    """One Amazon Linux 2023 instance with a role, a log group and IMDSv2.

    A new AMI or another boot document never touches a running host; whatever replaces a host, the new one takes both.
    To renew one deliberately, name it: ``pulumi up --replace URN``. (``--target-replace`` would leave with the old one
    what names it: its Elastic IP, its alarms, a route.) EC2 recovers it by itself, with its address and its volumes,
    when the hardware below fails.

    Example::

        from zelly_components.host import Host, HostArgs

        worker = Host(
            "shop-worker",
            HostArgs(
                subnet_id="subnet-1",
                security_group_ids=["sg-1"],
                instance_type="t3.small",
                cpu_credits="standard",
                ami_id="ami-0123456789abcdef0",
                root_volume_gib=8,
                user_data="#cloud-config",
                identity={"log_group_name": "/shop/worker"},
                log_group_name="/shop/worker",
                log_retention_days=30,
                statements=[],
                termination_protection=False,
                private=True,
            ),
        )
    """

    instance_id: pulumi.Output[str]
    """The id of the EC2 instance, for alarms and sessions."""
    private_ip: pulumi.Output[str]
    """The private address of the instance, by which others in the VPC reach it."""
    network_interface_id: pulumi.Output[str]
    """The one that it was made with, and keeps."""
    role_arn: pulumi.Output[str]
    """The host's role."""
    role_name: pulumi.Output[str]
    """The name of the same role, for grants."""
    log_group_name: str
    """The log group of the host."""
    failed_units_metric: str
    """The metric that counts the host's failed systemd units, in CloudWatch's namespace ``FailedUnits``; it is sent
    only when one failed."""

    def __init__(self, name: str, args: HostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        LOG_RETENTION_DAYS.check("log_retention_days", args.log_retention_days)
        check_cpu_credits(args.instance_type, args.cpu_credits)
        super().__init__(name, opts)
        self._name = name
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs", name=args.log_group_name, retention_in_days=args.log_retention_days, opts=self.child()
        )
        role = aws.iam.Role(f"{name}-role", assume_role_policy=instance_trust(), opts=self.child())
        failed_units = self._count_failed_units(log_group)
        permissions = self._permissions(role, log_group, args)
        profile = aws.iam.InstanceProfile(f"{name}-profile", role=role.name, opts=self.child())
        instance = self._instance(args, profile, permissions)

        self.instance_id = instance.id
        self.private_ip = instance.private_ip
        self.network_interface_id = instance.primary_network_interface_id
        self.role_arn = role.arn
        self.role_name = role.name
        self.log_group_name = args.log_group_name
        self.failed_units_metric = failed_units
        self.register_annotated_outputs()

    def _count_failed_units(self, log_group: aws.cloudwatch.LogGroup) -> str:
        # A filter on plain text has no dimensions to tell hosts apart: the metric's name does.
        name = f"{self._name}-failed-units"
        aws.cloudwatch.LogMetricFilter(
            name,
            name=name,
            log_group_name=log_group.name,
            pattern=FAILED_UNITS_PATTERN,
            # Without a default value: a metric costs 0.30 USD a month by the hours in which it is sent, and this one
            # is sent in the hours of a failure alone.
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=FAILED_UNITS_NAMESPACE, name=name, value="1"
            ),
            opts=self.child(),
        )
        return name

    def _permissions(
        self, role: aws.iam.Role, log_group: aws.cloudwatch.LogGroup, args: HostArgs
    ) -> aws.iam.RolePolicy:
        statements = [
            session_manager_statement(),
            *([run_command_statement()] if args.run_command else []),
            *observability_statements(log_group.arn),
            *args.statements,
        ]
        return aws.iam.RolePolicy(f"{self._name}-policy", role=role.name, policy=policy(statements), opts=self.child())

    def _instance(
        self, args: HostArgs, profile: aws.iam.InstanceProfile, permissions: aws.iam.RolePolicy
    ) -> aws.ec2.Instance:
        return aws.ec2.Instance(
            f"{self._name}-instance",
            ami=args.ami_id,
            instance_type=args.instance_type,
            credit_specification=_credits(args.cpu_credits),
            subnet_id=args.subnet_id,
            vpc_security_group_ids=args.security_group_ids,
            iam_instance_profile=profile.name,
            key_name=args.key_name,
            # Not False beside an Elastic IP: the provider then reads True back and plans a replacement on every run
            # (terraform-provider-aws#37318).
            associate_public_ip_address=False if args.private else None,
            source_dest_check=args.source_dest_check,
            # One hop ends at the host: a container behind Docker's bridge gets no credentials of the role.
            metadata_options=aws.ec2.InstanceMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            root_block_device=aws.ec2.InstanceRootBlockDeviceArgs(
                volume_type="gp3", volume_size=args.root_volume_gib, encrypted=True, tags={"Name": f"{self._name}-root"}
            ),
            maintenance_options=aws.ec2.InstanceMaintenanceOptionsArgs(auto_recovery="default"),
            disable_api_termination=args.termination_protection,
            # Has to stand in the state before the deletion that it is for, or the provider does not look at it.
            force_destroy=args.termination_protection or None,
            user_data=args.user_data,
            user_data_replace_on_change=False,
            tags={"Name": self._name},
            opts=self.child_with(
                pulumi.ResourceOptions(
                    protect=args.termination_protection,
                    ignore_changes=["ami", "userData"],
                    # EC2 would stop the instance first, and then refuse a type that cannot run its image.
                    replacement_trigger={
                        **counted("identity", args.identity),
                        **args.identity_numbers,
                        "architecture": architecture(args.instance_type),
                    },
                    # The first boot needs the role's permissions, and so does the last flush of the logs.
                    depends_on=permissions,
                )
            ),
        )


def _credits(cpu_credits: CpuCredits | None) -> aws.ec2.InstanceCreditSpecificationArgs | None:
    return None if cpu_credits is None else aws.ec2.InstanceCreditSpecificationArgs(cpu_credits=cpu_credits)
