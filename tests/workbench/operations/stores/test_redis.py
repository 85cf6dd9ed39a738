"""Restoring Redis: which snapshot, whose password, and nothing twice."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workbench.aws.test_restoring_requests import NODE
from tests.workbench.operations.environments import REDIS
from tests.workbench.operations.failing import failed, failure, refused
from tests.workbench.operations.stores.places import PLACE, patience
from workbench.aws.elasticache.snapshots import ElastiCacheSnapshots, RedisGroup, RedisSnapshot
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.shared.errors import AwsError, Reason
from workbench.errors import OperatorError
from workbench.operations.stores.redis.restore import RedisPlan, plan_redis, restore_redis

TARGET = "shop-restored-2611251900"
PASSWORD = "of-the-live-node"

LIVE = RedisGroup(id="shop-redis-1a2b3c4", status="available", endpoint="live.example", settings=NODE)

UNDER_WAY = RedisSnapshot(
    name="under-way",
    group_id=LIVE.id,
    status="creating",
    source="automated",
    taken_at=datetime(2026, 11, 26, tzinfo=UTC),
)
NIGHTLY = replace(UNDER_WAY, name="nightly", status="available", taken_at=datetime(2026, 11, 25, 19, tzinfo=UTC))
OLDER = replace(NIGHTLY, name="older", taken_at=datetime(2026, 11, 24, 19, tzinfo=UTC))


class FakeRedis(ElastiCacheSnapshots):
    """ElastiCache with the live node, and with what is restored."""

    def __init__(self, *snapshots: RedisSnapshot, refusal: AwsError | None = None) -> None:
        self._snapshots = [*(snapshots or (UNDER_WAY, NIGHTLY, OLDER))]
        self.groups = {LIVE.id: LIVE}
        self.asked: list[tuple[str, str, str]] = []
        self._refusal = refusal

    def group_at(self, endpoint: str) -> RedisGroup | None:
        return next((group for group in self.groups.values() if group.endpoint == endpoint), None)

    def group(self, group_id: str) -> RedisGroup | None:
        return self.groups.get(group_id)

    def snapshots(self, prefix: str) -> list[RedisSnapshot]:
        assert prefix == "shop-redis-"
        return self._snapshots

    def restore(self, snapshot: str, target: str, **said: Any) -> None:
        self.asked.append((snapshot, target, said["auth_token"]))
        if self._refusal is not None:
            raise self._refusal
        assert said["settings"] == NODE
        self.groups[target] = replace(LIVE, id=target, endpoint="copy.example")


class FakeSecrets(SecretsManager):
    """Secrets Manager with one secret."""

    def __init__(self, **values: str) -> None:
        self._values = values or {"REDIS_HOST": "live.example", "REDIS_PASSWORD": PASSWORD}

    def values_of(self, name: str) -> Mapping[str, Any] | None:
        assert name == "shop/redis"
        return self._values


def planned(redis: FakeRedis, snapshot: str | None = None, secrets: FakeSecrets | None = None) -> RedisPlan:
    return plan_redis(
        REDIS,
        PLACE,
        snapshot=snapshot,
        redis=redis,
        secrets=secrets or FakeSecrets(),
    )


def test_newest_complete_snapshot_is_the_latest() -> None:
    assert (planned(FakeRedis()).source, planned(FakeRedis(), "older").source) == ("nightly", "older")
    assert refused(planned, FakeRedis(), "under-way") == ["--snapshot: came under-way; allowed: latest, nightly, older"]


def test_copy_has_the_live_password_and_is_asked_for_once() -> None:
    redis, secrets = FakeRedis(), FakeSecrets()
    plan = planned(redis)
    assert PASSWORD not in repr(plan) + "".join(plan.lines()) + repr(plan.document())
    restored = restore_redis(plan, redis=redis, secrets=secrets, patience=patience())
    again = planned(redis)
    assert (again.target, again.exists, again.makes) == (TARGET, True, ())
    assert restore_redis(again, redis=redis, secrets=secrets, patience=patience()) == restored
    assert redis.asked == [("nightly", TARGET, PASSWORD)]
    assert (restored.id, restored.is_complete, restored.endpoint) == (TARGET, True, "copy.example")


def test_difference_from_the_live_one_is_told() -> None:
    redis = FakeRedis()
    redis.groups[TARGET] = replace(
        LIVE, id=TARGET, endpoint="copy", settings=replace(NODE, is_encrypted_in_transit=False)
    )
    restored = restore_redis(planned(redis), redis=redis, secrets=FakeSecrets(), patience=patience())
    assert restored.differences == ("is_encrypted_in_transit: no instead of yes",)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            {"REDIS_HOST": "live.example", "REDIS_PASSWORD": ""},
            "REDIS_PASSWORD of shop/redis is missing or empty: a copy takes the live password",
        ),
        (
            {"REDIS_HOST": "elsewhere.example", "REDIS_PASSWORD": PASSWORD},
            "REDIS_HOST of shop/redis is no node of ElastiCache that a copy could be set like; "
            "docs/recovery.md, “Redis”, says how to make one of a snapshot with `pulumi up`",
        ),
    ],
)
def test_without_a_live_node_or_its_password_nothing_is_begun(values: dict[str, str], line: str) -> None:
    redis = FakeRedis()
    with pytest.raises(OperatorError) as refused:
        planned(redis, secrets=FakeSecrets(**values))
    assert (str(refused.value), redis.asked) == (line, [])


def test_refusal_says_what_is_left_and_how_to_go_on() -> None:
    refusal = failure("elasticache:CreateReplicationGroup", Reason.REFUSED, "NodeQuota")
    redis = FakeRedis(refusal=refusal)
    assert failed(restore_redis, planned(redis), redis=redis, secrets=FakeSecrets(), patience=patience()) == [
        str(refusal),
        f"{TARGET} is, as far as it came, in ElastiCache; the live node is as it was. What was asked for goes on by "
        "itself.",
        "Go on with `zelly restore redis --stack production --snapshot nightly` (taken 2026-11-25T19:00:00Z), which "
        "makes nothing twice.",
        "Be rid of it:",
        f"  aws elasticache delete-replication-group --replication-group-id {TARGET} --region eu-west-1",
    ]
