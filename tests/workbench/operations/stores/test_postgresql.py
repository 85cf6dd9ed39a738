"""A copy of a PostgreSQL instance beside what is live, and its taking over: whatever breaks midway included."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workbench.operations.failing import failed, failure, refused
from tests.workbench.operations.stores.databases import COPY, LIVE, MOMENT, SETTINGS, STORE
from tests.workbench.operations.stores.places import PLACE, patience
from workbench.aws.rds.instances import Instance, InstanceSettings, RdsInstances, Snapshot
from workbench.aws.secrets_manager.versions import SecretVersion, SecretVersions
from workbench.aws.shared.errors import Reason
from workbench.operations.stores.postgresql.restore import PostgresPlan, plan_postgresql, restore_postgresql
from workbench.operations.stores.postgresql.switch import SwitchPlan, plan_switch, switch
from workbench.operations.stores.switching import Readers
from workbench.stores import PostgresInstance

UNSAID = replace(
    SETTINGS, maintenance_window="wed:06:38-wed:07:08", maximum_storage_gib=None, performance_insights_days=None
)
"""What RDS makes of a restoration, which takes no word for these."""

GOES_ON = [
    "Go on with `zelly restore postgresql --stack production --at 2026-11-25T10:15:00Z`, which makes only what is "
    "missing.",
    "Be rid of it:",
    f"  aws rds modify-db-instance --db-instance-identifier {COPY} --no-deletion-protection --apply-immediately "
    "--region eu-west-1",
    f"  aws rds delete-db-instance --db-instance-identifier {COPY} --skip-final-snapshot --region eu-west-1",
]


class FakeRds(RdsInstances):
    """RDS with the live instance; a copy becomes available when it is told to."""

    def __init__(self, *, statuses: tuple[str, ...] = ("creating", "available"), **raises: BaseException) -> None:
        self.instances = {LIVE.identifier: LIVE}
        self.earliest: datetime | None = datetime(2026, 11, 11, tzinfo=UTC)
        self.asked: list[str] = []
        self._statuses = [*statuses]
        self._raises = raises

    def instance(self, identifier: str) -> Instance | None:
        found = self.instances.get(identifier)
        if found is not None and identifier != LIVE.identifier and len(self._statuses) > 1:
            self.instances[identifier] = replace(found, status=self._statuses.pop(1))
        return found

    def restorable_from(self, identifier: str) -> datetime | None:
        assert identifier == LIVE.identifier
        return self.earliest

    def snapshots(self, identifier: str) -> list[Snapshot]:
        assert identifier == LIVE.identifier
        return [
            Snapshot(name="before-1a2b", taken_at=MOMENT, kind="manual"),
            Snapshot(name="rds:shop-db-2026-11-25", taken_at=MOMENT - timedelta(hours=3), kind="automated"),
        ]

    def restore(self, source: str, target: str, **said: Any) -> None:
        self.asked.append(f"restore {source} {target} at {said['at']}")
        self._make(target, said)

    def restore_snapshot(self, snapshot: str, target: str, **said: Any) -> None:
        self.asked.append(f"restore snapshot {snapshot} {target}")
        self._make(target, said)

    def complete(self, identifier: str, settings: InstanceSettings) -> None:
        self.asked.append(f"complete {identifier}")
        self.instances[identifier] = replace(self.instances[identifier], settings=settings)

    def _make(self, target: str, said: dict[str, Any]) -> None:
        if "restore" in self._raises:
            raise self._raises["restore"]
        assert said["settings"] == SETTINGS
        self.instances[target] = replace(
            LIVE,
            identifier=target,
            resource_id="db-COPY",
            endpoint=f"{target}.abc.rds.example",
            status=self._statuses[0],
            settings=UNSAID,
            tags=said["tags"],
        )


def planned(rds: FakeRds, source: str | None = "2026-11-25T10:15:00Z") -> PostgresPlan:
    return plan_postgresql(STORE, PLACE, source=source, rds=rds)


def restored(rds: FakeRds) -> None:
    restore_postgresql(planned(rds), rds=rds, patience=patience())


def test_plan_tells_everything_before_anything_is_done() -> None:
    rds = FakeRds()
    lines = planned(rds).lines()
    assert lines[:2] == [
        "PostgreSQL in production: shop-db as of 2026-11-25T10:15:00Z; nothing that was written later",
        f"  makes instance {COPY}",
    ]
    assert "    exported_logs: none until it takes over" in lines
    assert (lines[-1], rds.asked) == ("What is live is left as it is.", [])


def test_copy_is_completed_once_it_is_available_and_is_like_the_live_one() -> None:
    rds = FakeRds(statuses=("creating", "backing-up", "available"))
    found = restore_postgresql(planned(rds), rds=rds, patience=patience())
    assert rds.asked == [f"restore shop-db {COPY} at {MOMENT}", f"complete {COPY}"]
    assert (found.is_complete, found.differences) == (True, ())
    assert rds.instances[COPY].tags == {
        "environment": "production",
        "shop:restored-from": "shop-db 2026-11-25T10:15:00Z",
    }
    assert found.next_steps[:2] == (
        "Look at it from the environment's host:",
        f'  psql "host={COPY}.abc.rds.example user=owner dbname=shop sslmode=verify-full sslrootcert=/etc/rds.pem"',
    )
    assert found.lines(planned(rds))[-1] == "Taking it over: docs/postgresql.md, “PostgreSQL”."


def test_latest_and_a_snapshot_are_named_after_the_moments_that_they_hold() -> None:
    rds = FakeRds()
    assert planned(rds, None).target == "shop-db-restored-20261125t104005"
    plan = planned(rds, "before-1a2b")
    assert (plan.target, plan.source) == (COPY, "before-1a2b")
    restore_postgresql(plan, rds=rds, patience=patience())
    assert rds.asked[0] == f"restore snapshot before-1a2b {COPY}"


def test_same_command_again_makes_nothing_twice_though_the_moment_has_left_the_window() -> None:
    rds = FakeRds()
    restored(rds)
    rds.earliest = MOMENT + timedelta(minutes=1)
    asked, plan = [*rds.asked], planned(rds)
    assert (plan.exists, plan.makes) == (True, ())
    assert restore_postgresql(plan, rds=rds, patience=patience()).is_complete
    assert rds.asked == asked


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "2026-11-25T11:00:00Z",
            "--at: came 2026-11-25T11:00:00Z; allowed: 2026-11-11T00:00:00Z to 2026-11-25T10:40:05Z",
        ),
        ("2026-11-10T00:00:00Z", "--at: came 2026-11-10T00:00:00Z; allowed: 2026-11-11T00:00:00Z to"),
        (
            "2026-11-25T10:15:00",
            "--at: came '2026-11-25T10:15:00'; allowed: latest, a snapshot, or a time with its zone",
        ),
        (
            "yesterday",
            "--at: came 'yesterday'; allowed: latest, a time with its zone, e.g. 2026-11-25T10:15:00Z, or a ",
        ),
    ],
)
def test_source_that_is_none_is_told(source: str, said: str) -> None:
    (line,) = refused(plan_postgresql, STORE, PLACE, source=source, rds=FakeRds())
    assert line.startswith(said)


def test_instance_that_is_gone_leads_to_the_page() -> None:
    rds = FakeRds()
    rds.instances.clear()
    (line,) = refused(plan_postgresql, STORE, PLACE, source=None, rds=rds)
    assert "docs/postgresql.md, “PostgreSQL”" in line


def test_copy_that_failed_is_not_gone_on_with() -> None:
    rds = FakeRds(statuses=("incompatible-restore",))
    assert failed(restore_postgresql, planned(rds), rds=rds, patience=patience()) == [
        f"instance {COPY}: is incompatible-restore",
        f"{COPY} is, as far as it came, in RDS; what is live is as it was. What RDS was asked for goes on by itself.",
        *GOES_ON,
    ]
    assert refused(plan_postgresql, STORE, PLACE, source="2026-11-25T10:15:00Z", rds=rds) == [
        f"{COPY} is incompatible-restore: delete it, or restore another moment with --at"
    ]


def test_request_whose_answer_was_lost_was_carried_out_or_not() -> None:
    rds = FakeRds(restore=failure("rds:Something", Reason.UNREACHABLE, "ReadTimeoutError"))
    assert failed(restore_postgresql, planned(rds), rds=rds, patience=patience())[1:] == [
        f"{COPY} may be in RDS; what is live is as it was. What RDS was asked for goes on by itself.",
        *GOES_ON,
    ]


class FakeSecrets(SecretVersions):
    """The store's secret, which somebody else may write meanwhile."""

    def __init__(self, *, is_written_meanwhile: bool = False) -> None:
        self.values: dict[str, Any] = {
            "DATABASE_URL": "postgresql://owner:pw@shop-db.abc.rds.example:5432/shop?sslmode=verify-full",
            "DB_HOST": "shop-db.abc.rds.example",
            "DB_NAME": "shop",
            "DB_PASSWORD": "pw-of-shop-db",
        }
        self._is_written_meanwhile = is_written_meanwhile

    def current(self, name: str) -> SecretVersion | None:
        assert name == STORE.secret
        return SecretVersion(id="1", values={**self.values})

    def replace(self, name: str, values: Any, *, instead_of: SecretVersion) -> bool:
        assert (name, instead_of.id) == (STORE.secret, "1")
        if self._is_written_meanwhile:
            return False
        self.values = dict(values)
        return True


RESTART = "zelly restart --stack production"
READERS = Readers(
    services={STORE.secret: ["api", "web"]}, restarts={"api": RESTART, "web": RESTART}, migrations_after=lambda _: None
)


def switching(
    rds: FakeRds,
    secrets: FakeSecrets,
    target: str = COPY,
    *,
    store: PostgresInstance = STORE,
    readers: Readers = READERS,
) -> SwitchPlan:
    return plan_switch(store, PLACE, target=target, readers=readers, rds=rds, secrets=secrets)


def test_switch_writes_the_host_everywhere_and_nothing_else() -> None:
    rds, secrets = FakeRds(), FakeSecrets()
    restored(rds)
    plan = switching(rds, secrets)
    assert plan.lines() == [
        f"PostgreSQL in production: shop/postgresql names {COPY} in the place of shop-db",
        "  changes the host in DATABASE_URL, DB_HOST; no password, and no instance",
        f"  {COPY} holds shop-db 2026-11-25T10:15:00Z; nothing written later",
        "  read by 2, when they start: api, web",
    ]
    assert "pw-of-shop-db" not in f"{plan} {plan.document()}"
    switch(plan, secrets=secrets)
    assert secrets.values == {
        "DATABASE_URL": f"postgresql://owner:pw@{COPY}.abc.rds.example:5432/shop?sslmode=verify-full",
        "DB_HOST": f"{COPY}.abc.rds.example",
        "DB_NAME": "shop",
        "DB_PASSWORD": "pw-of-shop-db",
    }


def test_what_is_left_to_do_is_told_in_commands() -> None:
    rds, secrets = FakeRds(), FakeSecrets()
    restored(rds)

    def after(moment: datetime) -> list[str] | None:
        return ["20261125_a"] if moment == MOMENT else None

    steps = switching(rds, secrets, readers=replace(READERS, migrations_after=after)).next_steps()
    assert [step.strip() for step in steps if step.startswith("  ")] == [
        RESTART,
        "npx prisma migrate resolve --rolled-back 20261125_a",
        "pulumi stack export --stack production --file state.json",
        "sed -i s/db-LIVE/db-COPY/g state.json",
        "pulumi stack import --stack production --file state.json && rm state.json",
        "pulumi refresh --stack production --yes && pulumi preview --stack production",
    ]
    assert f"Pulumi.production.yaml: postgresql.restored_as: {COPY}" in "\n".join(steps)
    assert steps[-1].endswith("zelly restore switch shop-db --stack production")


def test_second_switch_changes_nothing_and_the_way_back_is_open() -> None:
    rds, secrets = FakeRds(), FakeSecrets()
    restored(rds)
    before = {**secrets.values}
    switch(switching(rds, secrets), secrets=secrets)
    again = switching(rds, secrets)
    assert (again.is_done, again.lines()[0]) == (True, f"shop/postgresql names {COPY} already.")
    switch(switching(rds, secrets, "shop-db"), secrets=secrets)
    assert secrets.values == before


def test_once_the_stack_file_means_the_copy_nothing_is_said_of_the_state() -> None:
    rds, secrets = FakeRds(), FakeSecrets()
    restored(rds)
    switch(switching(rds, secrets), secrets=secrets)
    written = replace(STORE, identifier=COPY)
    assert not any("pulumi" in step for step in switching(rds, secrets, store=written).next_steps())
    # The first one is still one of the store's, though no copy.
    assert switching(rds, secrets, "shop-db", store=written).host == LIVE.endpoint


def test_secret_that_somebody_else_wrote_meanwhile_is_left_as_it_is() -> None:
    rds, secrets = FakeRds(), FakeSecrets(is_written_meanwhile=True)
    restored(rds)
    assert failed(switch, switching(rds, secrets), secrets=secrets) == [
        "shop/postgresql was changed by somebody else meanwhile, and is as they left it.",
        f"Look again: zelly restore switch {COPY} --stack production",
    ]


def test_target_that_cannot_take_over_is_refused() -> None:
    rds, secrets = FakeRds(), FakeSecrets()
    rds.instances["other"] = replace(LIVE, identifier="other")
    for target, said in (
        ("nowhere", "nowhere is not in RDS; `zelly restore points` lists what can be restored"),
        ("other", "other is none of shop-db-restored-…, nor shop-db: it is not this store's"),
    ):
        assert refused(switching, rds, secrets, target) == [said]
    rds.instances[COPY] = replace(LIVE, identifier=COPY, status="creating")
    assert refused(switching, rds, secrets) == [f"{COPY} is creating; available is allowed"]
