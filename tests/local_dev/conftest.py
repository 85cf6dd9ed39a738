"""The platform on a developer's machine, started once for all tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.local_dev.platform import Platform, standing
from tests.local_dev.rules import State
from tests.local_dev.runner import Event
from tests.zelly_infra.stack_files import ROOT
from workbench.local_dev.writing import differences, write
from workbench.operations.local_dev.certificates import plan_certificates, write_certificates
from workbench.operations.local_dev.environment_files import plan_environment, write_environment
from zelly_infra.local_dev.platform import local_platform


@dataclass(frozen=True, kw_only=True)
class FirstStart:
    """What happened as everything was started for the first time, MySQL a little later than the rest."""

    while_mysql_was_missing: dict[str, State]
    went_wrong: dict[str, str]
    events: tuple[Event, ...]
    platform: Platform


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstStart]:
    """The platform after its first start, and what happened until then."""
    folder = tmp_path_factory.mktemp("platform")
    described = local_platform(ROOT)
    write(differences(described, folder), folder)
    write_environment(plan_environment(described, folder), folder)
    now = datetime.now(UTC)
    write_certificates(plan_certificates(described, folder, now), folder, now)
    with standing(folder) as platform:
        went_wrong = platform.runner.up(late={"mysql"})
        meanwhile = dict(platform.runner.states)
        went_wrong |= platform.runner.up()
        yield FirstStart(
            while_mysql_was_missing=meanwhile,
            went_wrong=went_wrong,
            events=tuple(platform.runner.events),
            platform=platform,
        )


@pytest.fixture
def platform(first_start: FirstStart) -> Iterator[Platform]:
    """The platform with everything healthy, which it is again afterwards."""
    platform = first_start.platform
    assert first_start.went_wrong == {}
    yield platform
    assert platform.change(platform.services) == {}
