"""Tags of made resources, changed by the operations that each service has for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jmespath
import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from tests.workbench.sandbox.making.test_changing import existing
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.tagging import update_tags
from workbench.sandbox.services import RESOURCES, tag_change
from workbench.sandbox.stored import is_taggable

OLD = {"same": "1", "other": "1", "gone": "1"}
NEW = {"same": "1", "other": "2", "new": "3"}
AT_ONCE = {"aws:route53/healthCheck:HealthCheck", "aws:s3/bucket:Bucket"}
"""The types of services with one operation for tags that come and tags that go."""
PUT = [{"Key": "other", "Value": "2"}, {"Key": "new", "Value": "3"}]


def calls_for(sandbox: Sandbox, type_token: str, service: str | None) -> list[tuple[str, dict[str, Any]]]:
    resource, calls = existing(sandbox, {}, {}, arn="arn:x", keyPairId="key-1", tagsAll=OLD)
    update_tags(type_token, replace(resource, service=service, tags=NEW), tag_change(RESOURCES[type_token]))
    return calls.made


@pytest.mark.parametrize(
    ("type_token", "service", "expected"),
    [
        (
            "aws:ec2/vpc:Vpc",
            "ec2",
            [
                ("delete_tags", {"Resources": ["store-1"], "Tags": [{"Key": "gone"}]}),
                ("create_tags", {"Resources": ["store-1"], "Tags": PUT}),
            ],
        ),
        (
            "aws:ec2/keyPair:KeyPair",
            "ec2",
            [
                ("delete_tags", {"Resources": ["key-1"], "Tags": [{"Key": "gone"}]}),
                ("create_tags", {"Resources": ["key-1"], "Tags": PUT}),
            ],
        ),
        (
            "aws:rds/cluster:Cluster",
            "rds",
            [
                ("remove_tags_from_resource", {"ResourceName": "arn:x", "TagKeys": ["gone"]}),
                ("add_tags_to_resource", {"ResourceName": "arn:x", "Tags": PUT}),
            ],
        ),
        (
            "aws:ssm/parameter:Parameter",
            "ssm",
            [
                (
                    "remove_tags_from_resource",
                    {"ResourceType": "Parameter", "ResourceId": "store-1", "TagKeys": ["gone"]},
                ),
                ("add_tags_to_resource", {"ResourceType": "Parameter", "ResourceId": "store-1", "Tags": PUT}),
            ],
        ),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            "logs",
            [
                ("untag_resource", {"resourceArn": "arn:x", "tagKeys": ["gone"]}),
                ("tag_resource", {"resourceArn": "arn:x", "tags": {"other": "2", "new": "3"}}),
            ],
        ),
        (
            "aws:kms/key:Key",
            "kms",
            [
                ("untag_resource", {"KeyId": "store-1", "TagKeys": ["gone"]}),
                (
                    "tag_resource",
                    {
                        "KeyId": "store-1",
                        "Tags": [{"TagKey": "other", "TagValue": "2"}, {"TagKey": "new", "TagValue": "3"}],
                    },
                ),
            ],
        ),
        (
            "aws:s3/bucket:Bucket",
            "s3",
            [
                (
                    "put_bucket_tagging",
                    {"Bucket": "store-1", "Tagging": {"TagSet": [{"Key": "same", "Value": "1"}, *PUT]}},
                )
            ],
        ),
    ],
)
def test_only_what_changed_is_sent(
    sandbox: Sandbox, type_token: str, service: str, expected: list[tuple[str, dict[str, Any]]]
) -> None:
    assert calls_for(sandbox, type_token, service) == expected


TAGGED = {token for token, row in RESOURCES.items() if is_taggable(row)}
LOST = {
    "aws:appautoscaling/target:Target": "The tags of what may scale are lost.",
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": "The tags of a mute rule are lost.",
}


@pytest.mark.parametrize("type_token", sorted(TAGGED - LOST.keys()))
def test_every_type_with_tags_has_operations_that_change_them(sandbox: Sandbox, type_token: str) -> None:
    calls = calls_for(sandbox, type_token, RESOURCES[type_token].service)
    identities = [name for _, parameters in calls for name in ("store-1", "arn:x", "key-1") if name in f"{parameters}"]
    assert len(identities) == len(calls) == (1 if type_token in AT_ONCE else 2)


def test_what_keeps_no_tags_is_not_asked_to(sandbox: Sandbox) -> None:
    assert {token for token, row in RESOURCES.items() if not row.keeps_tags} == LOST.keys()
    for type_token, limit in LOST.items():
        assert limit in RESOURCES[type_token].not_emulated
    rule = {"name": "lost", "rule": {"schedule": {"duration": "PT1H", "expression": "cron(0 2 * * *)"}}}
    sandbox.create("aws:cloudwatch/alarmMuteRule:AlarmMuteRule", "lost", **rule, tags=OLD)
    outputs = sandbox.update("aws:cloudwatch/alarmMuteRule:AlarmMuteRule", "lost", **rule, tags=NEW)
    assert outputs["tagsAll"] == {"Project": "shop", **NEW}


def test_equal_tags_call_nothing(sandbox: Sandbox) -> None:
    resource, calls = existing(sandbox, {}, {}, tagsAll=OLD)
    update_tags("a:b/c:D", replace(resource, service=None, tags=OLD), None)
    assert calls.made == []


def test_tags_that_nothing_can_change_are_refused(sandbox: Sandbox) -> None:
    resource, _ = existing(sandbox, {}, {})
    with pytest.raises(SandboxError, match=r"^the embedded AWS cannot change the tags of a a:b/c:D$"):
        update_tags("a:b/c:D", replace(resource, service="sts", tags=NEW), None)


TRUST = '{"Version": "2012-10-17", "Statement": []}'


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the tags of a type are read back from its service."""

    operation: str
    parameters: Mapping[str, str]
    """Parameter -> ``id`` or ``arn`` of the made resource."""
    tags: str
    """JMESPath of the tags in the answer."""
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the resource is made with."""


READINGS: Mapping[str, Reading] = {
    "aws:kms/key:Key": Reading(operation="list_resource_tags", parameters={"KeyId": "id"}, tags="Tags"),
    "aws:s3/bucket:Bucket": Reading(operation="get_bucket_tagging", parameters={"Bucket": "id"}, tags="TagSet"),
    "aws:iam/role:Role": Reading(
        operation="list_role_tags",
        parameters={"RoleName": "id"},
        tags="Tags",
        inputs={"assumeRolePolicy": '{"Version": "2012-10-17", "Statement": []}'},
    ),
    "aws:iam/instanceProfile:InstanceProfile": Reading(
        operation="get_instance_profile", parameters={"InstanceProfileName": "id"}, tags="InstanceProfile.Tags"
    ),
    "aws:sns/topic:Topic": Reading(operation="list_tags_for_resource", parameters={"ResourceArn": "id"}, tags="Tags"),
    "aws:efs/fileSystem:FileSystem": Reading(
        operation="list_tags_for_resource", parameters={"ResourceId": "id"}, tags="Tags"
    ),
    "aws:ecs/cluster:Cluster": Reading(
        operation="list_tags_for_resource", parameters={"resourceArn": "arn"}, tags="tags"
    ),
    "aws:ecr/repository:Repository": Reading(
        operation="list_tags_for_resource", parameters={"resourceArn": "arn"}, tags="tags"
    ),
    "aws:cloudwatch/logGroup:LogGroup": Reading(
        operation="list_tags_for_resource", parameters={"resourceArn": "arn"}, tags="tags"
    ),
    "aws:acm/certificate:Certificate": Reading(
        operation="list_tags_for_certificate",
        parameters={"CertificateArn": "id"},
        tags="Tags",
        inputs={"domainName": "tags.example.com", "validationMethod": "DNS"},
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Reading(
        operation="list_tags_for_resource",
        parameters={"ResourceName": "arn"},
        tags="TagList",
        inputs={"family": "aurora-mysql8.0"},
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Reading(
        operation="list_tags_for_resource",
        parameters={"ResourceName": "arn"},
        tags="TagList",
        inputs={"family": "redis7", "name": "tagged"},
    ),
}


@pytest.mark.parametrize("type_token", READINGS)
def test_the_tags_of_a_made_resource_are_the_new_ones(sandbox: Sandbox, type_token: str) -> None:
    reading = READINGS[type_token]
    made = sandbox.create(type_token, "tagged", **reading.inputs, tags=OLD)
    sandbox.update(type_token, "tagged", **reading.inputs, tags=NEW)

    names = {"id": made.id, "arn": made.outputs.get("arn")}
    client = sandbox.client(RESOURCES[type_token].service or "")
    answer = getattr(client, reading.operation)(
        **{parameter: names[source] for parameter, source in reading.parameters.items()}
    )

    assert as_mapping(jmespath.search(reading.tags, answer)) == {"Project": "shop", **NEW}


def as_mapping(tags: Any) -> Mapping[str, str]:
    """Return tags in whichever form a service answers them."""
    if isinstance(tags, Mapping):
        return {f"{key}": f"{value}" for key, value in tags.items()}  # pyright: ignore[reportUnknownVariableType]
    return tags_of([{name.removeprefix("Tag").capitalize(): value for name, value in tag.items()} for tag in tags])
