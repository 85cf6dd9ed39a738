"""A kind of store: everything that commands do with one, in one object."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import ClassVar, Generic, TypeVar

from workbench.aws.shared.wrappers import Wrappers
from workbench.aws.sns import Subscription
from workbench.operations.doctor.facts import Where
from workbench.operations.doctor.report import Judgement
from workbench.operations.readings import Readers, Unclear, Unread
from workbench.operations.status.screen import Row
from workbench.operations.stores.points import FoundPoints
from workbench.operations.stores.restoration import Place, Restoration, RestoreChoice
from workbench.operations.stores.switching import Readers as SecretReaders
from workbench.operations.stores.switching import Switching
from workbench.operations.upkeep.announced import Announcement
from workbench.operations.upkeep.releases import End
from workbench.operations.upkeep.versions import Version
from workbench.program import Release
from workbench.stores import Store

S = TypeVar("S", bound=Store)
F = TypeVar("F")


class Topic(Enum):
    """The places in `doctor`'s order that a kind may have checks at."""

    PREPARED = auto()
    """A step of setting an environment up: what has to be in the store before services start."""
    ACCESS = auto()
    BACKUP = auto()
    AUTHORITY = auto()
    """Of the certificates that the store shows."""


@dataclass(frozen=True, kw_only=True)
class StoreReading:
    """The means by which stores are read. Wrappers are taken at once, what they read is read by the pool."""

    pool: Readers
    wrappers: Wrappers
    reaches_hosts: bool = True
    """False in the embedded AWS, which has none."""
    program: str = ""
    """The program's name, by which an examination finds the ledger of ClickHouse."""


@dataclass(frozen=True, kw_only=True)
class Examination(Generic[S, F]):
    """A store with what was read of it, to be judged."""

    where: Where
    store: S
    facts: F
    addresses: Mapping[str, tuple[str, ...] | Unclear]
    """Addresses by name, as the system's resolver gives them."""


@dataclass(frozen=True, kw_only=True)
class StoreCheck(Generic[S, F]):
    """A check of `doctor`."""

    topic: Topic
    name: str
    """With the store's label in braces: ``{} backup``."""
    check: Callable[[Examination[S, F]], Judgement]


class Kind(ABC, Generic[S, F]):
    """A kind of store."""

    oldest_point: timedelta
    """How old the newest restore point may be while all is well."""
    ends: ClassVar[Mapping[tuple[str, str], End]] = {}
    """When the support of its releases ends, by product and release."""

    @abstractmethod
    def start_examination(self, store: S, reading: StoreReading) -> Callable[[], F]:
        """Begin to read what `doctor` judges, and return a function that waits for it."""

    @property
    def managed(self) -> "ManagedKind[S, F] | None":
        """The kind itself, if a service of AWS runs its stores; None: none does."""
        return None

    @property
    def shown(self) -> "ShownKind[S, F] | None":
        """The kind itself, if the status screen has a row for its stores; None: it has none."""
        return None

    def checks(self) -> Sequence[StoreCheck[S, F]]:
        """Return the checks of `doctor`."""
        return ()

    def releases(self, store: S) -> Sequence[Release]:
        """Return the releases that the stack file pins."""
        del store
        return ()

    @abstractmethod
    def points(self, store: S, wrappers: Wrappers) -> FoundPoints:
        """Read what a store can be restored to."""

    @abstractmethod
    def restoration(self, store: S, place: Place, choice: RestoreChoice, wrappers: Wrappers) -> Restoration:
        """Plan a copy beside what is live.

        Raises:
            OperatorError: when there is nothing to restore, or the choice is none.
        """

    can_switch: ClassVar[bool] = False
    """Whether a command lets a copy take over; for the others the documentation has the steps."""

    def switching(self, store: S, place: Place, target: str, readers: SecretReaders, wrappers: Wrappers) -> Switching:
        """Plan that a copy takes over.

        Raises:
            OperatorError: when it is no copy of the store's, or cannot be used.
        """
        raise NotImplementedError


class ShownKind(Kind[S, F]):
    """A kind of store that has a row on the status screen."""

    @property
    def shown(self) -> "ShownKind[S, F]":
        """The kind itself."""
        return self

    @abstractmethod
    def start_status(self, store: S, reading: StoreReading) -> Callable[[], F]:
        """Begin to read what `status` shows, and return a function that waits for it."""

    @abstractmethod
    def row(self, store: S, facts: F) -> Row:
        """Return the row of the status screen."""


class ManagedKind(ShownKind[S, F]):
    """A kind of store that a service of AWS runs, upgrades and maintains."""

    @property
    def managed(self) -> "ManagedKind[S, F]":
        """The kind itself."""
        return self

    @abstractmethod
    def is_there(self, facts: F) -> bool | Unread:
        """Tell whether the store is there, or why that was not read."""

    @abstractmethod
    def missing(self, store: S) -> str:
        """Return what to call a store that is not there."""

    @abstractmethod
    def version(self, store: S, facts: F) -> Version | Unread | None:
        """Return the version that runs; None: there is no store, or it was not read."""

    @abstractmethod
    def announced(self, store: S, facts: F, region: str) -> Sequence[Announcement] | Unread:
        """Return what AWS offers, or is going to do."""

    def names(self, facts: F) -> Sequence[str]:
        """Return the host names whose addresses the checks judge."""
        del facts
        return ()

    def event_subscriptions(self, facts: F) -> Sequence[Subscription] | Unread | None:
        """Return who is told of the store's events; None: it has none of its own, or is not there."""
        del facts
        return None
