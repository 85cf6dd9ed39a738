"""What the checks of an environment are made on: everything that was read of it, or why it was not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from workbench.aws.acm import Certificate
from workbench.aws.cloudwatch import Alarm
from workbench.aws.ec2.instances import CidrRule, Image
from workbench.aws.ecs.services import Service
from workbench.aws.elastic_load_balancing import LoadBalancer
from workbench.aws.elasticache.replication_groups import ReplicationGroup
from workbench.aws.kms import Key
from workbench.aws.logs.groups import LogGroup
from workbench.aws.rds.clusters import DatabaseCluster
from workbench.aws.sns import Subscription
from workbench.operations.account.facts import AccountFacts
from workbench.operations.landscape import Landscape
from workbench.operations.readings import Unclear, Unread
from workbench.operations.secrets.check import SecretCheck
from workbench.operations.state.backend import StateBackend
from workbench.operations.stopped import stopped_until
from workbench.operations.upkeep.facts import Authorities, UpkeepFacts
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class Where:
    """Which environment it is, and from where it is looked at."""

    landscape: Landscape
    backend: StateBackend
    is_embedded: bool
    """Whether AWS is one on this machine: it has no hosts, and no name of it resolves."""
    at: datetime

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.landscape.stack

    @property
    def stopped_until(self) -> datetime | None:
        """When it starts next, outside its running hours; None: it is to run."""
        return stopped_until(self.landscape.running_hours, self.at)

    @property
    def tag_prefix(self) -> str:
        """How the tags of the stack's images begin, without the hyphen."""
        return self.landscape.services[0].tag_prefix

    @property
    def provision_command(self) -> str:
        """What makes the stack, or completes it."""
        return command("sandbox up", self.stack) if self.is_embedded else f"pulumi up --stack {self.stack}"

    def service_command(self, verb: str, *arguments: str) -> str:
        """Return a command on a service, to be named in a text."""
        return command("service", verb, *arguments, "--stack", self.stack)


@dataclass(frozen=True, kw_only=True)
class ServiceImages:
    """The images of a service's own containers, by container."""

    running: Mapping[str, str]
    """Of the revision that is wanted; none while nothing of the service runs."""
    template: Mapping[str, str]
    """Of the newest revision of the family."""
    rollback: Mapping[str, str] | None
    """That a rollback would go to; None: there is nothing to go back to."""
    absent: frozenset[str]
    """Those of all of them that their repositories do not have."""
    newest: Mapping[str, str | None]
    """The newest tag of this stack in each container's repository; None: there is none."""
    expiring: Mapping[str, str] | Unread
    """When the registry lets go, in words: of what runs and what a rollback would go to, if that is soon."""
    unmarked: frozenset[str]
    """Those of the same that are not tagged as deployed."""
    is_recorded: bool
    """Whether the image parameter holds what runs."""


@dataclass(frozen=True)
class Refused:
    """ClickHouse's refusal of a question, or records that make no sense."""

    why: str


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What ClickHouse's ledger says of the statements that prepare it."""

    applied: int
    open: int
    """How many were begun or refused, and not applied since."""


@dataclass(frozen=True, kw_only=True)
class AuroraReading:
    """The Aurora cluster and who may reach it."""

    cluster: DatabaseCluster
    rules: list[CidrRule] | Unread
    """The ranges of addresses that its security groups let in."""


@dataclass(frozen=True, kw_only=True)
class RedisReading:
    """The Redis node and its newest automatic snapshot."""

    group: ReplicationGroup
    snapshot_at: datetime | Unread | None
    """None: there is none."""


@dataclass(frozen=True, kw_only=True)
class HostReading:
    """The hosts that there are, by what operators call them, and the images that they were made of."""

    image_ids: Mapping[str, str]
    images: Mapping[str, Image] | Unread
    """By id; one that AWS has withdrawn is not there."""


@dataclass(frozen=True, kw_only=True)
class AlarmReading:
    """The alarms and whom they tell."""

    alarms: list[Alarm]
    subscriptions: list[Subscription] | Unread
    """Of every topic that one of them tells."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that was read. A part that is not there is None."""

    account: AccountFacts
    state_region: str | Unread | None
    """The region of the state bucket."""
    state_key: Key | Unread | None
    services: Mapping[str, Service] | Unread
    """The services that are in ECS, by ECS's names."""
    images: Mapping[str, ServiceImages | Refused | Unread]
    """Of the services in ECS that have images of their own, by the catalog's names."""
    secrets: SecretCheck | Unread
    ledger: Ledger | Refused | Unclear | Unread | None
    balancers: Mapping[str, LoadBalancer] | Unread
    addresses: Mapping[str, tuple[str, ...] | Unclear]
    """What the system's resolver says of names; no address: there is no such name. Nothing in the embedded AWS."""
    certificates: Mapping[str, Certificate] | Unread
    aurora: AuroraReading | Unread | None
    redis: RedisReading | Unread | None
    hosts: HostReading | Unread
    clickhouse_snapshot_at: datetime | Unread | None
    """When the newest snapshot of its volume was taken."""
    log_groups: list[LogGroup] | Unread
    alarms: AlarmReading | Unread
    cache_events: list[Subscription] | Unread | None
    """Who is told of the Redis node's events; None: there is no node."""
    upkeep: UpkeepFacts
    certificate_authorities: Authorities
    """Of the certificates that Aurora's instances show."""
