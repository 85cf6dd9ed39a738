"""AWS holds what was recorded, so that what the program registers need be asserted on the record alone."""

from collections.abc import Mapping
from typing import Any

from tests.support.held import READINGS, differences
from tests.zelly_infra.embedded.environment import Environment
from workbench.sandbox.backend import EmbeddedBackend
from workbench.sandbox.making.reading import overlaid, written
from workbench.sandbox.services import READS, RESOURCES
from workbench.sandbox.stored import Found, Stored

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


def test_everything_is_read_back_as_it_was_made(environment: Environment) -> None:
    backend = environment.aws.backend()
    assert [
        (stored.type, stored.name)
        for stored in environment.made
        if backend.read(stored.type, stored.id, stored.provider_inputs, stored=stored)
        != Found(id=stored.id, inputs=stored.inputs, outputs=stored.outputs)
    ] == []


ASKED_FOR_ONLY = {
    "allowReassociation",
    "applyImmediately",
    "authToken",
    "authTokenUpdateStrategy",
    "deletionWindowInDays",
    "finalSnapshot",
    "finalSnapshotIdentifier",
    "forceDelete",
    "forceDestroy",
    "forceNewDeployment",
    "masterPassword",
    "policyDetails",
    "recoveryWindowInDays",
    "revokeRulesOnDelete",
    "skipDestroy",
    "skipFinalSnapshot",
    "stopInstanceBeforeDetaching",
    "trackLatest",
    "userDataReplaceOnChange",
    # AWS adds a label of its own to the one that is asked for.
    "versionStages",
    "waitForSteadyState",
}
"""Inputs that no answer of AWS's repeats."""


def test_state_of_what_somebody_else_made_holds_what_the_program_gives(staging: Environment) -> None:
    # Without its ledger the embedded AWS knows what boto3 is told, as of anything that another tool made.
    backend = EmbeddedBackend(staging.aws.clients, account_id=staging.aws.account_id)
    missing = {
        name
        for stored in staging.made
        if stored.type in READS
        for name in stored.inputs.keys() - _imported(backend, stored).keys()
    }
    assert missing <= ASKED_FOR_ONLY


def _imported(backend: EmbeddedBackend, stored: Stored) -> Mapping[str, Any]:
    """Return the part of a resource's inputs that an import by its id finds with the same value."""
    parts = {
        **stored.outputs,
        "id": stored.id,
        "cluster": f"{stored.outputs.get('cluster')}".rpartition("/")[2],
        "destination": stored.outputs.get("destinationCidrBlock"),
    }
    found = backend.read(stored.type, written(RESOURCES[stored.type].import_id or "", parts), stored.provider_inputs)
    assert found is not None, stored.name
    assert found.id == stored.id
    given = {name: value for name, value in stored.inputs.items() if name in found.outputs}
    same = overlaid(stored.type, given, found.outputs)
    return {name: value for name, value in given.items() if same[name] == value}


def _short(token: str) -> str:
    package, module, name = token.split(":")
    return f"{module.split('/')[0] if package == 'aws' else package}.{name}"
