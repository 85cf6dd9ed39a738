"""PostgreSQL of both environments: the document's version, closed, and meant as one instance by everything."""

import json
from pathlib import Path

import pytest

from tests.programs.pakashop.evaluations import STACKS, evaluated, evaluation_of, stack_file_with
from tests.programs.pakashop.facts import PORTS, VERSIONS
from workbench.errors import OperatorError
from zelly_components.limits.postgresql import major_version

INSTANCE = "aws:rds/instance:Instance"
COPY = "pakashop-live-postgresql-restored-20261125t101500"


@pytest.mark.parametrize("stack", STACKS)
def test_each_environment_has_an_instance_of_its_own_of_the_documents_version(stack: str) -> None:
    instance = evaluation_of(stack).one(INSTANCE).inputs
    assert instance["identifier"] == f"pakashop-{stack}-postgresql"
    assert (major_version(instance["engineVersion"]), instance["port"]) == (VERSIONS.postgresql, PORTS["postgresql"])
    assert (instance["publiclyAccessible"], instance["storageEncrypted"]) == (False, True)
    assert 7 <= instance["backupRetentionPeriod"] <= 35


def test_a_copy_that_took_over_is_what_everything_means(tmp_path: Path) -> None:
    file = stack_file_with(tmp_path, "live", {"postgresql.restored_as": COPY})
    evaluation = evaluated(file)
    first, copy = "pakashop-live-postgresql", evaluation.one(INSTANCE)
    assert (copy.name, copy.inputs["identifier"]) == (f"{first}-instance", COPY)
    assert copy.inputs["finalSnapshotIdentifier"] == f"{COPY}-final"
    (store,) = (each for each in file.description.stores if each.label == "PostgreSQL")
    assert (getattr(store, "identifier", None), getattr(store, "copy_prefix", None)) == (COPY, f"{first}-restored-")
    names = json.dumps([resource.inputs for resource in evaluation.custom()], default=str)
    assert f'"{first}"' not in names
    assert f':db:{first}"' not in names


def test_a_copy_of_another_environments_instance_is_refused(tmp_path: Path) -> None:
    other = COPY.replace("live", "staging")
    with pytest.raises(OperatorError, match=f"postgresql.restored_as: {other}; a copy of this environment's instance"):
        stack_file_with(tmp_path, "live", {"postgresql.restored_as": other})


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("postgresql.iops", 3000, "iops: 3000 with 100 GiB; allowed: null below 400 GiB"),
        ("postgresql.max_connections", 451, "max_connections: 451 with db.t4g.medium; allowed: 20 to 450"),
        ("postgresql.backup_retention_days", 6, "backup_retention_days: 6; allowed: 7 to 35"),
        ("postgresql.engine_version", "16", 'engine_version: came "16"; allowed: a full version in quotes'),
        ("postgresql.maximum_storage_gib", 100, "maximum_storage_gib: 100; allowed: 110 to 65536"),
    ],
)
def test_mistake_in_the_stack_file_is_one_line(tmp_path: Path, path: str, value: object, said: str) -> None:
    with pytest.raises(OperatorError) as refused:
        stack_file_with(tmp_path, "live", {path: value})
    assert said in f"{refused.value}"
