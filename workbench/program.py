"""The contract between a program and its tools: what a program hands them, as plain data.

It imports neither pulumi nor boto3 nor pydantic, and neither does importing a program's own filling of it: what takes
long to import is imported by the functions in it, when they are called.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from workbench.agents import BuildAgents
from workbench.alerts import AlertTopics
from workbench.backups import BackupTarget
from workbench.costs import DocumentedCosts, Switch
from workbench.edge import Edge
from workbench.names import BuiltTags, Names, config_key
from workbench.promotions import ApprovalRules, Notifications
from workbench.running_hours import RunningHours
from workbench.secrets import Secrets
from workbench.stores import Store
from workbench.words import Noun

if TYPE_CHECKING:
    from workbench.local_dev.model import LocalPlatform


class StackConfig(Protocol):
    """The config of one stack, as far as every program's has the same."""

    @property
    def environment(self) -> str:
        """The environment's name, equal to the stack's."""
        ...

    @property
    def region(self) -> str:
        """The AWS region."""
        ...

    @property
    def aws_account_id(self) -> str:
        """The account that the credentials have to be of."""
        ...

    @property
    def deletion_protection(self) -> bool:
        """Whether what holds data resists deletion, in AWS and in Pulumi."""
        ...


@dataclass(frozen=True, kw_only=True)
class OtherStack:
    """The values of a neighbour's stack file, unchecked."""

    name: str
    values: Mapping[str, Any]
    """The structured key."""

    @property
    def source(self) -> str:
        """The file's name."""
        return f"Pulumi.{self.name}.yaml"

    def value(self, path: str) -> Any:
        """Return the value at a dotted path; None where there is none."""
        value: Any = self.values
        for part in path.split("."):
            if not isinstance(value, Mapping):
                return None
            value = value.get(part)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        return value  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True, kw_only=True)
class SecretVariable:
    """An environment variable whose value is one JSON key of a secret."""

    name: str
    secret: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container of a service."""

    name: str
    repository: str | None
    """Where its image comes from; None: a third party's image, named in the stack file."""
    secrets: tuple[SecretVariable, ...]


@dataclass(frozen=True, kw_only=True)
class Service:
    """An ECS service, as it is in every stack."""

    name: str
    """As operators type it."""
    containers: tuple[Container, ...]
    log_group: str

    @property
    def repositories(self) -> Mapping[str, str]:
        """The repositories by the containers whose images are deployed, the application's own first."""
        return {
            container.name: container.repository for container in self.containers if container.repository is not None
        }


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A service under systemd on a host, as it is in every stack."""

    name: str
    """As operators type it."""
    unit: str
    """Its systemd unit, e.g. ``shop-web.service``."""
    port: int
    language: str
    """The language that it is written in, as operators call it."""
    wave: int
    """Its place in the order of starts and releases, from 1: it waits for those of lower waves."""
    secrets: tuple[SecretVariable, ...]


@dataclass(frozen=True, kw_only=True)
class ReleaseTarget:
    """The place that an environment's releases are brought to: a host with a release agent, and what it reads."""

    host: str
    """The instance's ``Name``."""
    document: str
    """The SSM document that asks the agent."""
    bucket: str
    """Holds manifests and artefacts."""
    record: str
    """The SSM parameter with what was released last and is healthy; its history is the record of releases."""
    log_group: str
    """Of all units; a log stream ``<service>/…`` for each."""
    takes_snapshot: bool = False
    """Whether the host takes a snapshot of the database before a release."""
    confirm_seconds: int = 300
    """How long a release that is ready waits to be confirmed; then the host takes it back."""


@dataclass(frozen=True, kw_only=True)
class StateNames:
    """The names of the place in which Pulumi keeps every stack's state, unless they are taken."""

    bucket: str
    key_alias: str


@dataclass(frozen=True, kw_only=True)
class SharedResources:
    """The resources that one stack owns for the whole account and the others look up."""

    repositories: tuple[str, ...]
    registry_region: str
    provider_url: str
    """Of the OpenID Connect provider; empty: no pipeline comes through one."""
    role_name: str
    """Of the pipelines' role; empty where each stack has roles of its own."""
    is_owner: bool
    """Whether the stack makes them."""


@dataclass(frozen=True, kw_only=True)
class DeployedService:
    """An ECS service, as far as stacks differ in it."""

    architecture: str
    """``X86_64`` or ``ARM64``."""
    maximum_tasks: int


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release that a stack file pins, and whose support ends as a whole."""

    product: str
    """As whoever makes it calls it."""
    release: str
    setting: str
    """The key of the stack file that pins it."""

    @property
    def key(self) -> tuple[str, str]:
        """The product and the release."""
        return self.product, self.release


@dataclass(frozen=True, kw_only=True)
class AcceptedRelease:
    """A release past the end of its support that is pinned all the same."""

    until: date
    """The last day on which it is no finding."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnseenCheck:
    """A check that nothing outside the VPC can make, and the command in one of the services' tasks that makes it."""

    name: str
    why: str
    """Why it is not seen from outside."""
    service: str
    container: str | None = None
    """None: the service's only one, or its first."""
    command: str
    """As it is typed behind ``--``."""


StoreType = TypeVar("StoreType", bound=Store)


@dataclass(frozen=True, kw_only=True)
class Description:
    """The parts of one environment. What Pulumi named is given by how its name begins."""

    stack: str
    region: str
    account_id: str
    registry_region: str
    """The region of what the account has once: Pulumi's state, and the image repositories where there are any."""
    tag_prefix: str = ""
    """The beginning of the tags of the stack's images, without the hyphen; empty: it has none."""
    deployed_tag_prefix: str = ""
    """The beginning of the tags of images that the stack deployed, without the hyphen; empty: ``deployed-`` and
    ``tag_prefix``. Stacks that share their images' tags, as a build is promoted by its digest, differ in this one."""
    commit_digits: int = 8
    """How many digits of a commit the tags have. With all 40 a tag is the prefix and the commit and nothing else."""
    other_tag_prefixes: tuple[str, ...] = ()
    """The beginnings, without the hyphen, of tags that images may have too and that are never deployed: a branch's."""
    deployed: Mapping[str, DeployedService] = field(default_factory=dict[str, DeployedService])
    """The services on ECS, by name."""
    hostnames: Mapping[str, str] = field(default_factory=dict[str, str])
    """The host names, each with the load balancer that it leads to."""
    dns_zone: str = ""
    """The logical name of the component that the host names' records belong to; empty: there are none."""
    dns_zone_id: str = ""
    """Cloudflare's; empty: no record of a zone is looked after."""
    certificate_names: Mapping[str, str] = field(default_factory=dict[str, str])
    """The logical names of ACM's certificates, by host name."""
    stores: tuple[Store, ...]
    """In the order in which commands tell of them."""
    hosts: Mapping[str, str]
    """The hosts' ``Name`` tags, by what operators call them."""
    host_images: Mapping[str, str]
    """The AMI that the config names for each host."""
    host_release: Release | None
    """The operating system's that the hosts boot; None: there are no hosts."""
    accepted_releases: Mapping[tuple[str, str], AcceptedRelease]
    """By product and release."""
    unseen_steps: tuple[UnseenCheck, ...]
    """The program's own steps of setting an environment up."""
    unseen_invariants: tuple[UnseenCheck, ...]
    """The program's own conditions that have to stay true."""
    alarm_prefix: str
    is_proxied: bool
    """Whether the certified host names lead to Cloudflare's addresses instead of the balancers'."""
    alarm_emails: tuple[str, ...]
    running_hours: RunningHours | None
    """None: it always runs."""
    log_group_prefix: str
    log_groups: frozenset[str]
    """The log groups below the prefix that the program makes."""
    shared: SharedResources
    releases: ReleaseTarget | None = None
    """None: nothing is released to hosts."""
    backups: BackupTarget | None = None
    """None: no host backs a database up."""
    edge: Edge | None = None
    """None: clients reach the environment itself."""
    alert_topics: AlertTopics | None = None
    host_runtimes: tuple[Release, ...] = ()
    """The runtimes of languages that hosts have."""
    agents: BuildAgents | None = None
    """None: the stack has no build agents."""
    approval: ApprovalRules | None = None
    """What a promotion to this stack waits for; None: nothing."""

    @property
    def built_tags(self) -> BuiltTags:
        """The tags that may be deployed in the stack."""
        return BuiltTags(prefix=self.tag_prefix, commit_digits=self.commit_digits)

    def stores_of(self, kind: type[StoreType]) -> tuple[StoreType, ...]:
        """Return the stores of a kind."""
        return tuple(store for store in self.stores if isinstance(store, kind))

    @property
    def balancers(self) -> tuple[str, ...]:
        """The load balancers, each once: several host names lead to a shared one."""
        return tuple(dict.fromkeys(self.hostnames.values()))

    @property
    def certified_hostnames(self) -> tuple[str, ...]:
        """The host names that have certificates of ACM's."""
        return tuple(self.certificate_names)


LiveProperties = Mapping[str, Mapping[str, Any]]
"""The properties of a live estate's resources by the program's logical names, as the provider names them."""


def _nothing_adopted(_config: Any, _live: LiveProperties) -> Mapping[str, Any]:
    return {}


def _no_pages(_root: Path) -> Mapping[str, str]:
    return {}


Config = TypeVar("Config", bound=Any)
"""A pydantic model with the members of :class:`StackConfig`."""


@dataclass(frozen=True, kw_only=True)
class Program(Generic[Config]):
    """A Pulumi program and what its tools have to know of it."""

    name: str
    """Of the Pulumi project, and of the command that operates it."""
    title: str
    """In a sentence: ``the … platform``."""
    module: str
    """The module that holds the contract as ``PROGRAM``."""
    services: tuple[Service, ...]
    """The services on ECS."""
    secrets: Secrets
    state: StateNames
    owner_flag: str
    """The dotted path below the structured key whose ``true`` says that a stack owns what the account has once."""
    config_type: Callable[[], type[Config]]
    """Returns the model of the structured key."""
    check: Callable[[], None]
    """Refuses mistakes in what the program itself says of its parts, with one line for each."""
    collisions: Callable[[Config, OtherStack], Iterator[str]]
    """Yields a line for everything that a stack and its neighbour would both call their own."""
    describe: Callable[[Config], Description]
    role_characters: Callable[[Config], int]
    """Returns how many characters a stack's policies take of what the pipelines' role may have. Imports pulumi."""
    store_kinds: tuple[type[Store], ...] = ()
    """The kinds of its stores: those that can be restored."""
    units: tuple[Unit, ...] = ()
    """The services under systemd, in the program's order."""
    has_agents: bool = False
    """Whether one of its stacks has build agents."""
    linked_services: tuple[str, ...] | None = None
    """The services of AWS's whose service-linked roles its resources need. None: all that are known of."""
    promotion: tuple[str, str] | None = None
    """The stack whose images are promoted and the one that they go to, unless others are named. None: both are named
    every time."""
    takes_approvals: bool = False
    """Whether promotions to one of its stacks wait for an approval."""
    notifications: Notifications | None = None
    """Who is told of builds; None: the commands tell nobody."""
    twins: tuple[str, str] | None = None
    """Two stacks that may differ in nothing but what the project lists. None: no two are."""
    switches: Callable[[], Sequence[Switch]] = tuple
    """Returns the switches of the stack files that save, in the order in which they are shown."""
    adopted_values: Callable[[Config, LiveProperties], Mapping[str, Any]] = _nothing_adopted
    """Returns the settings, by dotted path, that say what a live estate has and are no property's own value: what the
    program derives of them where they are null, or counts. All others are found by trying."""
    documented_costs: DocumentedCosts | None = None
    """None: no document says what a month costs."""
    pages: Callable[[Path], Mapping[str, str]] = _no_pages
    """Returns the generated pages that only this program has, by their paths below ``docs``; it is given the project's
    folder."""
    local_platform: "Callable[[Path], LocalPlatform] | None" = None
    """Returns the platform as it runs on a developer's machine, given the folder of the Pulumi project. None: there is
    none."""
    commands: Mapping[str, Noun] = field(default_factory=dict[str, Noun])
    """What only this program's command line has: nouns of its own, and verbs beside those that a noun has anyway."""

    @property
    def config_key(self) -> str:
        """The structured key of the stack files."""
        return config_key(self.name)

    def names(self, environment: str) -> Names:
        """Return the names of an environment's parts."""
        return Names(self.name, environment)

    def service(self, name: str) -> Service:
        """Return a service by its name."""
        return next(service for service in self.services if service.name == name)

    @property
    def service_names(self) -> tuple[str, ...]:
        """The services, in the program's order."""
        return tuple(service.name for service in self.services)
