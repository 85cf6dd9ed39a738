"""What is read of stores for `zelly status` and `zelly doctor`, and what becomes of it where a call fails."""

from dataclasses import replace

from tests.workbench.operations.answering import answering
from tests.workbench.operations.doctor.test_facts import DENIED, ERROR, OUTSIDE, SUBSCRIBED, Answers, doctor, status
from tests.workbench.operations.environments import NODE, NOW, cluster, group
from workbench.operations.readings import Unclear
from workbench.operations.stores.aurora.facts import AuroraFacts
from workbench.operations.stores.clickhouse.facts import ClickHouseFacts
from workbench.operations.stores.redis.facts import RedisFacts


def test_doctor_reads_the_stores() -> None:
    assert doctor().stores == {
        "Aurora": AuroraFacts(cluster=cluster(), actions=["action"], rules=["rule"], authorities=["authority"]),  # pyright: ignore[reportArgumentType]
        "Redis": RedisFacts(group=group(), node=NODE, updates=["update"], snapshot_at=NOW, events=[SUBSCRIBED]),  # pyright: ignore[reportArgumentType]
        "ClickHouse": ClickHouseFacts(snapshot_at=NOW, ledger=Unclear("the embedded AWS has no hosts")),
    }


def test_stores_that_are_not_there_or_not_read() -> None:
    gone = doctor(stores=Answers(Rds=answering(cluster=None), ElastiCache=answering(replication_group=None))).stores
    assert gone["Aurora"] == AuroraFacts(cluster=None, actions=["action"], authorities=["authority"])  # pyright: ignore[reportArgumentType]
    assert gone["Redis"] == RedisFacts(group=None, node=None, updates=())
    facts = doctor(stores=Answers(Rds=answering(cluster=ERROR), ElastiCache=answering(replication_group=ERROR)))
    assert facts.stores["Aurora"].cluster == DENIED
    assert facts.stores["Redis"] == RedisFacts(
        group=DENIED, node=DENIED, updates=DENIED, snapshot_at=DENIED, events=DENIED
    )
    assert "shop-aurora.rds.example" not in facts.addresses


def test_part_of_a_store_that_is_not_read_leaves_the_rest() -> None:
    quiet = doctor(
        stores=Answers(
            Ec2=answering(ingress_cidrs=ERROR, newest_snapshot=ERROR),
            ElastiCache=answering(replication_group=group(), newest_snapshot=ERROR),
            ElastiCacheMaintenance=answering(node=replace(NODE, event_topic=None), updates=ERROR),
        )
    ).stores
    assert (quiet["Aurora"].cluster, quiet["Aurora"].rules) == (cluster(), DENIED)
    assert (quiet["Redis"].snapshot_at, quiet["Redis"].updates, quiet["Redis"].events) == (DENIED, DENIED, [])
    assert quiet["ClickHouse"].snapshot_at == DENIED
    without_nodes = doctor(
        stores=Answers(ElastiCache=answering(replication_group=replace(group(), node_ids=()), newest_snapshot=NOW))
    ).stores
    assert (without_nodes["Redis"].node, without_nodes["Redis"].events) == (None, None)


def test_credentials_of_clickhouse_that_cannot_be_read_are_told() -> None:
    assert doctor(outside=replace(OUTSIDE, reaches_hosts=True)).stores["ClickHouse"].ledger == DENIED


def test_status_reads_the_stores_that_aws_runs() -> None:
    assert status().stores == {
        "Aurora": AuroraFacts(cluster=cluster(), actions=["action"], acu=1.5),  # pyright: ignore[reportArgumentType]
        "Redis": RedisFacts(group=group(), node=NODE, updates=["update"], memory_percent=30),  # pyright: ignore[reportArgumentType]
    }


def test_status_tells_what_cannot_be_read_of_a_store() -> None:
    denied = status(stores=Answers(ElastiCache=answering(replication_group=ERROR))).stores
    assert denied["Redis"] == RedisFacts(group=DENIED, node=DENIED, updates=DENIED)
    unmeasured = status(stores=Answers(CloudWatch=answering(latest=ERROR)))
    assert (unmeasured.stores["Aurora"].acu, unmeasured.stores["Redis"].memory_percent) == (DENIED, DENIED)
    nothing = status(
        stores=Answers(CloudWatch=answering(latest={}), ElastiCache=answering(replication_group=None))
    ).stores
    assert (nothing["Aurora"].acu, nothing["Redis"]) == (None, RedisFacts(group=None, node=None, updates=()))
    full = replace(group(), node_ids=("a", "b"))
    twice = status(
        stores=Answers(
            CloudWatch=answering(latest={"a": 20.0, "b": 40.0}), ElastiCache=answering(replication_group=full)
        )
    )
    assert twice.stores["Redis"].memory_percent == 40
