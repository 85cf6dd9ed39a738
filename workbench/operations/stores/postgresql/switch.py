"""Letting a restored PostgreSQL instance take over: applications are told its host in the place of the live one's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workbench.aws.rds.instances import Instance, RdsInstances
from workbench.aws.secrets_manager.versions import SecretVersion, SecretVersions
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.stores.postgresql.facts import HOST_KEY
from workbench.operations.stores.restoration import Place, differences
from workbench.operations.stores.switching import Readers
from workbench.stores import PostgresInstance
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class SwitchPlan:
    """The secret's host, before and after."""

    stack: str
    region: str
    store: PostgresInstance
    source: Instance | None
    """The instance that the stack file means; None: it is gone."""
    target: Instance
    told: str
    """The host that applications are told now."""
    readers: Sequence[str]
    """The services that read the secret when they start."""
    restarts: Sequence[str]
    """The commands that start all of them anew."""
    moment: str | None
    """What the copy holds, as its tag says; None: it is no copy."""
    migrations: Sequence[str] | None
    """Those that came after that moment, the oldest first; None: that is not known."""
    secret: SecretVersion = field(repr=False)

    @property
    def host(self) -> str:
        """The target's host name."""
        return self.target.endpoint or ""

    @property
    def is_done(self) -> bool:
        """Whether applications are told the target already."""
        return self.told == self.host

    @property
    def is_written_down(self) -> bool:
        """Whether the stack file means the target already."""
        return self.store.identifier == self.target.identifier

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        store = self.store
        if self.is_done:
            return [f"{store.secret} names {self.target.identifier} already.", *self.next_steps()]
        changed = ", ".join(name for name, value in self.secret.values.items() if self.told in f"{value}")
        held = [] if self.moment is None else [f"  {self.target.identifier} holds {self.moment}; nothing written later"]
        unlike = () if self.source is None else differences(self.source.settings, self.target.settings)
        return [
            f"{store.label} in {self.stack}: {store.secret} names {self.target.identifier} in the place of "
            f"{self.told.partition('.')[0]}",
            f"  changes the host in {changed}; no password, and no instance",
            *held,
            *(f"  it differs in {difference}" for difference in unlike),
            f"  read by {len(self.readers)}, when they start: {', '.join(self.readers) or 'nobody known'}",
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "store": self.store.label,
            "secret": self.store.secret,
            "from": self.told,
            "to": self.host,
            "target": self.target.identifier,
            "moment": self.moment,
            "changes": not self.is_done,
            "readers": list(self.readers),
            "migrations": None if self.migrations is None else list(self.migrations),
            "next_steps": self.next_steps(),
        }

    def next_steps(self) -> list[str]:
        """Return what is left to do, in this order."""
        return [*self._restart(), *self._migrations(), *self._writing_down(), *self._back()]

    def _restart(self) -> list[str]:
        return ["Each reads its host when it starts. Start them anew:", *(f"  {restart}" for restart in self.restarts)]

    def _migrations(self) -> list[str]:
        if self.moment is None:
            return []
        if self.migrations is None:
            names, which = ["NAME"], "Which migrations came after that moment is not known here."
        elif not self.migrations:
            return ["The release that is live brought no migration after that moment: there is nothing to resolve."]
        else:
            names, which = [*self.migrations], f"{len(self.migrations)} came after that moment."
        return [
            f"Migrations: {which} Those that began later the copy does not know; the next deploy applies them again.",
            "One that had begun by then it calls failed (P3009):",
            *(f"  npx prisma migrate resolve --rolled-back {name}" for name in names),
        ]

    def _writing_down(self) -> list[str]:
        if self.is_written_down:
            return []
        steps = [
            "Then, before the next `pulumi up`, let the program mean it too. In "
            f"Pulumi.{self.stack}.yaml: {self.store.restored_setting}: {self.target.identifier}",
        ]
        if self.source is None:
            return steps
        old, new = self.source.resource_id, self.target.resource_id
        return [
            *steps,
            "The state knows the instance by its resource id; give it the copy's:",
            f"  pulumi stack export --stack {self.stack} --file state.json",
            f"  sed -i s/{old}/{new}/g state.json",
            f"  pulumi stack import --stack {self.stack} --file state.json && rm state.json",
            f"  pulumi refresh --stack {self.stack} --yes && pulumi preview --stack {self.stack}",
            f"The preview replaces log groups and the secret's version, and no instance. {self.source.identifier} is "
            "nobody's then: keep it until nobody can need it, since only it can be restored to earlier moments.",
        ]

    def _back(self) -> list[str]:
        if self.source is None or self.is_written_down:
            return []
        back = command("restore", "switch", self.source.identifier, "--stack", self.stack)
        return [f"Back, with what was written since in the copy alone: {back}"]


def plan_switch(
    store: PostgresInstance,
    place: Place,
    *,
    target: str,
    readers: Readers,
    rds: RdsInstances,
    secrets: SecretVersions,
) -> SwitchPlan:
    """Plan that applications are told of another instance.

    Raises:
        OperatorError: when the target is no instance of the store's, or cannot be used, or nobody is told anything.
    """
    source = rds.instance(store.identifier)
    found = source if target == store.identifier else rds.instance(target)
    if found is None:
        raise OperatorError(f"{target} is not in RDS; `{command('restore points')}` lists what can be restored")
    origin = found.tags.get(place.origin_tag)
    if target != store.identifier and not target.startswith(store.copy_prefix) and target != _original(store):
        raise OperatorError(f"{target} is none of {store.copy_prefix}…, nor {store.identifier}: it is not this store's")
    if found.status not in ("available", "backing-up", "modifying") or found.endpoint is None:
        raise OperatorError(f"{target} is {found.status}; available is allowed")
    secret = secrets.current(store.secret)
    told = None if secret is None else secret.values.get(HOST_KEY)
    if secret is None or not isinstance(told, str) or not told:
        raise OperatorError(f"{store.secret} has no {HOST_KEY}: `pulumi up --stack {place.stack}` writes it")
    held = _moment(origin)
    reading = readers.services.get(store.secret, ())
    return SwitchPlan(
        stack=place.stack,
        region=place.region,
        store=store,
        source=source,
        target=found,
        told=told,
        readers=reading,
        restarts=[*dict.fromkeys(readers.restarts[name] for name in reading)],
        moment=origin,
        migrations=None if held is None else readers.migrations_after(held),
        secret=secret,
    )


def switch(plan: SwitchPlan, *, secrets: SecretVersions) -> None:
    """Write the target's host into the secret, wherever the other one stands in it.

    Raises:
        OperationFailedError: when somebody else wrote the secret meanwhile; it is as they left it.
    """
    if plan.is_done:
        return
    values = json.loads(json.dumps(dict(plan.secret.values)).replace(plan.told, plan.host))
    if not secrets.replace(plan.store.secret, values, instead_of=plan.secret):
        raise OperationFailedError(
            f"{plan.store.secret} was changed by somebody else meanwhile, and is as they left it.",
            f"Look again: {command('restore', 'switch', plan.target.identifier, '--stack', plan.stack)}",
        )


def _moment(origin: str | None) -> datetime | None:
    """Return the moment that a copy's tag tells; None: it is no copy, or its tag is not ours."""
    try:
        return None if origin is None else datetime.fromisoformat(origin.rpartition(" ")[2])
    except ValueError:
        return None


def _original(store: PostgresInstance) -> str:
    """Return the identifier of the instance that the program made first: what those of copies begin with."""
    return store.copy_prefix.removesuffix("-restored-")
