"""What the machines need, and the fixtures that make them and clean up after them."""

import itertools
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.machines import hosts
from tests.machines.bastion_machine import BastionFactory, BastionMachine
from tests.machines.clickhouse_machine import ClickHouseFactory, ClickHouseMachine
from tests.machines.hosts import Boot
from tests.machines.machine import Machine
from tests.machines.nat_machine import NatFactory, NatMachine
from tests.machines.volumes import Volume
from tests.support.programs import require_program, require_root

_PROGRAMS = {
    "cloud-init": "cloud-init",
    "clickhouse-server": "clickhouse-server",
    "jq": "jq",
    "mkfs.xfs": "xfsprogs",
    "nft": "nftables",
    "nginx": "nginx-light",
    "systemd-nspawn": "systemd-container",
    "wg": "wireguard-tools",
    "wireguard-go": "wireguard-go",
}

MachineFactory = Callable[[Boot], Machine]
VolumeFactory = Callable[[], Volume]


@contextmanager
def volumes_in(folder: Path) -> Generator[VolumeFactory]:
    """Make blank volumes in a folder, until the block ends."""
    for program, package in _PROGRAMS.items():
        require_program(program, package=package)
    require_root("mounts, loop devices and network namespaces")
    numbers = itertools.count()
    with ExitStack() as volumes:

        def make() -> Volume:
            volume = Volume(folder / f"volume-{next(numbers)}")
            volumes.callback(volume.close)
            return volume

        yield make


@contextmanager
def machines_in(folder: Path) -> Generator[MachineFactory]:
    """Make machines in a folder, still switched off, whose requests are answered, until the block ends."""
    numbers = itertools.count()
    with ExitStack() as machines:

        def make(host: Boot) -> Machine:
            machine = machines.enter_context(Machine(folder / f"machine-{next(numbers)}", host.user_data))
            for request, answer in host.answers.items():
                machine.answer(request, answer)
            return machine

        yield make


@pytest.fixture
def new_volume(tmp_path: Path) -> Iterator[VolumeFactory]:
    """Make blank volumes."""
    with volumes_in(tmp_path) as make:
        yield make


@pytest.fixture
def new_machine(tmp_path: Path, new_volume: VolumeFactory) -> Iterator[MachineFactory]:
    """Make machines, still switched off, whose requests are answered."""
    # Volumes go after the machines that use them.
    del new_volume
    with machines_in(tmp_path) as make:
        yield make


@pytest.fixture
def new_clickhouse(new_machine: MachineFactory) -> ClickHouseFactory:
    """Make ClickHouse hosts of a stack, production unless it is said, still switched off and without a volume."""

    def make(stack: str = "production") -> ClickHouseMachine:
        host = hosts.clickhouse(stack)
        return ClickHouseMachine(new_machine(host), host)

    return make


@pytest.fixture
def new_bastion(new_machine: MachineFactory) -> BastionFactory:
    """Make bastions of a stack, production unless it is said, still switched off."""

    def make(stack: str = "production") -> BastionMachine:
        host = hosts.bastion(stack)
        return BastionMachine(new_machine(host), host)

    return make


@pytest.fixture
def new_nat(new_machine: MachineFactory) -> NatFactory:
    """Make NAT instances of a stack, production unless it is said, still switched off."""

    def make(stack: str = "production") -> NatMachine:
        return NatMachine(new_machine(hosts.nat(stack)))

    return make
