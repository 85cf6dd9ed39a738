"""A restored database takes over on the real engine: what `pulumi up` does afterwards, and what it does not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.engine.running import quick, without_checkpoints
from tests.support.engine.stacks import Preview, Stack, Step
from tests.workbench.operations.clocks import FakeClock
from workbench.aws.rds.instances import RdsInstances
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.aws.shared.connection import Connection
from workbench.engine.pulumi_cli import Engine, engine_session
from workbench.operations.stores.postgresql.restore import plan_postgresql, restore_postgresql
from workbench.operations.stores.postgresql.switch import plan_switch, switch
from workbench.operations.stores.restoration import Place
from workbench.operations.stores.switching import Readers
from workbench.operations.stores.waiting import Patience
from workbench.stores import PostgresInstance

REGION = "eu-west-1"
INSTANCE = "aws:rds/instance:Instance"
SECRET = "shop/postgresql"

PROGRAM = """\
import pathlib

import pulumi
import pulumi_aws as aws

from zelly_components.postgres_instance import PostgresInstance, PostgresInstanceArgs
from zelly_components.secrets import ManagedSecret, ManagedSecretArgs

identifier = pathlib.Path("IDENTIFIER").read_text()
provider = aws.Provider("shop", region="eu-west-1")
options = pulumi.ResourceOptions(provider=provider)
vpc = aws.ec2.Vpc("net", cidr_block="10.9.0.0/16", opts=options)
subnets = [
    aws.ec2.Subnet(zone, vpc_id=vpc.id, cidr_block=cidr, availability_zone=f"eu-west-1{zone}", opts=options)
    for zone, cidr in (("a", "10.9.0.0/24"), ("b", "10.9.1.0/24"))
]
database = PostgresInstance(
    "shop-db",
    PostgresInstanceArgs(
        instance_identifier=identifier, vpc_id=vpc.id, subnet_ids=[subnet.id for subnet in subnets],
        engine_version="16.11", allow_major_version_upgrade=False, instance_class="db.t4g.medium", multi_az=True,
        storage_gib=50, maximum_storage_gib=200, iops=None, throughput_mibps=None, database_name="shop",
        master_username="owner", max_connections=300, backup_retention_days=14, backup_window="20:00-20:30",
        maintenance_window="sun:21:00-sun:21:30", deletion_protection=True, log_retention_days=30,
        performance_insights=True, apply_immediately=True,
    ),
    options,
)
ManagedSecret(
    "shop-db-secret",
    ManagedSecretArgs(
        secret_name="shop/postgresql", description="The database", recovery_window_days=0,
        values={"DATABASE_URL": database.connection_url, "DB_HOST": database.endpoint},
    ),
    options,
)
"""


@dataclass(frozen=True, kw_only=True)
class TakenOver:
    """What was seen of a stack whose database was restored, and whose copy took over."""

    copy: str
    told: str
    """The host in the secret, after the switch."""
    unwritten: Preview
    """Before the stack file means the copy."""
    forgotten_state: str
    """What the engine says when the stack file means the copy and the state does not."""
    written: Preview
    """With the resource id exchanged in the state, and the stack file meaning the copy."""
    told_at_the_end: str
    left: dict[str, str] = field(default_factory=dict[str, str])
    """The instances after the last `up`, by identifier, with their resource ids."""
    resource_ids: tuple[str, str] = ("", "")


def store(identifier: str) -> PostgresInstance:
    return PostgresInstance(
        label="PostgreSQL",
        identifier=identifier,
        copy_prefix="shop-live-restored-",
        version="16.11",
        version_setting="version",
        parameter_group="shop-db-parameters-postgres",
        secret=SECRET,
        ca_bundle="/etc/rds.pem",
        restored_setting="restored_as",
        page="docs/postgresql.md",
    )


@pytest.fixture(scope="module")
def taken_over(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TakenOver]:
    folder = tmp_path_factory.mktemp("taken-over")
    program = folder / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (program / "__main__.py").write_text(PROGRAM.replace("IDENTIFIER", str(program / "identifier")))
    (program / "identifier").write_text("shop-live")
    with engine_session(program, folder / "session", engine=quick(engine, folder)) as session:
        stack = without_checkpoints(
            Stack(name="live", session=session, project="shop", config_key="shop:env", region=REGION)
        )
        stack.initialize()
        stack.run("up", "--yes", "--skip-preview")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in session.environment.items():
                if name.startswith("AWS_"):
                    patch.setenv(name, value)
            yield _taken_over(stack, program, folder)


def _taken_over(stack: Stack, program: Path, folder: Path) -> TakenOver:
    connection = Connection(REGION)
    rds, secrets = RdsInstances(connection), SecretVersions(connection)
    live, place = store("shop-live"), Place(program="shop", stack="live", region=REGION)
    plan = plan_postgresql(live, place, source=None, rds=rds)
    restored = restore_postgresql(plan, rds=rds, patience=Patience(hear=lambda _: None, clock=FakeClock()))
    assert restored.differences == ()
    readers = Readers(services={}, restarts={}, migrations_after=lambda _: None)
    switching = plan_switch(live, place, target=restored.id, readers=readers, rds=rds, secrets=secrets)
    switch(switching, secrets=secrets)
    assert switching.source is not None
    resource_ids = (switching.source.resource_id, switching.target.resource_id)
    told, unwritten = _told(stack), stack.preview("--refresh")
    (program / "identifier").write_text(restored.id)
    only = ("--target", "**shop-db-instance")
    refused = stack.session.run("up", "--yes", "--skip-preview", *only, "--stack", stack.name)
    assert refused.returncode != 0
    exported = stack.run("stack", "export").stdout
    (folder / "state.json").write_text(exported.replace(*resource_ids))
    stack.run("stack", "import", "--file", str(folder / "state.json"))
    stack.run("refresh", "--yes", "--skip-preview")
    written = stack.preview()
    stack.run("up", "--yes", "--skip-preview")
    found = stack.client("rds").describe_db_instances()["DBInstances"]
    return TakenOver(
        copy=restored.id,
        told=told,
        unwritten=unwritten,
        forgotten_state=refused.stdout + refused.stderr,
        written=written,
        told_at_the_end=_told(stack),
        left={each["DBInstanceIdentifier"]: each["DbiResourceId"] for each in found},
        resource_ids=resource_ids,
    )


def _told(stack: Stack) -> str:
    values = json.loads(stack.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"])
    assert values["DB_HOST"] in values["DATABASE_URL"]
    return values["DB_HOST"].partition(".")[0]


def test_an_up_after_the_switch_does_not_go_back(taken_over: TakenOver) -> None:
    assert taken_over.told == taken_over.copy
    assert taken_over.unwritten.steps == set()


def test_without_the_exchange_in_the_state_aws_refuses_and_nothing_is_lost(taken_over: TakenOver) -> None:
    assert "DBInstanceAlreadyExists" in taken_over.forgotten_state


def test_with_it_nothing_of_the_database_is_replaced_or_deleted(taken_over: TakenOver) -> None:
    # The secret's version is known by its id, which the switch has taken the place of; AWS would have it replaced.
    steps = {(step.operation, step.name) for step in taken_over.written.steps} - {("replace", "shop-db-secret-version")}
    assert steps == {
        ("update", "shop-db-instance"),
        ("replace", "shop-db-postgresql-log"),
        ("replace", "shop-db-upgrade-log"),
    }
    assert "identifier" not in taken_over.written.changed_properties("shop-db-instance")


def test_both_instances_stand_at_the_end_and_the_copy_is_told(taken_over: TakenOver) -> None:
    lost, taken = taken_over.resource_ids
    assert taken_over.left == {"shop-live": lost, taken_over.copy: taken}
    assert taken_over.told_at_the_end == taken_over.copy
    assert Step("update", INSTANCE, "shop-db-instance") in taken_over.written.steps
