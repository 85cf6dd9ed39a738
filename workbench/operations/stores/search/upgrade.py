"""Upgrading Meilisearch to the version that the stack file pins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.counting import counted
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.stores.search.agent import SearchAgent, SearchAnswer
from workbench.words import command

IN_PLACE_FROM, IN_PLACE_TO = (1, 12, 0), (1, 13, 0)
"""A database of the first or later can be upgraded as it is, to the second or later (meilisearch/meilisearch#5264)."""

_SPARE_MIB = 512


@dataclass(frozen=True, kw_only=True)
class UpgradePlan:
    """An upgrade, before the host does anything."""

    stack: str
    label: str
    present: str
    version: str
    is_in_place: bool
    indexes: int
    documents: int
    free_mib: int
    needed_mib: int
    accepts_late_writes: bool

    @property
    def method(self) -> str:
        """How the second database is filled."""
        return "a copy of the database, upgraded" if self.is_in_place else "a dump, imported"

    def lines(self) -> list[str]:
        """Return what is going to happen."""
        late = (
            "What services write after the dump is lost: they have to write it again."
            if self.accepts_late_writes
            else "When services write after the dump, nothing is switched: let nobody write meanwhile."
        )
        return [
            f"{self.label} in {self.stack}: {self.present} to {self.version}",
            f"  beside what serves, from {self.method}; "
            f"{self.indexes} {'index' if self.indexes == 1 else 'indexes'}, {counted(self.documents, 'document')}",
            f"  {self.needed_mib} MiB of the volume needed, {self.free_mib} MiB free",
            "  compared, and then switched: services are without it for some seconds",
            late,
            f"The database of {self.present} stays until `{self.discard_command}`.",
        ]

    @property
    def discard_command(self) -> str:
        """The command that deletes the old database."""
        return command("search upgrade", self.version, "--discard", "--stack", self.stack)

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "stack": self.stack,
            "store": self.label,
            "from": self.present,
            "to": self.version,
            "method": "in place" if self.is_in_place else "dump",
            "indexes": self.indexes,
            "documents": self.documents,
            "free_mib": self.free_mib,
            "needed_mib": self.needed_mib,
            "accepts_late_writes": self.accepts_late_writes,
        }


@dataclass(frozen=True, kw_only=True)
class DiscardPlan:
    """The deletion of old databases, before the host does anything."""

    stack: str
    label: str
    version: str
    earlier: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return what is going to happen."""
        return [
            f"{self.label} in {self.stack}: {self.version} serves",
            *(f"  deletes the database of {version}" for version in self.earlier),
            *([] if self.earlier else ["  there is no other database"]),
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {"stack": self.stack, "store": self.label, "serves": self.version, "deletes": list(self.earlier)}


def plan_upgrade(agent: SearchAgent, version: str, *, accepts_late_writes: bool) -> UpgradePlan:
    """Plan an upgrade, from what the host says.

    Raises:
        OperatorError: when the version is not the pinned one, or the host cannot be upgraded to it.
    """
    store, stack = agent.store, agent.stack
    _check_version(agent, version)
    found = agent.ask("status")
    present = _serving(agent, found)
    if present == version:
        raise OperatorError(f"{store.label} in {stack}: {version} serves already")
    if found.wanted != version:
        raise OperatorError(
            f"{store.host} is told {found.wanted}, and not yet {version}: `pulumi up --stack {stack}`, and wait until "
            "it has looked, which it does every five minutes"
        )
    if number(version) < number(present):
        raise OperatorError(f"VERSION: came {version}; {present} serves, and no database of Meilisearch goes back")
    needed = 3 * found.database_mib + _SPARE_MIB
    if found.free_mib < needed:
        raise OperatorError(
            f"{store.label} in {stack}: {found.free_mib} MiB free, {needed} MiB needed for a snapshot, a dump and a "
            "second database; a larger volume_gib and `pulumi up` make room while it serves"
        )
    return UpgradePlan(
        stack=stack,
        label=store.label,
        present=present,
        version=version,
        is_in_place=number(present) >= IN_PLACE_FROM and number(version) >= IN_PLACE_TO,
        indexes=len(found.documents),
        documents=sum(found.documents.values()),
        free_mib=found.free_mib,
        needed_mib=needed,
        accepts_late_writes=accepts_late_writes,
    )


def upgrade(plan: UpgradePlan, agent: SearchAgent) -> SearchAnswer:
    """Have the host carry an upgrade out.

    Raises:
        OperationFailedError: when it was taken back, or not wholly, saying what serves.
        OperatorError: when the host refused.
    """
    answer = agent.ask("upgrade", version=plan.version, accepts_late_writes=plan.accepts_late_writes)
    if answer.outcome == "healthy":
        return answer
    if answer.outcome == "refused":
        raise OperatorError(f"{agent.store.host} refused: {answer.reason}; nothing was touched")
    at = answer.steps[-1].name if answer.steps else "its beginning"
    if answer.outcome == "undone" and answer.answers:
        raise OperationFailedError(
            f"{plan.version} did not get beyond the step {at}: {answer.reason}",
            f"{answer.version} serves as before, with {counted(sum(answer.documents.values()), 'document')}; nothing "
            "of the attempt is left.",
            f"Mend it, and the same command goes again. The host's log group is {agent.store.log_group}.",
        )
    raise OperationFailedError(
        f"{plan.version} failed at the step {at}: {answer.reason}",
        f"{answer.version} DOES NOT ANSWER. Open a session on {agent.store.host}: `journalctl -u meilisearch`; its "
        f"databases are in /var/lib/meilisearch/databases, and /var/lib/meilisearch/dumps has the dump of before.",
    )


def plan_discard(agent: SearchAgent, version: str) -> DiscardPlan:
    """Plan the deletion of the databases that do not serve.

    Raises:
        OperatorError: when another version serves.
    """
    _check_version(agent, version)
    found = agent.ask("status")
    present = _serving(agent, found)
    if present != version:
        raise OperatorError(f"VERSION: came {version}; {present} serves, and its database is not an old one")
    return DiscardPlan(stack=agent.stack, label=agent.store.label, version=version, earlier=found.earlier)


def discard(agent: SearchAgent) -> SearchAnswer:
    """Have the host delete the databases that do not serve.

    Raises:
        OperatorError: when the host refused.
    """
    answer = agent.ask("discard")
    if answer.outcome != "healthy":
        raise OperatorError(f"{agent.store.host} refused: {answer.reason}")
    return answer


def number(version: str) -> tuple[int, ...]:
    """Return the parts of a full version."""
    return tuple(int(part) for part in version.split("."))


def _check_version(agent: SearchAgent, version: str) -> None:
    store = agent.store
    if version != store.version:
        raise OperatorError(
            f"VERSION: came {version}; Pulumi.{agent.stack}.yaml pins {store.version} ({store.version_setting}): "
            "what is brought to the host is what stands there"
        )


def _serving(agent: SearchAgent, found: SearchAnswer) -> str:
    if found.version is None or not found.answers:
        raise OperatorError(
            f"{agent.store.label} in {agent.stack} does not answer on its host; mend it first: "
            f"log group {agent.store.log_group}"
        )
    return found.version
