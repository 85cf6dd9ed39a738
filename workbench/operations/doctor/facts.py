"""The facts that the checks of an environment judge: everything that was read of it, or why it was not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workbench.aws.acm import Certificate
from workbench.aws.cloudwatch import Alarm
from workbench.aws.ec2.instances import Image
from workbench.aws.ecs.services import Service
from workbench.aws.elastic_load_balancing import LoadBalancer
from workbench.aws.kms import Key
from workbench.aws.logs.groups import LogGroup
from workbench.aws.sns import Subscription
from workbench.operations.account.facts import AccountFacts
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.operations.backups.listing import Backup
from workbench.operations.deploys.service import Deployable
from workbench.operations.readings import Unclear, Unread
from workbench.operations.releases.reading import Released
from workbench.operations.secrets.check import SecretCheck
from workbench.operations.state.backend import StateBackend
from workbench.operations.stopped import stopped_until
from workbench.operations.upkeep.announced import Announcement
from workbench.program import Description, Unit
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class Where:
    """The environment that is examined, and the place from which it is."""

    description: Description
    services: tuple[Deployable, ...]
    backend: StateBackend
    is_embedded: bool
    """Whether AWS is one on this machine: it has no hosts, and no name of it resolves."""
    at: datetime
    units: tuple[Unit, ...] = ()
    """The program's services under systemd."""
    linked_services: tuple[str, ...] = SERVICES
    """The services whose service-linked roles its resources need."""
    rehearsed_in: str | None = None
    """The stack whose images are promoted to this one, where changes are tried first; None: there is none."""

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.description.stack

    @property
    def stopped_until(self) -> datetime | None:
        """The time at which it starts next, outside its running hours; None: it is to run."""
        return stopped_until(self.description.running_hours, self.at)

    @property
    def tag_prefix(self) -> str:
        """The beginning of the tags of the stack's images, without the hyphen."""
        return self.description.tag_prefix

    @property
    def provision_command(self) -> str:
        """The command that makes the stack, or completes it."""
        return command("sandbox up", self.stack) if self.is_embedded else f"pulumi up --stack {self.stack}"

    def service_command(self, verb: str, *arguments: str) -> str:
        """Return a command on a service, for texts."""
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
    """A refusal of what was asked, or records that make no sense."""

    why: str


@dataclass(frozen=True, kw_only=True)
class HostReading:
    """The hosts, by their names for operators, and their images."""

    image_ids: Mapping[str, str]
    images: Mapping[str, Image] | Unread
    """By id; one that AWS has withdrawn is not there."""


@dataclass(frozen=True, kw_only=True)
class AlarmReading:
    """The alarms and their subscribers."""

    alarms: list[Alarm]
    subscriptions: list[Subscription] | Unread
    """Of every topic that one of them tells."""
    channels: Mapping[str, Sequence[Subscription]] | Unread = field(default_factory=dict[str, Sequence[Subscription]])
    """Of the topics of alert channels, by ARN; of one that is not there nothing."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of an environment. A part that is not there is None."""

    account: AccountFacts
    state_region: str | Unread | None
    """The region of the state bucket."""
    state_key: Key | Unread | None
    services: Mapping[str, Service] | Unread
    """The services that are in ECS, by ECS's names."""
    images: Mapping[str, ServiceImages | Refused | Unread]
    """Of the services in ECS that have images of their own, by the catalog's names."""
    secrets: SecretCheck | Unread
    stores: Mapping[str, Any]
    """What was read of each store, by its label, as its kind has it."""
    balancers: Mapping[str, LoadBalancer] | Unread
    addresses: Mapping[str, tuple[str, ...] | Unclear]
    """What the system's resolver says of names; no address: there is no such name. Nothing in the embedded AWS."""
    certificates: Mapping[str, Certificate] | Unread
    hosts: HostReading | Unread
    log_groups: list[LogGroup] | Unread
    alarms: AlarmReading | Unread
    announced: Sequence[Announcement] | Unread
    """What EC2 announces of the hosts."""
    published_ranges: frozenset[str] | Unclear | None = None
    """Those that Cloudflare publishes; None: the environment is not behind it."""
    released: Released | None = None
    """None: nothing is released to hosts."""
    backups: Sequence[Backup] | Unread | None = None
    """The newest dumps of a database; None: no host makes any."""
