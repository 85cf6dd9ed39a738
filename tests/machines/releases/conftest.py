"""A machine for the tests of this folder: booted once, with a release on it that is healthy."""

from collections.abc import Iterator

import pytest

from tests.machines.releases.host import ReleaseMachine, booted


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseMachine]:
    """The host after its first boot, with nothing released yet."""
    with booted(tmp_path_factory.mktemp("release-host")) as machine:
        yield machine
