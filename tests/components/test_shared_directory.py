import json
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from tests.support.examples import example_program
from workbench.evaluate import Evaluation, evaluate
from zelly_components.shared_directory import SharedDirectory, SharedDirectoryArgs

FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
ACCESS_POINT = "aws:efs/accessPoint:AccessPoint"
MOUNT_TARGET = "aws:efs/mountTarget:MountTarget"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

PROTECTED = SharedDirectoryArgs(
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2", "subnet-3"],
    directory="/caddy",
    uid=1000,
    gid=1001,
    protect=True,
)


def record(args: SharedDirectoryArgs) -> Evaluation:
    def program() -> None:
        SharedDirectory("shop-caddy", args)

    return evaluate(program)


def names_of(urns: tuple[str, ...]) -> set[str]:
    return {urn.rsplit("::", 1)[1] for urn in urns}


def test_file_system_is_encrypted_elastic_and_has_no_creation_token() -> None:
    assert record(PROTECTED).one(FILE_SYSTEM).inputs == {
        "encrypted": True,
        "throughputMode": "elastic",
        "tags": {"Name": "shop-caddy"},
    }


@pytest.mark.parametrize(("protect", "expected"), [(True, {FILE_SYSTEM}), (False, set[str]())])
def test_file_system_is_protected_when_asked_to(protect: bool, expected: set[str]) -> None:
    evaluation = record(replace(PROTECTED, protect=protect))
    assert {resource.type for resource in evaluation.resources if resource.protect} == expected


def test_access_point_leads_to_a_directory_of_the_containers_user() -> None:
    assert record(PROTECTED).one(ACCESS_POINT).inputs == {
        "fileSystemId": "${shop-caddy-file-system.id}",
        "posixUser": {"uid": 1000, "gid": 1001},
        "rootDirectory": {
            "path": "/caddy",
            "creationInfo": {"ownerUid": 1000, "ownerGid": 1001, "permissions": "0700"},
        },
        "tags": {"Name": "shop-caddy"},
    }


def test_every_subnet_has_a_mount_target_in_the_components_security_group() -> None:
    targets = record(PROTECTED).of_type(MOUNT_TARGET)
    assert {target.name: target.inputs for target in targets} == {
        f"shop-caddy-mount-target-{number}": {
            "fileSystemId": "${shop-caddy-file-system.id}",
            "subnetId": f"subnet-{number}",
            "securityGroups": ["${shop-caddy-sg.id}"],
        }
        for number in (1, 2, 3)
    }


def test_file_system_is_backed_up() -> None:
    assert record(PROTECTED).one("aws:efs/backupPolicy:BackupPolicy").inputs == {
        "fileSystemId": "${shop-caddy-file-system.id}",
        "backupPolicy": {"status": "ENABLED"},
    }


def test_policy_allows_nobody_and_denies_plain_text_and_other_ways_in() -> None:
    resource = record(PROTECTED).one("aws:efs/fileSystemPolicy:FileSystemPolicy")
    everybody: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": [
            "elasticfilesystem:ClientMount",
            "elasticfilesystem:ClientRootAccess",
            "elasticfilesystem:ClientWrite",
        ],
        "Resource": ["${shop-caddy-file-system.arn}"],
    }
    assert resource.inputs.keys() == {"fileSystemId", "policy"}
    assert resource.inputs["fileSystemId"] == "${shop-caddy-file-system.id}"
    assert json.loads(resource.inputs["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            everybody | {"Sid": "DenyUnencryptedTransport", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            everybody
            | {
                "Sid": "DenyOutsideMountTargets",
                "Condition": {"BoolIfExists": {"elasticfilesystem:AccessedViaMountTarget": "false"}},
            },
        ],
    }


def test_access_point_exists_only_when_the_file_system_can_be_mounted_under_its_policy() -> None:
    assert names_of(record(PROTECTED).one(ACCESS_POINT).depends_on) == {
        "shop-caddy-file-system",
        "shop-caddy-policy",
        "shop-caddy-mount-target-1",
        "shop-caddy-mount-target-2",
        "shop-caddy-mount-target-3",
    }


@pytest.mark.parametrize("output", ["access_point_id", "access_point_arn"])
def test_user_of_the_access_point_takes_no_property_from_a_mount_target(output: str) -> None:
    # Pulumi deletes what takes a property from a mount target whenever the mount target is replaced.
    def program() -> None:
        value: pulumi.Output[str] = getattr(SharedDirectory("shop-caddy", PROTECTED), output)
        aws.ssm.Parameter("client", type="String", value=value)

    client = evaluate(program).one("aws:ssm/parameter:Parameter")
    assert names_of(client.depends_on) == {"shop-caddy-access-point"}


def test_nobody_reaches_the_mount_targets_unasked() -> None:
    evaluation = record(PROTECTED)
    assert (evaluation.of_type(INGRESS), evaluation.of_type(EGRESS)) == ([], [])


def test_client_is_let_in_and_let_out_on_the_nfs_port() -> None:
    def program() -> None:
        SharedDirectory("shop-caddy", PROTECTED).allow_from("proxy", "sg-proxy")

    evaluation = evaluate(program)
    port = {"ipProtocol": "tcp", "fromPort": 2049, "toPort": 2049, "description": "proxy to shop-caddy-sg"}
    assert [rule.inputs for rule in evaluation.of_type(INGRESS)] == [
        {"securityGroupId": "${shop-caddy-sg.id}", "referencedSecurityGroupId": "sg-proxy", **port}
    ]
    assert [rule.inputs for rule in evaluation.of_type(EGRESS)] == [
        {"securityGroupId": "sg-proxy", "referencedSecurityGroupId": "${shop-caddy-sg.id}", **port}
    ]


def test_what_was_made_for_caddys_certificates_stays() -> None:
    alias = "urn:pulumi:test::test::zelly-components:index:CaddyEfs$aws:efs/fileSystem:FileSystem"
    assert f"{alias}::shop-caddy-file-system" in record(PROTECTED).one(FILE_SYSTEM).aliases


def test_outputs_name_file_system_and_access_point() -> None:
    evaluation = record(PROTECTED)
    assert evaluation.component_outputs[evaluation.one("zelly-components:index:SharedDirectory").urn] == {
        "file_system_id": "${shop-caddy-file-system.id}",
        "file_system_arn": "${shop-caddy-file-system.arn}",
        "access_point_id": "${shop-caddy-access-point.id}",
        "access_point_arn": "${shop-caddy-access-point.arn}",
        "security_group_id": "${shop-caddy-sg.id}",
        "ports": [2049],
    }


REFUSED: list[tuple[dict[str, Any], str]] = [
    *(
        (
            {"directory": directory},
            f"directory: came {directory}; allowed a path of one to four levels below /, such as /caddy",
        )
        for directory in ("/", "", "caddy", "/caddy/", "/../etc", "/a/b/c/d/e", "/a b;c", "/" + "c" * 100)
    ),
    *(
        ({field: value}, f"{field}: came {value}; allowed 1 to 4294967294, since 0 is root")
        for field in ("uid", "gid")
        for value in (0, -1, 4_294_967_295)
    ),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_wrong_argument_is_refused_with_what_came_and_what_is_allowed(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="came") as refusal:
        record(replace(PROTECTED, **changes))
    assert str(refusal.value) == message


@pytest.mark.parametrize("directory", ["/caddy", "/shop/caddy/data/v1", "/" + "c" * 99])
def test_directory_below_the_root_is_accepted(directory: str) -> None:
    access_point = record(replace(PROTECTED, directory=directory)).one(ACCESS_POINT)
    assert access_point.inputs["rootDirectory"]["path"] == directory


def test_docstring_example_runs() -> None:
    assert evaluate(example_program(SharedDirectory)).one(FILE_SYSTEM).name == "shop-caddy-file-system"
