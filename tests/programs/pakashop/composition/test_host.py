"""What the one host of each environment is told, from the object that it fetches."""

import functools
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pakashop_infra import catalog
from pakashop_infra.program import PROGRAM
from tests.programs.pakashop import facts
from tests.programs.pakashop.evaluations import STACKS, config_of, evaluation_of, stack_file_with
from workbench.errors import OperatorError
from workbench.operations.doctor.ageing import ends_of, pinned_releases
from zelly_components.hosts.rds_authorities import CA_BUNDLE_PATH, CA_BUNDLE_URL

each_stack = pytest.mark.parametrize("stack", STACKS)


@functools.cache
def configuration(stack: str) -> dict[str, Any]:
    written = evaluation_of(stack).one("aws:s3/bucketObjectv2:BucketObjectv2", f"pakashop-{stack}-host-configuration")
    return json.loads(written.inputs["content"])


def file(stack: str, path: str) -> str:
    return configuration(stack)["files"][path]["content"]


@each_stack
def test_all_services_run_on_the_environments_one_host(stack: str) -> None:
    """P6 and P11."""
    units = {
        path.rsplit("/", 1)[1]
        for path in configuration(stack)["files"]
        if path.startswith("/etc/systemd/system/pakashop-") and path.endswith(".service") and "@" not in path
    }
    # The release agent's own unit beside them.
    assert units - {f"{facts.UNIT_PREFIX}release-recover.service"} == {
        f"{facts.UNIT_PREFIX}{name}.service" for name in facts.SERVICES
    }
    instances = evaluation_of(stack).of_type("aws:ec2/instance:Instance")
    # Beside those of the stores, P8 and P9, and of the network.
    assert sorted({one.inputs["tags"]["Name"].removeprefix(f"pakashop-{stack}-") for one in instances}) in (
        ["host", "network-nat", "redis", "search"],
        ["host", "redis", "search"],
    )
    target = PROGRAM.describe(config_of(stack)).releases
    assert target is not None
    assert target.host == f"pakashop-{stack}-host"


@each_stack
def test_host_and_agent_know_the_documented_order(stack: str) -> None:
    """P12 and PF1: units and waves come from one catalog."""
    host = json.loads(file(stack, "/etc/pakashop/host.json"))
    assert [frozenset(wave) for wave in host["waves"]] == [*facts.START_ORDER]
    assert {name: service["port"] for name, service in host["services"].items()} == {
        name: port for name, (port, _) in facts.SERVICES.items()
    }
    # PF30: two schedulers would run each job twice.
    assert [name for name, service in host["services"].items() if not service["overlaps"]] == ["scheduler"]
    assert host["environment"] == stack


@each_stack
def test_services_get_the_secrets_of_their_stores_and_their_own(stack: str) -> None:
    names = json.loads(file(stack, "/etc/pakashop/credentials.json"))
    known = {**catalog.PROGRAM_SECRETS, **catalog.APPLICATION_SECRETS}
    for service in catalog.SERVICES:
        stores = {catalog.SECRET_BY_STORE[store] for store in service.stores}
        assert names.pop(service.name) == {
            secret: list(known[secret]) for secret in (*stores, *([service.secret] if service.keys else []))
        }
    assert names == {"migrations": {catalog.DATABASE_SECRET: ["DATABASE_URL"]}}


@each_stack
def test_host_has_the_authorities_that_the_databases_name_is_checked_by(stack: str) -> None:
    assert configuration(stack)["downloads"] == {CA_BUNDLE_PATH: CA_BUNDLE_URL}


@each_stack
def test_host_has_the_documented_runtimes(stack: str) -> None:
    """P13: what CI tests with is what runs."""
    versions = facts.Versions()
    assert {f"nodejs{versions.node}", f"python{versions.python}"} <= set(configuration(stack)["packages"])


@each_stack
def test_ends_of_the_runtimes_are_known(stack: str) -> None:
    """PF27: an unsupported runtime is a finding, unless it is accepted until a day."""
    description = PROGRAM.describe(config_of(stack))
    today = datetime.now(tz=UTC).date()
    runtimes = description.host_runtimes
    assert set(runtimes) <= set(pinned_releases(description))
    for runtime in runtimes:
        end = ends_of(description)[runtime.key].on
        assert end is not None
        assert end > today or runtime.key in description.accepted_releases, runtime


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("host.memory_mib", {"gateway": 512}, "memory_mib: backend, config,"),
        ("host.runtimes.node", "20.1", 'Node.js\' major version in quotes, e.g. "20"'),
        ("host.root_volume_gib", 8, "host.root_volume_gib: came 8; allowed: 16 to 1000 GiB"),
        ("host.cpu_credits", None, "host.cpu_credits: null with t3.large; allowed: standard or unlimited"),
    ],
)
def test_host_that_cannot_be_is_refused_in_words(path: str, value: object, message: str, tmp_path: Any) -> None:
    with pytest.raises(OperatorError) as refused:
        stack_file_with(tmp_path, "staging", {path: value})
    assert message in str(refused.value)


@each_stack
def test_releases_lie_in_the_documented_directory(stack: str) -> None:
    """P14."""
    directories = [
        line.split()[1] for line in file(stack, "/etc/tmpfiles.d/pakashop.conf").splitlines() if line[:1] == "d"
    ]
    assert {facts.HOST_DIRECTORY, f"{facts.HOST_DIRECTORY}/releases"} <= {*directories}
