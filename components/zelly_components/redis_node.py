"""A single node of Redis or Valkey on ElastiCache, with TLS and a password."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from zelly_components.base import Component
from zelly_components.limits.allowed_values import CACHE_NODE_TYPES
from zelly_components.limits.redis_engines import PARAMETERS, Engine, parameter_group_family
from zelly_components.limits.windows import SHORTEST_CACHE_WINDOW, check_windows
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

PORT = 6379

_IDENTIFIER_LIMIT = 40
"""Characters of a replication group's id ("CreateReplicationGroup", ElastiCache API reference)."""

_AUTO_NAME_SUFFIX = 8
"""Characters that Pulumi adds to a logical name: a hyphen and seven random ones."""


@dataclass(frozen=True, kw_only=True)
class RedisNodeArgs:
    """Arguments of a node."""

    vpc_id: pulumi.Input[str]
    """The VPC of the node's security group, the one that the subnets are in. Another VPC replaces the group."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets; the node stands in one of them. Another subnet group would replace the node."""
    node_type: str
    """The type of the node, e.g. ``cache.t4g.small``. Changing it swaps the node: a short outage."""
    engine_version: str
    """The version, major and minor, e.g. ``7.1``; ElastiCache picks the patch. 7.0 and 7.1 of Redis; 7.2 and later of
    Valkey. An older version than the present one replaces the node."""
    snapshot_retention_days: int
    """Days for which daily snapshots are kept: 1 to 35, or 0 for no snapshots."""
    snapshot_window: str
    """Daily, UTC, at least 60 minutes: ``hh:mm-hh:mm``."""
    maintenance_window: str
    """Weekly, UTC, at least 60 minutes: ``ddd:hh:mm-ddd:hh:mm``."""
    protect: bool
    """Refuse to delete or replace the node and its token, and take a final snapshot when it is deleted after all."""
    apply_immediately: bool
    """Make changes at once, otherwise in the maintenance window."""
    event_topic_arn: pulumi.Input[str] | None = None
    """The topic to which ElastiCache publishes failovers, replaced nodes and maintenance: that of a
    :class:`~zelly_components.cache_event_topic.CacheEventTopic`, since an encrypted one hears nothing. None: nobody is
    told."""
    snapshot_name: str | None = None
    """The snapshot that the node is made of; None for an empty node. Naming another one, or none any more, replaces
    the node: the new one is there before the old one goes."""
    engine: Engine = "redis"
    """``valkey`` speaks Redis' protocol and costs a fifth less. From ``redis`` the node is upgraded in place, with its
    data, endpoint and token; the way back replaces it. Left out, it is Redis."""
    auth_token_update_strategy: Literal["ROTATE", "SET"] = "ROTATE"  # noqa: S105 (a strategy)
    """The fate of the old token when it changes: ``ROTATE`` keeps it valid beside the new one, ``SET``, which
    ElastiCache allows only afterwards, retires it. Left out, it stays valid."""


class RedisNode(Component):
    """One node of Redis or Valkey with TLS and an auth token, which never evicts a key.

    It is a replication group of one, because a plain cache cluster takes no auth token. Its ``noeviction`` policy is
    what BullMQ demands: a full node refuses writes, where an evicting one would lose jobs without a word.

    **Changing the token.** The node is born with one, so that it is never without a password. ``ROTATE`` keeps the
    old token valid beside the new one, for the tasks that read the secret when they started; ElastiCache allows
    ``SET``, which retires the old one, only afterwards. So: replace the token, roll the tasks, then set
    ``auth_token_update_strategy`` to ``SET`` for one run. A node *adopted* without a password takes ``SET`` at once:
    with ``ROTATE`` it would go on to let everybody in without one.

    Example::

        from zelly_components.redis_node import RedisNode, RedisNodeArgs

        redis = RedisNode(
            "shop-redis",
            RedisNodeArgs(
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                node_type="cache.t4g.small",
                engine_version="7.1",
                snapshot_retention_days=7,
                snapshot_window="20:00-21:00",
                maintenance_window="sun:21:30-sun:22:30",
                protect=True,
                apply_immediately=False,
            ),
        )
        redis.allow_from("api", "sg-1")
    """

    replication_group_id: pulumi.Output[str]
    """The replication group's id, with which the node is managed."""
    cache_cluster_id: pulumi.Output[str]
    """The node's own id, which is the dimension of its metrics in CloudWatch."""
    endpoint: pulumi.Output[str]
    """The host name; clients connect with TLS."""
    port: int
    """The port of the endpoint, which speaks TLS alone."""
    auth_token: pulumi.Output[str]
    """The password of the node, letters and digits only. It is secret."""
    security_group_id: pulumi.Output[str]
    """The node's security group, which ``allow_from`` opens."""
    ports: list[int]
    """The ports that ``allow_from`` opens."""

    def __init__(self, name: str, args: RedisNodeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(name, args)
        super().__init__(name, opts)
        self._name = name
        self.port = PORT
        self._security_group = SecurityGroup(
            f"{name}-sg", SecurityGroupArgs(vpc_id=args.vpc_id, description="Redis node"), opts=self.child()
        )
        self.security_group_id = self._security_group.security_group_id
        self.auth_token = self._auth_token(args)
        group = self._replication_group(args, self._parameter_group(args), self._subnet_group(args))

        self.replication_group_id = group.id
        # ElastiCache numbers the members of a group without shards from 001.
        self.cache_cluster_id = pulumi.Output.format("{0}-001", group.id)
        self.endpoint = group.primary_endpoint_address
        self.ports = [PORT]
        self.register_annotated_outputs()

    def allow_from(self, peer: str, security_group_id: pulumi.Input[str]) -> None:
        """Let the members of another security group reach Redis; ``peer`` names them in the rules."""
        self._security_group.allow_from(peer, security_group_id, port=self.port)

    def _auth_token(self, args: RedisNodeArgs) -> pulumi.Output[str]:
        return random.RandomPassword(
            f"{self._name}-auth-token",
            # ElastiCache takes 16 to 128 characters, with few special ones. Letters and digits alone also pass through
            # a URL or a shell unquoted; 64 of them hold 380 bits.
            length=64,
            special=False,
            # A replaced password is a new token at once, for which no client is prepared.
            opts=self.child_with(pulumi.ResourceOptions(protect=args.protect)),
        ).result

    def _parameter_group(self, args: RedisNodeArgs) -> aws.elasticache.ParameterGroup:
        return aws.elasticache.ParameterGroup(
            f"{self._name}-parameters",
            family=parameter_group_family(args.engine, args.engine_version),
            description="Never evict",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(name=parameter, value=value)
                for parameter, value in PARAMETERS.items()
            ],
            opts=self.child(),
        )

    def _subnet_group(self, args: RedisNodeArgs) -> aws.elasticache.SubnetGroup:
        return aws.elasticache.SubnetGroup(
            f"{self._name}-subnets", subnet_ids=args.subnet_ids, description="Redis node", opts=self.child()
        )

    def _replication_group(
        self,
        args: RedisNodeArgs,
        parameters: aws.elasticache.ParameterGroup,
        subnets: aws.elasticache.SubnetGroup,
    ) -> aws.elasticache.ReplicationGroup:
        return aws.elasticache.ReplicationGroup(
            # No replication_group_id: an explicit one makes Pulumi delete the node, with its queues, before its
            # successor exists. A name of Pulumi's making lets the successor come first.
            self._name,
            description=f"{args.engine.capitalize()} with one node",
            engine=args.engine,
            engine_version=args.engine_version,
            node_type=args.node_type,
            num_cache_clusters=1,
            automatic_failover_enabled=False,
            multi_az_enabled=False,
            port=self.port,
            parameter_group_name=parameters.name,
            subnet_group_name=subnets.name,
            security_group_ids=[self.security_group_id],
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            at_rest_encryption_enabled=True,
            auth_token=self.auth_token,
            auth_token_update_strategy=args.auth_token_update_strategy,
            auto_minor_version_upgrade=False,
            snapshot_name=args.snapshot_name,
            snapshot_retention_limit=args.snapshot_retention_days,
            snapshot_window=args.snapshot_window,
            # A fixed name: a second deletion under it is refused, where overwriting a snapshot would lose the first.
            final_snapshot_identifier=f"{self._name}-final" if args.protect else None,
            maintenance_window=args.maintenance_window,
            notification_topic_arn=args.event_topic_arn,
            apply_immediately=args.apply_immediately,
            tags={"Name": self._name},
            opts=self.child_with(pulumi.ResourceOptions(protect=args.protect)),
        )


def _check(name: str, args: RedisNodeArgs) -> None:
    longest = _IDENTIFIER_LIMIT - _AUTO_NAME_SUFFIX
    if len(name) > longest or not re.fullmatch(r"[a-z](-?[a-z0-9])*", name):
        raise ValueError(
            f"name: came {name}; allowed at most {longest} lower-case letters, digits and single hyphens, "
            "starting with a letter"
        )
    parameter_group_family(args.engine, args.engine_version)
    check_windows("snapshot_window", args.snapshot_window, args.maintenance_window, shortest=SHORTEST_CACHE_WINDOW)
    CACHE_NODE_TYPES.check("node_type", args.node_type)
    # ElastiCache User Guide, "Scheduling automatic backups".
    if not 0 <= args.snapshot_retention_days <= 35:
        raise ValueError(f"snapshot_retention_days: came {args.snapshot_retention_days}; allowed 0 to 35")
