"""A machine for the tests of a module: booted once."""

from collections.abc import Iterator

import pytest

from tests.machines.conftest import machines_in, volumes_in
from tests.machines.services.artefacts import ReleaseFiles
from tests.machines.services.authorities import Origin
from tests.machines.services.host import APPLY, ServiceMachine, inputs, practice_release


@pytest.fixture(scope="session")
def release() -> ReleaseFiles:
    """A release of practice services that do well."""
    return practice_release()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceMachine]:
    """The host after its first boot, with nothing released yet."""
    folder = tmp_path_factory.mktemp("service-host")
    origin = Origin()
    # What machines need is checked together; this one has no volume.
    with volumes_in(folder), machines_in(folder) as new_machine:
        boot = inputs(origin)
        machine = new_machine(boot)
        origin.write(machine.root)
        host = ServiceMachine(machine, boot)
        assert host.boot() == "success", machine.journal(APPLY)
        yield host
