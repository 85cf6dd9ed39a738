"""Every policy document of both environments, found in the record of what the program registered.

A new policy of a known resource type is found by itself; one of another type raises, until ``ATTACHED_TO`` says what
it hangs on.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from tests.support.iam_decisions import Document
from tests.zelly_infra.embedded.environment import ACCOUNT_ID, Environment, only
from workbench.evaluate import RecordedResource

ROLE = "aws:iam/role:Role"

Kind = Literal["identity", "trust", "resource", "endpoint"]
"""An endpoint's policy gives nobody a right: it says which requests pass through it at all."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy document and where it belongs."""

    name: str
    """The logical name of the resource that carries it, e.g. ``zelly-staging-bastion-policy``."""
    kind: Kind
    arn: str
    """What it hangs on: the role that it is a permission or the trust of, or the resource that it guards."""
    document: Document


def policies_of(environment: Environment) -> Iterator[Policy]:
    """Iterate over the policies that an environment's stack registered.

    Raises:
        LookupError: for a policy of a resource type that is not known here.
    """
    for resource in environment.evaluation.custom():
        for document in _documents_in(resource.inputs):
            if resource.type not in ATTACHED_TO:
                raise LookupError(f"{resource.type} {resource.name}: a policy; say in ATTACHED_TO what it hangs on")
            kind, arn = ATTACHED_TO[resource.type]
            yield Policy(name=resource.name, kind=kind, arn=arn(environment, resource), document=document)


def managed_policies_of(environment: Environment) -> Iterator[Policy]:
    """Iterate over AWS's own policies that the stack attaches to roles, as moto carries them."""
    iam = environment.client("iam")
    for attachment in environment.evaluation.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        arn = attachment.inputs["policyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        role = role_arn(attachment.inputs["role"])
        yield Policy(name=attachment.name, kind="identity", arn=role, document=document)


def role_arn(name: str) -> str:
    """Return the ARN of a role by its physical name."""
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"


def role_arns(environment: Environment) -> dict[str, str]:
    """Return the roles of an environment's stack: ARNs by logical name without environment and ``-role``."""
    physical = {
        environment.short(role["RoleName"]): role["Arn"] for role in environment.listed("iam", "list_roles", "Roles")
    }
    return {
        environment.short(role.name).removesuffix("-role"): role_arn(role.inputs["name"])
        if "name" in role.inputs
        else physical[environment.short(role.name)]
        for role in environment.evaluation.of_type(ROLE)
    }


def key_arn(environment: Environment) -> str:
    """Return the ARN of the environment's one KMS key."""
    topics = environment.evaluation.of_type("aws:sns/topic:Topic")
    return only([topic.inputs["kmsMasterKeyId"] for topic in topics if "kmsMasterKeyId" in topic.inputs])


def s3_endpoint_arn(environment: Environment) -> str:
    """Return the ARN of the environment's one VPC endpoint."""
    endpoint = only(environment.in_vpc("describe_vpc_endpoints", "VpcEndpoints"))["VpcEndpointId"]
    return f"arn:aws:ec2:{environment.region}:{ACCOUNT_ID}:vpc-endpoint/{endpoint}"


def file_system_arn(environment: Environment) -> str:
    """Return the ARN of the file system of Caddy's certificates."""
    return only(environment.client("efs").describe_file_systems()["FileSystems"])["FileSystemArn"]


ATTACHED_TO: Mapping[str, tuple[Kind, Callable[[Environment, RecordedResource], str]]] = {
    "aws:iam/rolePolicy:RolePolicy": ("identity", lambda _, policy: role_arn(policy.inputs["role"])),
    ROLE: (
        "trust",
        lambda environment, role: role_arns(environment)[environment.short(role.name).removesuffix("-role")],
    ),
    "aws:s3/bucketPolicy:BucketPolicy": ("resource", lambda _, policy: f"arn:aws:s3:::{policy.inputs['bucket']}"),
    "aws:sns/topicPolicy:TopicPolicy": ("resource", lambda _, policy: policy.inputs["arn"]),
    "aws:kms/key:Key": ("resource", lambda environment, _: key_arn(environment)),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("endpoint", lambda environment, _: s3_endpoint_arn(environment)),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": ("resource", lambda environment, _: file_system_arn(environment)),
}
"""By resource type: what kind of policy it carries, and the ARN of what that hangs on."""


def _documents_in(value: Any) -> Iterator[Document]:
    """Iterate over the texts in a resource's inputs, however deep, that are policy documents."""
    match value:
        case str():
            document = _parsed(value)
            if document is not None:
                yield document
        case dict():
            yield from _documents_in_each(cast("dict[str, Any]", value).values())
        case list():
            yield from _documents_in_each(cast("list[Any]", value))
        case _:
            pass


def _documents_in_each(values: Iterable[Any]) -> Iterator[Document]:
    for value in values:
        yield from _documents_in(value)


def _parsed(text: str) -> Document | None:
    try:
        parsed: Any = json.loads(text)
    except json.JSONDecodeError:
        return None
    return cast("Document", parsed) if isinstance(parsed, dict) and "Statement" in parsed else None
