"""How the tags of a made resource are changed: every service has operations of its own for what all types share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making import mapping
from workbench.sandbox.making.making import Existing


@dataclass(frozen=True, kw_only=True)
class TagOperations:
    """The two operations that put tags on a resource and take them off."""

    put: str
    take_off: str
    member: str
    """The parameter that names the resource; a list of names where the operation takes one."""
    source: str = "id"
    """Where the name comes from: ``id``, or a property of the state."""
    constants: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Parameters that are always sent."""


_EC2 = TagOperations(put="create_tags", take_off="delete_tags", member="Resources")


def _tag_resource(member: str, source: str = "id") -> TagOperations:
    return TagOperations(put="tag_resource", take_off="untag_resource", member=member, source=source)


def _add_tags(member: str, source: str, constants: Mapping[str, Any] | None = None) -> TagOperations:
    return TagOperations(
        put="add_tags_to_resource",
        take_off="remove_tags_from_resource",
        member=member,
        source=source,
        constants=constants or {},
    )


_BY_SERVICE: Mapping[str, TagOperations] = {
    "acm": TagOperations(
        put="add_tags_to_certificate", take_off="remove_tags_from_certificate", member="CertificateArn"
    ),
    "cloudwatch": _tag_resource("ResourceARN", "arn"),
    "dlm": _tag_resource("ResourceArn", "arn"),
    "ec2": _EC2,
    "ecr": _tag_resource("resourceArn", "arn"),
    "ecs": _tag_resource("resourceArn", "arn"),
    "efs": _tag_resource("ResourceId"),
    "elasticache": _add_tags("ResourceName", "arn"),
    "elbv2": TagOperations(put="add_tags", take_off="remove_tags", member="ResourceArns"),
    "kms": _tag_resource("KeyId"),
    "logs": _tag_resource("resourceArn", "arn"),
    "rds": _add_tags("ResourceName", "arn"),
    "secretsmanager": _tag_resource("SecretId"),
    "sns": _tag_resource("ResourceArn"),
    "ssm": _add_tags("ResourceId", "id", {"ResourceType": "Parameter"}),
}

_LOST = frozenset({"application-autoscaling", "aws:cloudwatch/alarmMuteRule:AlarmMuteRule"})
"""Services and types whose tags moto does not keep in the first place; their rows say so."""

_BY_TYPE: Mapping[str, TagOperations] = {
    # The provider's id of a key pair is its name.
    "aws:ec2/keyPair:KeyPair": TagOperations(
        put=_EC2.put, take_off=_EC2.take_off, member=_EC2.member, source="keyPairId"
    ),
    "aws:ecs/service:Service": _tag_resource("resourceArn"),
    "aws:iam/instanceProfile:InstanceProfile": TagOperations(
        put="tag_instance_profile", take_off="untag_instance_profile", member="InstanceProfileName"
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": TagOperations(
        put="tag_open_id_connect_provider",
        take_off="untag_open_id_connect_provider",
        member="OpenIDConnectProviderArn",
    ),
    "aws:iam/role:Role": TagOperations(put="tag_role", take_off="untag_role", member="RoleName"),
}
"""Types that their service's operations do not serve."""


def update_tags(type_token: str, existing: Existing) -> None:
    """Bring the tags of the made resource from those of the state to ``existing.tags``.

    Raises:
        SandboxError: for a type whose tags nothing here can change, or whatever the API refused.
    """
    old: Mapping[str, str] = existing.outputs.get("tagsAll", {})
    if dict(existing.tags) == dict(old) or existing.service in _LOST or type_token in _LOST:
        return
    if existing.service == "s3":
        # Buckets alone have their tags replaced as a whole.
        listed = [{"Key": key, "Value": value} for key, value in existing.tags.items()]
        existing.call("put_bucket_tagging", Bucket=existing.id, Tagging={"TagSet": listed})
        return
    operations = _BY_TYPE.get(type_token) or _BY_SERVICE.get(existing.service or "")
    if operations is None:
        raise SandboxError(f"the embedded AWS cannot change the tags of a {type_token}")
    gone = [key for key in old if key not in existing.tags]
    if gone:
        _call(existing, operations, operations.take_off, gone=gone)
    put = {key: value for key, value in existing.tags.items() if old.get(key) != value}
    if put:
        _call(existing, operations, operations.put, put=put)


def _call(
    existing: Existing,
    operations: TagOperations,
    operation: str,
    *,
    put: Mapping[str, str] | None = None,
    gone: list[str] | None = None,
) -> None:
    shape = existing.input_shape(existing.service or "", operation)
    by_name = {member.casefold(): member for member in shape.members}
    identity = existing.id if operations.source == "id" else existing.outputs[operations.source]
    is_list = shape.members[operations.member].type_name == "list"
    parameters: dict[str, Any] = {**operations.constants, operations.member: [identity] if is_list else identity}
    if put is not None:
        parameters |= mapping.tag_parameters(shape, by_name["tags"], None, put)
    elif "tagkeys" in by_name:
        parameters[by_name["tagkeys"]] = gone
    else:
        parameters[by_name["tags"]] = [{"Key": key} for key in gone or ()]
    existing.call(operation, **parameters)
