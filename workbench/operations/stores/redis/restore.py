"""Restoring Redis from a snapshot, as a second node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from workbench.aws.elasticache.snapshots import ElastiCacheSnapshots, NodeSettings, RedisGroup, RedisSnapshot
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.shared.errors import AwsError
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.stores.choice import chosen
from workbench.operations.stores.restoration import Place, Restored, RestorePlan, differences, settings_document
from workbench.operations.stores.waiting import Patience, Seen, leaving, wait_until
from workbench.operations.times import utc
from workbench.stores import RedisNode

_FAILURES = ("create-failed", "deleting")


@dataclass(frozen=True, kw_only=True)
class RedisPlan(RestorePlan):
    """A second node, set like the live one and with its password."""

    node: NodeSettings
    secret: str
    """Host, port and password of the live one."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def plan_redis(
    store: RedisNode,
    place: Place,
    *,
    snapshot: str | None,
    redis: ElastiCacheSnapshots,
    secrets: SecretsManager,
) -> RedisPlan:
    """Plan a copy of the node as a snapshot holds it; without a name, the newest.

    Which node is live, and its password, is what the applications are told in the store's secret.

    Raises:
        OperatorError: when there is no such snapshot, no live node, or no password; or a copy is unusable.
    """
    secret = store.secret
    live = live_node(redis, secrets, secret)
    if live is None or live.settings is None:
        raise OperatorError(
            f"REDIS_HOST of {secret} is no node of ElastiCache that a copy could be set like; "
            f"docs/recovery.md, “{store.label}”, says how to make one of a snapshot with `pulumi up`"
        )
    _auth_token(secrets, secret)
    taken = _chosen(store, snapshot, redis.snapshots(store.prefix))
    assert taken.taken_at is not None  # noqa: S101 (one that is complete was taken at some time)
    target = _target(store, taken.taken_at)
    present = redis.group(target)
    if present is not None and present.status in _FAILURES:
        raise OperatorError(f"{target} is {present.status}: wait until it is gone, or restore another snapshot")
    return RedisPlan(
        stack=place.stack,
        region=place.region,
        store=store.label,
        source=taken.name,
        moment=taken.taken_at,
        target=target,
        exists=present is not None,
        makes=() if present else (f"replication group {target}, of one node, with the live one's password",),
        settings=settings_document(live.settings),
        command=place.command("redis", "--snapshot", taken.name),
        secret=secret,
        node=live.settings,
        tags={**live.tags, "Name": target, place.origin_tag: taken.name},
    )


def restore_redis(
    plan: RedisPlan, *, redis: ElastiCacheSnapshots, secrets: SecretsManager, patience: Patience
) -> Restored:
    """Make the copy, wait until it can be used, and compare it with what is live.

    Raises:
        OperationFailedError: with what was made, and how to go on.
        OperationInterruptedError: on Ctrl-C, likewise.
    """
    with leaving(lambda unknown: _left(plan, is_unknown=unknown)):
        if not plan.exists:
            _begin(plan, redis, _auth_token(secrets, plan.secret))
        if not patience.waits:
            return Restored(id=plan.target, is_complete=False, next_steps=_removal(plan))
        wait_until(f"node {plan.target}", lambda: _seen(_group(plan, redis)), patience)
        copy = _group(plan, redis)
    return Restored(
        id=plan.target,
        is_complete=True,
        endpoint=copy.endpoint,
        differences=() if copy.settings is None else differences(plan.node, copy.settings),
        next_steps=(
            f"Look at it over the VPN, with the password of {plan.secret}: "
            f"redis-cli --tls --askpass -h {copy.endpoint} -p {plan.node.port} dbsize",
            *_removal(plan),
        ),
    )


def _target(store: RedisNode, moment: datetime) -> str:
    """Return the id of a copy: at most 40 characters, hence to the minute and without the century."""
    return f"{store.copy_prefix}{moment.astimezone(UTC):%y%m%d%H%M}"


def live_node(redis: ElastiCacheSnapshots, secrets: SecretsManager, secret: str) -> RedisGroup | None:
    """Return the node that the applications are told of; None when there is none, or they are told of none."""
    host = (secrets.values_of(secret) or {}).get("REDIS_HOST")
    return redis.group_at(host) if host else None


def _auth_token(secrets: SecretsManager, secret: str) -> str:
    token = (secrets.values_of(secret) or {}).get("REDIS_PASSWORD")
    if not token:
        raise OperatorError(f"REDIS_PASSWORD of {secret} is missing or empty: a copy takes the live password")
    return str(token)


def _chosen(store: RedisNode, name: str | None, snapshots: list[RedisSnapshot]) -> RedisSnapshot:
    complete = {snapshot.name: snapshot for snapshot in snapshots if snapshot.status == "available"}
    return chosen("--snapshot", name, complete, nothing=f"no snapshot of {store.label} that could be restored")


def _begin(plan: RedisPlan, redis: ElastiCacheSnapshots, auth_token: str) -> None:
    try:
        redis.restore(plan.source, plan.target, settings=plan.node, auth_token=auth_token, tags=plan.tags)
    except AwsError as error:
        # Begun by somebody else meanwhile, or by a request of ours whose answer was lost.
        if error.code != "ReplicationGroupAlreadyExists":
            raise


def _group(plan: RedisPlan, redis: ElastiCacheSnapshots) -> RedisGroup:
    group = redis.group(plan.target)
    if group is None:
        raise OperationFailedError(f"replication group {plan.target} is not in ElastiCache")
    return group


def _seen(group: RedisGroup) -> Seen:
    return Seen(
        state=group.status,
        is_done=group.status == "available",
        failure=f"is {group.status}" if group.status in _FAILURES else None,
    )


def _left(plan: RedisPlan, *, is_unknown: bool) -> list[str]:
    whether = "may be" if is_unknown else "is, as far as it came,"
    return [
        f"{plan.target} {whether} in ElastiCache; the live node is as it was. What was asked for goes on by itself.",
        f"Go on with `{plan.command}` (taken {utc(plan.moment)}), which makes nothing twice.",
        *_removal(plan),
    ]


def _removal(plan: RedisPlan) -> tuple[str, ...]:
    return (
        "Be rid of it:",
        f"  {plan.aws(f'elasticache delete-replication-group --replication-group-id {plan.target}')}",
    )
