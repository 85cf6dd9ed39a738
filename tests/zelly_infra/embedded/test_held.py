"""AWS holds what was recorded, so that what the program registers need be asserted on the record alone."""

from tests.support.held import READINGS, differences
from tests.zelly_infra.embedded.environment import Environment

NOT_READ = {
    "acm.CertificateValidation",
    "cloudflare.DnsRecord",
    "ec2.DefaultSecurityGroup",
    "ec2.Eip",
    "ec2.EipAssociation",
    "ec2.InternetGateway",
    "ec2.KeyPair",
    "ec2.Route",
    "ec2.RouteTable",
    "ec2.RouteTableAssociation",
    "ec2.VolumeAttachment",
    "ecr.LifecyclePolicy",
    "ecs.Cluster",
    "ecs.ClusterCapacityProviders",
    "efs.BackupPolicy",
    "efs.FileSystemPolicy",
    "elasticache.ParameterGroup",
    "iam.OpenIdConnectProvider",
    "iam.RolePolicyAttachment",
    "random.RandomBytes",
    "random.RandomPassword",
    "rds.ClusterParameterGroup",
    "s3.Bucket",
    "s3.BucketLifecycleConfiguration",
    "s3.BucketOwnershipControls",
    "s3.BucketPublicAccessBlock",
    "s3.BucketServerSideEncryptionConfiguration",
    "sns.Topic",
}
"""Types that are read back elsewhere in this folder, in ways of their own: most of them have little but references."""


def test_aws_holds_what_was_recorded(environment: Environment) -> None:
    assert list(differences(environment.aws.clients, environment.made)) == []


def test_every_other_type_is_read_back(environment: Environment) -> None:
    unread = {stored.type for stored in environment.made if stored.type not in READINGS}
    assert {_short(token) for token in unread} <= NOT_READ


def _short(token: str) -> str:
    package, module, name = token.split(":")
    return f"{module.split('/')[0] if package == 'aws' else package}.{name}"
