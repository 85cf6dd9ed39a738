"""An EFS file system with one directory, which outlives the tasks that use it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, counted
from zelly_components.identity.iam import Statement, policy
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

PORT = 2049
"""NFS."""

_CLIENT_ACTIONS = (
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientRootAccess",
    "elasticfilesystem:ClientWrite",
)

_LARGEST_ID = 4_294_967_294
"""POSIX ids are 32 bits wide, and the last one means "no id"."""


@dataclass(frozen=True, kw_only=True)
class SharedDirectoryArgs:
    """Arguments of a shared file system."""

    vpc_id: pulumi.Input[str]
    """The VPC of the file system's security group, the one that the subnets are in. Another VPC replaces the group."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """The subnets from which it is mounted, one per zone, in a fixed order; append new ones at the end. Each gets a
    mount target."""
    directory: str
    """The access point's root on the file system, e.g. ``/caddy``; made on first use. Never ``/``."""
    uid: int
    """The user that the container runs as; every file belongs to it. Not 0."""
    gid: int
    """The group that the container runs as. Not 0."""
    protect: bool
    """Refuse to delete or replace the file system."""


class SharedDirectory(Component):
    """An encrypted file system with one access point, reachable over TLS by clients whose IAM role allows it.

    Tasks share it, or one task keeps in it what has to outlive it. Caddy, for one, keeps the certificates of all its
    sites in one directory; tasks that share it neither order a certificate twice nor lose any when they are replaced.
    That takes Caddy 2.9 or later, which writes its files atomically.

    A client mounts through the access point with transit encryption and IAM authorisation, and its role allows
    ``elasticfilesystem:ClientMount`` and ``ClientWrite``.

    Example::

        from zelly_components.shared_directory import SharedDirectory, SharedDirectoryArgs

        certificates = SharedDirectory(
            "shop-caddy",
            SharedDirectoryArgs(
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                directory="/caddy",
                uid=1000,
                gid=1000,
                protect=True,
            ),
        )
        certificates.allow_from("proxy", "sg-1")
    """

    former_names = ("CaddyEfs",)

    file_system_id: pulumi.Output[str]
    """The file system, for the volumes of tasks."""
    file_system_arn: pulumi.Output[str]
    """The file system's ARN."""
    access_point_id: pulumi.Output[str]
    """The access point. It resolves once the file system can be mounted in every subnet."""
    access_point_arn: pulumi.Output[str]
    """The access point's ARN. It resolves once the file system can be mounted in every subnet."""
    security_group_id: pulumi.Output[str]
    """The mount targets' security group, which ``allow_from`` opens."""
    ports: list[int]
    """The ports that ``allow_from`` opens."""

    def __init__(self, name: str, args: SharedDirectoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check_directory(args.directory)
        _check_id("uid", args.uid)
        _check_id("gid", args.gid)
        super().__init__(name, opts)
        self._name = name
        self._security_group = SecurityGroup(
            f"{name}-sg", SecurityGroupArgs(vpc_id=args.vpc_id, description="EFS mount targets"), opts=self.child()
        )
        self.security_group_id = self._security_group.security_group_id
        file_system = self._file_system(args)
        self._backup_policy(file_system)
        file_system_policy = self._file_system_policy(file_system)
        mount_targets = [
            self._mount_target(position, file_system, subnet_id)
            for position, subnet_id in enumerate(counted("subnet_ids", args.subnet_ids), start=1)
        ]
        access_point = self._access_point(args, file_system, after=[file_system_policy, *mount_targets])

        self.file_system_id = file_system.id
        self.file_system_arn = file_system.arn
        self.access_point_id = access_point.id
        self.access_point_arn = access_point.arn
        self.ports = [PORT]
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another security group mount the file system; ``peer`` names them in the rules."""
        self._security_group.allow_from(peer, security_group_id, port=PORT)

    def _file_system(self, args: SharedDirectoryArgs) -> aws.efs.FileSystem:
        return aws.efs.FileSystem(
            # No creation_token: an explicit one makes Pulumi delete the file system, with its certificates, before
            # its successor exists.
            f"{self._name}-file-system",
            encrypted=True,
            # Bursting throughput is earned by stored bytes, and a few megabytes or gigabytes earn next to none. Elastic
            # is paid by the byte moved, which for certificates and configuration is next to nothing.
            throughput_mode="elastic",
            # No lifecycle policy: it moves what is seldom read to a slower class that charges per read. The bytes
            # saved are worth next to nothing, and the read happens inside a visitor's TLS handshake, or a boot.
            tags={"Name": self._name},
            opts=self.child_with(pulumi.ResourceOptions(protect=args.protect)),
        )

    def _backup_policy(self, file_system: aws.efs.FileSystem) -> None:
        aws.efs.BackupPolicy(
            f"{self._name}-backup",
            file_system_id=file_system.id,
            backup_policy=aws.efs.BackupPolicyBackupPolicyArgs(status="ENABLED"),
            opts=self.child(),
        )

    def _file_system_policy(self, file_system: aws.efs.FileSystem) -> aws.efs.FileSystemPolicy:
        # Nothing is allowed here, on purpose. Without any policy EFS lets in everybody who reaches a mount target;
        # with one, only those whom some policy allows, and that is the client's own IAM role. The console's wizard
        # would add an Allow for "*", which brings the anonymous client back.
        return aws.efs.FileSystemPolicy(
            f"{self._name}-policy",
            file_system_id=file_system.id,
            policy=policy(
                [
                    _deny("DenyUnencryptedTransport", file_system.arn, "Bool", "aws:SecureTransport"),
                    # IfExists: also where the key is missing, which it is for a client that came another way.
                    _deny(
                        "DenyOutsideMountTargets",
                        file_system.arn,
                        "BoolIfExists",
                        "elasticfilesystem:AccessedViaMountTarget",
                    ),
                ]
            ),
            opts=self.child(),
        )

    def _mount_target(
        self, position: int, file_system: aws.efs.FileSystem, subnet_id: pulumi.Input[str]
    ) -> aws.efs.MountTarget:
        return aws.efs.MountTarget(
            f"{self._name}-mount-target-{position}",
            file_system_id=file_system.id,
            subnet_id=subnet_id,
            security_groups=[self.security_group_id],
            opts=self.child(),
        )

    def _access_point(
        self, args: SharedDirectoryArgs, file_system: aws.efs.FileSystem, *, after: Sequence[pulumi.Resource]
    ) -> aws.efs.AccessPoint:
        return aws.efs.AccessPoint(
            f"{self._name}-access-point",
            file_system_id=file_system.id,
            posix_user=aws.efs.AccessPointPosixUserArgs(uid=args.uid, gid=args.gid),
            # A sub-directory that EFS makes with the right owner: the file system's root belongs to root, and the
            # container's user may not chown it.
            root_directory=aws.efs.AccessPointRootDirectoryArgs(
                path=args.directory,
                creation_info=aws.efs.AccessPointRootDirectoryCreationInfoArgs(
                    owner_uid=args.uid,
                    owner_gid=args.gid,
                    # Private keys lie here: for their owner only.
                    permissions="0700",
                ),
            ),
            tags={"Name": self._name},
            # A task that starts before the mount targets cannot mount, so the id it needs comes after them. The order
            # stands here and not in the outputs: a mount target is deleted before it is replaced, and Pulumi would
            # delete whatever takes a property from it (the task definition) first.
            opts=self.child_with(pulumi.ResourceOptions(depends_on=after)),
        )


def _deny(sid: str, file_system_arn: pulumi.Input[str], operator: str, condition_key: str) -> Statement:
    """Deny clients for whom a true-or-false condition key is false."""
    return Statement(
        sid=sid,
        effect="Deny",
        principals={"AWS": "*"},
        actions=_CLIENT_ACTIONS,
        resources=[file_system_arn],
        conditions={operator: {condition_key: "false"}},
    )


def _check_directory(directory: str) -> None:
    # "RootDirectory", EFS API reference: up to four levels and 100 characters. The root itself is legal there.
    if len(directory) > 100 or not re.fullmatch(r"(/(?!\.)[^$#<>;`|&?{}^*/\n]+){1,4}", directory):
        raise ValueError(f"directory: came {directory}; allowed a path of one to four levels below /, such as /caddy")


def _check_id(field: str, value: int) -> None:
    # EFS squashes root to "nobody" unless the client's role also allows ClientRootAccess: nothing could be written.
    if not 1 <= value <= _LARGEST_ID:
        raise ValueError(f"{field}: came {value}; allowed 1 to {_LARGEST_ID}, since 0 is root")
