"""Inputs that tell the provider what to do and that AWS does not keep: no import brings them back.

The first update gives them to the state, without a call. The table is from memory; the provider's acceptance tests
would tell (``ImportStateVerifyIgnore`` in hashicorp/terraform-provider-aws, ``internal/service``).
"""

from collections.abc import Mapping

INPUT_ONLY: Mapping[str, frozenset[str]] = {
    "aws:cloudwatch/logGroup:LogGroup": frozenset({"skipDestroy"}),
    "aws:ec2/instance:Instance": frozenset({"forceDestroy", "userDataReplaceOnChange"}),
    "aws:ec2/securityGroup:SecurityGroup": frozenset({"revokeRulesOnDelete"}),
    "aws:ec2/volumeAttachment:VolumeAttachment": frozenset(
        {"forceDetach", "skipDestroy", "stopInstanceBeforeDetaching"}
    ),
    "aws:ebs/volume:Volume": frozenset({"finalSnapshot"}),
    "aws:ecr/repository:Repository": frozenset({"forceDelete"}),
    "aws:ecs/service:Service": frozenset({"forceDelete", "sigintRollback", "triggers", "waitForSteadyState"}),
    "aws:ecs/taskDefinition:TaskDefinition": frozenset({"skipDestroy", "trackLatest"}),
    "aws:elasticache/replicationGroup:ReplicationGroup": frozenset(
        {"applyImmediately", "authTokenUpdateStrategy", "finalSnapshotIdentifier"}
    ),
    "aws:iam/role:Role": frozenset({"forceDetachPolicies"}),
    "aws:kms/key:Key": frozenset({"bypassPolicyLockoutSafetyCheck", "deletionWindowInDays"}),
    "aws:rds/cluster:Cluster": frozenset(
        {
            "allowMajorVersionUpgrade",
            "applyImmediately",
            "deleteAutomatedBackups",
            "finalSnapshotIdentifier",
            "skipFinalSnapshot",
        }
    ),
    "aws:rds/clusterInstance:ClusterInstance": frozenset({"applyImmediately", "forceDestroy"}),
    "aws:s3/bucket:Bucket": frozenset({"forceDestroy"}),
    "aws:secretsmanager/secret:Secret": frozenset({"forceOverwriteReplicaSecret", "recoveryWindowInDays"}),
    "aws:sns/topicSubscription:TopicSubscription": frozenset({"confirmationTimeoutInMinutes", "endpointAutoConfirms"}),
    "aws:ssm/parameter:Parameter": frozenset({"overwrite"}),
}
"""By type token."""

ACTING: Mapping[tuple[str, str], str] = {
    ("aws:ecs/service:Service", "forceNewDeployment"): "ECS starts every task of the service anew, one after another"
}
"""Inputs that no import brings back either, and what the first update does by giving them."""

NEVER_READ: Mapping[str, frozenset[str]] = {
    "aws:elasticache/replicationGroup:ReplicationGroup": frozenset({"authToken"}),
    "aws:rds/cluster:Cluster": frozenset({"masterPassword"}),
}
"""Inputs that AWS keeps and never tells: an import is given them from the Terraform state."""


def is_never_read(type_token: str, name: str) -> bool:
    """Tell whether no import brings an input back, so that the first update gives it in any case."""
    return name in INPUT_ONLY.get(type_token, ()) or (type_token, name) in ACTING
