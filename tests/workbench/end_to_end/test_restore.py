"""``zelly restore`` against the embedded AWS: a copy of each store beside the live one, set like it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.workbench.conftest import Completed, Operator, Up

LIVE = ("--stack", "live")
TRIAL = ("--stack", "trial")
REGIONS = {"live": "ap-south-1", "trial": "eu-west-1"}

OWN = {
    "DBClusterIdentifier",
    "DBClusterArn",
    "DbClusterResourceId",
    "DBClusterMembers",
    "Endpoint",
    "ReaderEndpoint",
    "HostedZoneId",
    "ClusterCreateTime",
    "EarliestRestorableTime",
    "LatestRestorableTime",
    "TagList",
    "DBInstanceIdentifier",
    "DBInstanceArn",
    "DbiResourceId",
    "InstanceCreateTime",
    "ReplicationGroupId",
    "ReplicationGroupCreateTime",
    "AuthTokenLastModifiedDate",
    "ARN",
    "Description",
    "MemberClusters",
    "NodeGroups",
    "SnapshottingClusterId",
    "CacheClusterId",
    "CacheClusterCreateTime",
}
"""What each of two has for itself."""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(_seconds: float) -> None:
        pass

    monkeypatch.setattr("time.sleep", sleep)


@pytest.fixture
def cluster(up: Up) -> Iterator[Any]:
    """Tell how live's clusters but the live one stand; they are deleted at the end."""
    rds = up.client("rds", REGIONS["live"])

    def copies() -> list[Any]:
        found = rds.describe_db_clusters()["DBClusters"]
        return [one for one in found if one["DBClusterIdentifier"] != "sample-live-aurora"]

    yield copies
    for copy in copies():
        name = copy["DBClusterIdentifier"]
        for member in copy["DBClusterMembers"]:
            rds.delete_db_instance(DBInstanceIdentifier=member["DBInstanceIdentifier"], SkipFinalSnapshot=True)
        rds.modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False)
        rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


@pytest.fixture
def redis_snapshot(up: Up) -> Iterator[str]:
    """A snapshot of trial's node; it and the nodes that were made of it are deleted at the end."""
    elasticache = up.client("elasticache", REGIONS["trial"])
    (live,) = elasticache.describe_replication_groups()["ReplicationGroups"]
    elasticache.create_snapshot(SnapshotName="before-migration", ReplicationGroupId=live["ReplicationGroupId"])
    yield "before-migration"
    for group in elasticache.describe_replication_groups()["ReplicationGroups"]:
        if group["ReplicationGroupId"] != live["ReplicationGroupId"]:
            elasticache.delete_replication_group(ReplicationGroupId=group["ReplicationGroupId"])
    elasticache.delete_snapshot(SnapshotName="before-migration")


@pytest.fixture
def volume_snapshot(up: Up) -> Iterator[Mapping[str, Any]]:
    """A snapshot of trial's volume as its lifecycle policy takes them; it and its volumes are deleted at the end."""
    ec2 = up.client("ec2", REGIONS["trial"])
    (live,) = volumes(up, "sample-trial-clickhouse-data")
    tags = [{"ResourceType": "snapshot", "Tags": live["Tags"]}]
    taken = ec2.create_snapshot(VolumeId=live["VolumeId"], TagSpecifications=tags)
    yield taken
    for volume in ec2.describe_volumes(Filters=[{"Name": "snapshot-id", "Values": [taken["SnapshotId"]]}])["Volumes"]:
        ec2.delete_volume(VolumeId=volume["VolumeId"])
    ec2.delete_snapshot(SnapshotId=taken["SnapshotId"])


def volumes(up: Up, name: str) -> list[Any]:
    filters = [{"Name": "tag:Name", "Values": [name]}]
    return up.client("ec2", REGIONS["trial"]).describe_volumes(Filters=filters)["Volumes"]


def tags_of(described: Mapping[str, Any], member: str = "TagList") -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described[member]}


def shared(described: Mapping[str, Any]) -> dict[str, Any]:
    return {member: value for member, value in described.items() if member not in OWN}


def _without_efs(lines: list[str]) -> list[str]:
    """Leave out what is said of a store that this program has none of."""
    return [line for line in lines if not line.startswith("efs ")]


def document(completed: Completed) -> Any:
    assert completed.exit_code == 0, completed.stderr
    return json.loads(completed.stdout)


def test_points_say_loudly_what_cannot_be_restored(operator: Operator) -> None:
    completed = operator.run("restore", "points", *LIVE)
    assert completed.exit_code == 1
    assert _without_efs(completed.stderr.splitlines()) == [
        "redis (sample-live-redis): THERE IS NOTHING TO RESTORE",
        "clickhouse (sample-live-clickhouse): THERE IS NOTHING TO RESTORE",
    ]
    assert [line.split()[0] for line in completed.stdout.splitlines()] == ["store", "aurora", "aurora"]


def test_points_list_what_there_is(operator: Operator, redis_snapshot: str, volume_snapshot: Mapping[str, Any]) -> None:
    listed = json.loads(operator.run("restore", "points", *TRIAL, "--json").stdout)
    assert listed["stack"] == "trial"
    assert [
        (store["store"], store["name"], [point["id"] for point in store["points"]], store["problems"])
        for store in listed["stores"]
        if store["store"] != "efs"
    ] == [
        ("aurora", "sample-trial-aurora", ["latest", "earliest"], []),
        ("redis", "sample-trial-redis", [redis_snapshot], []),
        ("clickhouse", "sample-trial-clickhouse", [volume_snapshot["SnapshotId"]], []),
    ]


def test_restored_cluster_is_set_like_the_live_one(operator: Operator, up: Up, cluster: Any) -> None:
    rds = up.client("rds", REGIONS["live"])
    restored = document(operator.run("restore", "aurora", "--at", "latest", *LIVE, "--yes", "--json"))
    (live,) = rds.describe_db_clusters(DBClusterIdentifier="sample-live-aurora")["DBClusters"]
    (copy,) = cluster()
    name = copy["DBClusterIdentifier"]
    assert (restored["id"], restored["complete"], restored["endpoint"]) == (name, True, copy["Endpoint"])
    assert name == f"sample-live-aurora-restored-{restored['moment'].translate(str.maketrans('T', 't', '-:Z'))}"
    assert restored["differences"] == []
    assert shared(copy) == shared(live)
    assert (copy["DeletionProtection"], copy["StorageEncrypted"]) == (True, True)
    assert copy["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0.5, "MaxCapacity": 4.0}
    from_tag = {"sample:restored-from": f"sample-live-aurora {restored['moment']}"}
    assert tags_of(copy) == {**tags_of(live), **from_tag}
    instances = {
        one["DBInstanceIdentifier"]: {**shared(one), "DBClusterIdentifier": None}
        for one in rds.describe_db_instances()["DBInstances"]
    }
    assert set(instances) == {"sample-live-aurora-1", f"{name}-1"}
    # Endpoints and times are taken out; the rest is one and the same.
    assert instances[f"{name}-1"] == instances["sample-live-aurora-1"]


def test_same_moment_again_finds_the_copy(operator: Operator, cluster: Any) -> None:
    first = document(operator.run("restore", "aurora", "--at", "latest", *LIVE, "--yes", "--json"))
    again = document(operator.run("restore", "aurora", "--at", first["moment"], *LIVE, "--yes", "--json"))
    assert (again["id"], again["exists"], again["makes"]) == (first["id"], True, [])
    assert [copy["DBClusterIdentifier"] for copy in cluster()] == [first["id"]]


def test_cluster_without_waiting_is_begun_and_gone_on_with(operator: Operator, up: Up, cluster: Any) -> None:
    first = document(operator.run("restore", "aurora", "--at", "latest", *LIVE, "--yes", "--json", "--no-wait"))
    name = first["id"]
    rds = up.client("rds", REGIONS["live"])
    rds.delete_db_instance(DBInstanceIdentifier=f"{name}-1", SkipFinalSnapshot=True)
    again = document(operator.run("restore", "aurora", "--at", first["moment"], *LIVE, "--yes", "--json"))
    assert (first["complete"], again["complete"], again["makes"]) == (False, True, [f"instance {name}-1"])
    (copy,) = cluster()
    assert [member["DBInstanceIdentifier"] for member in copy["DBClusterMembers"]] == [f"{name}-1"]


@pytest.mark.parametrize(
    ("at", "line"),
    [
        ("yesterday", "came 'yesterday'; allowed: latest, or a time with its zone, e.g. 2026-11-25T10:15:00Z"),
        ("2026-11-25T10:15:00", "came '2026-11-25T10:15:00'; allowed: latest, or a time with its zone, e.g. "),
        ("2020-01-01T00:00:00Z", "came 2020-01-01T00:00:00Z; allowed: 20"),
        ("2099-01-01T05:30:00+05:30", "came 2099-01-01T00:00:00Z; allowed: 20"),
    ],
)
def test_moment_that_cannot_be_restored_is_refused(operator: Operator, cluster: Any, at: str, line: str) -> None:
    completed = operator.run("restore", "aurora", "--at", at, *LIVE, "--yes")
    assert (completed.exit_code, completed.stdout) == (2, "")
    assert completed.stderr.startswith(f"--at: {line}")
    assert cluster() == []


def test_nothing_is_made_without_a_yes_or_in_a_dry_run(operator: Operator, cluster: Any) -> None:
    refused = operator.run("restore", "aurora", "--at", "latest", *LIVE)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[-1].endswith(
        " in live? It is paid for until it is deleted. Without a terminal nobody can say so; --yes is required"
    )
    planned = document(operator.run("restore", "aurora", "--at", "latest", *LIVE, "--dry-run", "--json"))
    assert (planned["executed"], planned["plan"]["exists"]) == (False, False)
    assert planned["plan"]["settings"]["maximum_capacity_acu"] == 4
    assert cluster() == []


def test_restored_node_is_set_like_the_live_one(operator: Operator, up: Up, redis_snapshot: str) -> None:
    elasticache = up.client("elasticache", REGIONS["trial"])
    (live,) = elasticache.describe_replication_groups()["ReplicationGroups"]
    restored = document(operator.run("restore", "redis", "--snapshot", "latest", *TRIAL, "--yes", "--json"))
    assert (restored["source"], restored["complete"], restored["differences"]) == (redis_snapshot, True, [])
    name = restored["id"]
    assert name.startswith("sample-trial-restored-")
    (copy,) = elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
    assert shared(copy) == shared(live)
    nodes = [
        shared(elasticache.describe_cache_clusters(CacheClusterId=f"{group}-001")["CacheClusters"][0])
        for group in (name, live["ReplicationGroupId"])
    ]
    assert nodes[0] == nodes[1]
    tags = [tags_of(elasticache.list_tags_for_resource(ResourceName=group["ARN"])) for group in (copy, live)]
    assert tags[0] == {**tags[1], "Name": name, "sample:restored-from": redis_snapshot}
    again = document(operator.run("restore", "redis", "--snapshot", redis_snapshot, *TRIAL, "--yes", "--json"))
    assert (again["id"], again["exists"], again["makes"]) == (name, True, [])
    assert len(elasticache.describe_replication_groups()["ReplicationGroups"]) == 2


def test_password_is_in_no_output(operator: Operator, up: Up, redis_snapshot: str) -> None:
    stored = up.client("secretsmanager", REGIONS["trial"]).get_secret_value(SecretId="sample/redis/login")
    password = json.loads(stored["SecretString"])["REDIS_PASSWORD"]
    assert len(password) == 64
    arguments = ("restore", "redis", "--snapshot", redis_snapshot, *TRIAL)
    for options in (("--dry-run",), ("--dry-run", "--json"), ("--yes",), ("--yes", "--json")):
        completed = operator.run(*arguments, *options)
        assert completed.exit_code == 0
        assert password not in completed.stdout + completed.stderr


def test_unknown_snapshot_is_one_line(operator: Operator, redis_snapshot: str) -> None:
    assert operator.run("restore", "redis", "--snapshot", "before", *TRIAL, "--yes") == Completed(
        exit_code=2, stdout="", stderr=f"--snapshot: came before; allowed: latest, {redis_snapshot}\n"
    )


def test_nothing_to_restore_is_one_line(operator: Operator) -> None:
    assert [
        operator.run("restore", store, option, "latest", *LIVE, "--yes")
        for store, option in (("redis", "--snapshot"), ("clickhouse", "--snapshot"))
    ] == [
        Completed(exit_code=2, stdout="", stderr=f"{line}; `zelly restore points` lists what there is\n")
        for line in (
            "no snapshot of Redis that could be restored",
            "no completed snapshot with SnapshotPolicy=sample-live-clickhouse",
        )
    ]


def test_restored_volume_can_be_attached_to_the_host(
    operator: Operator, up: Up, volume_snapshot: Mapping[str, Any]
) -> None:
    (live,) = volumes(up, "sample-trial-clickhouse-data")
    arguments = ("restore", "clickhouse", "--snapshot", "latest", *TRIAL, "--yes", "--json")
    restored = document(operator.run(*arguments))
    (copy,) = volumes(up, restored["target"])
    assert (restored["id"], restored["complete"], restored["differences"]) == (copy["VolumeId"], True, [])
    alike = ("AvailabilityZone", "Size", "VolumeType", "Encrypted", "KmsKeyId", "Iops")
    assert {member: copy[member] for member in alike} == {member: live[member] for member in alike}
    assert (copy["SnapshotId"], copy["Attachments"]) == (volume_snapshot["SnapshotId"], [])
    kept = {key: value for key, value in tags_of(live, "Tags").items() if key != "SnapshotPolicy"}
    own = {"Name": restored["target"], "sample:restored-from": volume_snapshot["SnapshotId"]}
    assert tags_of(copy, "Tags") == {**kept, **own}
    (instance,) = {attached["InstanceId"] for attached in live["Attachments"]}
    assert (
        f"  aws ec2 attach-volume --volume-id {copy['VolumeId']} --device /dev/sdg --instance-id {instance} "
        "--region eu-west-1"
    ) in restored["next_steps"]
    again = document(operator.run(*arguments))
    assert (again["id"], again["exists"], again["makes"]) == (copy["VolumeId"], True, [])
