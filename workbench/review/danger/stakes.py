"""Losses of a deletion, by type token: what goes with a resource, what stays, and what stands in the deletion's way.

Sources are pages of AWS's documentation unless another one is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Stake:
    """The loss when the old resource is replaced or removed."""

    lost: str
    source: str


STATEFUL: Mapping[str, Stake] = {
    "aws:rds/cluster:Cluster": Stake(
        lost="the databases in it", source="Aurora User Guide, Deleting Aurora DB clusters"
    ),
    "aws:rds/instance:Instance": Stake(lost="the databases in it", source="RDS User Guide, Deleting a DB instance"),
    "aws:elasticache/replicationGroup:ReplicationGroup": Stake(
        lost="everything in Redis or Valkey: the queues' waiting jobs, sessions, caches",
        source="ElastiCache User Guide, Deleting a cluster",
    ),
    "aws:ebs/volume:Volume": Stake(lost="the data on the disk", source="EBS User Guide, Delete an EBS volume"),
    "aws:efs/fileSystem:FileSystem": Stake(
        lost="every file on it, such as certificates that were issued", source="EFS User Guide, Deleting file systems"
    ),
    "aws:s3/bucket:Bucket": Stake(lost="every object in it", source="S3 User Guide, Deleting a bucket"),
    "aws:ecr/repository:Repository": Stake(
        lost="every image in it; services that run one cannot start new tasks",
        source="ECR User Guide, Deleting a private repository",
    ),
    "aws:kms/key:Key": Stake(
        lost="everything that is encrypted with it, once the waiting period is over",
        source="KMS Developer Guide, Deleting AWS KMS keys",
    ),
    "aws:secretsmanager/secret:Secret": Stake(
        lost="its values; the name stays taken for the recovery window",
        source="Secrets Manager User Guide, Delete a secret",
    ),
    "aws:ec2/eip:Eip": Stake(
        lost="the address: A records that point at it, other people's among them, lead nowhere",
        source="EC2 User Guide, Elastic IP addresses: a released address may be somebody else's",
    ),
    "aws:cloudwatch/logGroup:LogGroup": Stake(
        lost="every log line in it", source="CloudWatch Logs API Reference, DeleteLogGroup"
    ),
    "aws:ssm/parameter:Parameter": Stake(
        lost="its value, also one that was written since, such as the image that is deployed",
        source="Systems Manager API Reference, DeleteParameter",
    ),
    "aws:ec2/instance:Instance": Stake(
        lost="its root disk; nothing answers until the new one has booted",
        source="EC2 User Guide, Terminate instances",
    ),
    "aws:efs/accessPoint:AccessPoint": Stake(
        lost="the way to the files for running tasks; the files stay", source="EFS User Guide, Access points"
    ),
    "random:index/randomPassword:RandomPassword": Stake(
        lost="the password: the new one counts at once, and no client has it yet",
        source="docs of the random provider, random_password",
    ),
    "random:index/randomBytes:RandomBytes": Stake(
        lost="the key: whatever was made from it is no longer valid",
        source="docs of the random provider, random_bytes",
    ),
    "aws:rds/clusterInstance:ClusterInstance": Stake(
        lost="connections to it; of a cluster with one instance, the database until a new one is there",
        source="Aurora User Guide, Deleting a DB instance from an Aurora DB cluster",
    ),
    "aws:lb/loadBalancer:LoadBalancer": Stake(
        lost="its DNS name: who points at it loses the service until DNS has followed",
        source="Elastic Load Balancing User Guides, Delete your load balancer",
    ),
    "aws:ecs/service:Service": Stake(
        lost="its running tasks", source="ECS API Reference, DeleteService: tasks are drained"
    ),
    "aws:sns/topicSubscription:TopicSubscription": Stake(
        lost="its confirmation: no alarm arrives before somebody has followed the link in a new e-mail",
        source="SNS Developer Guide, Confirming a subscription",
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Stake(
        lost="every pipeline's way to assume a role", source="IAM User Guide, OIDC identity providers"
    ),
}
"""Types with a state that a new resource does not have."""


def of_replacement(type_token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Stake | None:
    """Return what this very replacement does, beyond what every replacement of the type does."""
    if type_token != _ACCESS_POINT:
        return None
    before: Mapping[str, Any] = old.get("rootDirectory") or {}
    after: Mapping[str, Any] = new.get("rootDirectory") or {}
    if before.get("path") != after.get("path"):
        return Stake(lost=f"the new directory is empty: the files stay in {before.get('path')}", source=_EFS_OWNER)
    owner = before.get("creationInfo")
    if (owner, old.get("posixUser")) == (after.get("creationInfo"), new.get("posixUser")):
        return None
    posix_user: Mapping[str, Any] = old.get("posixUser") or {}
    words = (
        f"EFS gives a directory its owner only when it makes it: {before.get('path')} and its files stay user "
        f"{posix_user.get('uid')}'s, and nobody reads or writes them until they are given to the new one "
        "(docs/recovery.md#another-user-or-directory-for-the-certificates)"
    )
    return Stake(lost=words, source=_EFS_OWNER)


_ACCESS_POINT = "aws:efs/accessPoint:AccessPoint"
_EFS_OWNER = "EFS API Reference, CreationInfo: applied if the path does not exist"


HARMLESS: Mapping[str, str] = {
    "aws:ecs/taskDefinition:TaskDefinition": "a new revision; services change to it by a rolling deployment",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "the provider replaces it by any edit; no image is deleted by that",
    "aws:secretsmanager/secretVersion:SecretVersion": "a new value; the previous version keeps for a roll-back",
    "aws:acm/certificateValidation:CertificateValidation": "nothing in AWS: it only waits for a certificate",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "an alarm begins anew, without data for its first period",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "the new rule is there before the old one goes",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "the new rule is there before the old one goes",
}
"""Types whose replacement, made in the order that Pulumi plans, nobody notices; why."""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """An input of the old resource that makes AWS or the provider refuse to delete it."""

    property: str
    value: Any
    """With which it refuses; absent counts as None."""
    words: str
    is_certain: bool = False
    """Whether it refuses in any case, and not only while there is something in the resource."""
    unless: str | None = None
    """An input that lets the provider lift the guard before it deletes."""

    def stands(self, old_inputs: Mapping[str, Any]) -> bool:
        """Tell whether it stands in the way of deleting a resource that has these inputs."""
        return old_inputs.get(self.property) == self.value and not (self.unless and old_inputs.get(self.unless))


GUARDS: Mapping[str, tuple[Guard, ...]] = {
    "aws:rds/cluster:Cluster": (
        Guard(
            property="deletionProtection",
            value=True,
            words="deletionProtection: AWS refuses to delete it",
            is_certain=True,
        ),
    ),
    "aws:rds/instance:Instance": (
        Guard(
            property="deletionProtection",
            value=True,
            words="deletionProtection: AWS refuses to delete it",
            is_certain=True,
        ),
    ),
    "aws:lb/loadBalancer:LoadBalancer": (
        Guard(
            property="enableDeletionProtection",
            value=True,
            words="enableDeletionProtection: AWS refuses to delete it",
            is_certain=True,
        ),
    ),
    "aws:ec2/instance:Instance": (
        Guard(
            property="disableApiTermination",
            value=True,
            words="disableApiTermination: AWS refuses to terminate it",
            is_certain=True,
            unless="forceDestroy",
        ),
    ),
    "aws:s3/bucket:Bucket": (
        Guard(property="forceDestroy", value=None, words="without forceDestroy AWS refuses while it has objects"),
        Guard(property="forceDestroy", value=False, words="without forceDestroy AWS refuses while it has objects"),
    ),
    "aws:ecr/repository:Repository": (
        Guard(property="forceDelete", value=None, words="without forceDelete AWS refuses while it has images"),
        Guard(property="forceDelete", value=False, words="without forceDelete AWS refuses while it has images"),
    ),
}
"""As in ``in_place_or_error`` of replacement.json: what blocks the delete half of a replacement."""


def guards(type_token: str, old_inputs: Mapping[str, Any]) -> list[Guard]:
    """Return what stands in the way of deleting a resource that has these inputs."""
    return [guard for guard in GUARDS.get(type_token, ()) if guard.stands(old_inputs)]
