"""Hosts to release to: a fresh one, and copies of one on which a release is healthy."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.components.release_agent.agent_host import AgentHost

HostFactory = Callable[[], AgentHost]

FIRST_MIGRATION = "20260101120000_init"


@pytest.fixture
def fresh(tmp_path: Path) -> AgentHost:
    """A host to which nothing has been released."""
    return AgentHost(tmp_path / "host")


@pytest.fixture(scope="session")
def good_host(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A host on which a release is healthy, to be copied, and the release."""
    host = AgentHost(tmp_path_factory.mktemp("good") / "host")
    good = host.release("a", migrations=[FIRST_MIGRATION])
    host.deploy_and_confirm(good)
    host.calls()
    host.started()
    return host.root, good


@pytest.fixture
def host(good_host: tuple[Path, str], tmp_path: Path) -> AgentHost:
    """A host on which ``good`` is healthy."""
    return AgentHost.copy(good_host[0], tmp_path / "host")


@pytest.fixture
def good(good_host: tuple[Path, str]) -> str:
    """The release that is healthy on ``host``."""
    return good_host[1]


@pytest.fixture
def more_hosts(good_host: tuple[Path, str], tmp_path: Path) -> HostFactory:
    """Make further hosts on which ``good`` is healthy."""
    numbers = itertools.count()

    def make() -> AgentHost:
        return AgentHost.copy(good_host[0], tmp_path / f"host-{next(numbers)}")

    return make
