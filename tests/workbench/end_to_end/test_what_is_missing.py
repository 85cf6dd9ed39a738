"""What every command says, and ends with, when the thing it was asked for is missing, empty, pending or broken."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import sample
from tests.workbench.conftest import Operator, Up, brought_up

NOT_IN_ECS = "service: sample-spare-worker is not in ECS; `pulumi up` makes it"
NO_BUCKET = "bucket sample-not-there: not there; `zelly state bootstrap` makes it, --bucket names another"

# What was typed, the exit code, and the line that says it.
NOTHING_IS_UP: list[tuple[str, int, str]] = [
    ("status", 1, "Load balancers, alb-web: not there; `pulumi"),
    ("service list", 0, "worker   absent  0 of 0"),
    ("service status worker", 2, NOT_IN_ECS),
    ("service scale worker --tasks 1", 2, NOT_IN_ECS),
    ("service deploy worker --tag spare-1a2b3c4d", 2, NOT_IN_ECS),
    ("service rollback worker --yes", 2, NOT_IN_ECS),
    ("service restart worker", 2, NOT_IN_ECS),
    ("service run worker -- ls", 2, NOT_IN_ECS),
    ("service events worker", 2, NOT_IN_ECS),
    ("service exec worker", 2, "no task runs; running tasks of sample-spare-worker: none"),
    ("service logs worker", 2, "log group: /sample/ecs/worker is not there; `pulumi up` makes it"),
    ("service logs worker --task ab", 2, "log group: /sample/ecs/worker is not there; `pulumi up` makes it"),
    ("image keep worker", 2, NOT_IN_ECS),
    ("image list worker", 0, "worker: no image in sample/worker yet; `zelly image push`"),
    ("secrets list", 0, "sample/web/env"),
    ("secrets check", 1, "worker: no task definition yet; `pulumi up` makes it"),
    ("secrets restore sample/web/env", 2, "secret sample/web/env: not there, or gone for good;"),
    ("restore points", 1, "aurora (sample-spare-aurora): the cluster is not in RDS"),
    (
        "restore aurora --at latest --yes",
        2,
        "sample-spare-aurora is not in RDS: only a snapshot",
    ),
    ("restore redis --snapshot latest --yes", 2, "REDIS_HOST of sample/redis/login is no node of ElastiCache"),
    ("restore clickhouse --snapshot latest --yes", 2, "no completed snapshot with SnapshotPolicy=sample-spare-"),
    ("clickhouse init EMPTY", 2, "DIR: EMPTY holds no *.sql; allowed: a directory with SQL files"),
]

WITHOUT_STACK: list[tuple[str, int, str]] = [
    ("state locks --bucket sample-not-there", 2, NO_BUCKET),
    ("state unlock --bucket sample-not-there", 2, NO_BUCKET),
    ("cost refresh --dry-run", 2, "AWS_ENDPOINT_URL: the embedded AWS has no prices; `unset AWS_ENDPOINT_URL`"),
    ("service promote worker --from trial --to trial", 2, "--from, --to: came trial twice"),
    ("sandbox status", 1, "No embedded AWS is running."),
    ("sandbox down", 0, "No embedded AWS was running."),
    ("sandbox env", 2, "no embedded AWS is running; start one with"),
    ("plan nowhere", 2, "stack: nowhere; allowed: "),
    ("diagram nowhere", 2, "stack: nowhere; allowed: "),
    ("cost nowhere", 2, "nowhere"),
    ("drift nowhere", 2, "stack: nowhere; allowed: "),
]

UP_AND_EMPTY: list[tuple[str, int, str]] = [
    ("service status worker", 1, "sample-trial-worker: 0 of 1 tasks run"),
    ("service rollback worker --yes", 2, "no earlier deploy is known to have been healthy"),
    ("service deploy worker --tag trial-0badc0de", 2, "sample-trial-worker is left as it is:"),
    ("service promote worker --yes", 2, "sample-trial-worker is not healthy, nothing is promoted:"),
    ("service logs worker", 0, "No such line of worker since "),
    ("service run worker --tag trial-0badc0de -- ls", 2, "sample-trial-worker is left as it is:"),
    (
        "image keep worker",
        1,
        "sample/worker:trial-00000000 is not in the registry:",
    ),
    ("secrets check", 1, "sample/web/env MAIL_URL: empty"),
    ("secrets restore sample/web/env", 2, "sample/web/env"),
]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Both stacks, just made: in the ones that the other tests share something was deployed by then."""
    with brought_up(tmp_path_factory.mktemp("project")) as made:
        yield made


@pytest.fixture
def project(up: Up, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project with a third stack of which nothing is up, and an empty folder."""
    for file in (*up.folder.glob("Pulumi*.yaml"), up.folder / "__main__.py"):
        shutil.copy(file, tmp_path)
    spare = sample.environment_of("trial") | {"environment": "spare", "region": "us-east-1"}
    sample.write_stack_file(tmp_path, "spare", sample.with_changes(spare, {"registry/tag_prefix": "spare"}))
    (tmp_path / "EMPTY").mkdir()
    plugin = tmp_path / "bin" / "session-manager-plugin"
    plugin.parent.mkdir()
    plugin.write_text("#!/bin/sh\necho 1.2.707.0\n")
    plugin.chmod(0o755)
    monkeypatch.setenv("PATH", str(plugin.parent), prepend=":")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(operator: Operator, typed: str, code: int, line: str) -> None:
    completed = operator.run(*typed.split())
    said = f"{completed.stdout}{completed.stderr}"
    assert line in said, said
    assert completed.exit_code == code, said
    assert "Traceback" not in said
    if code == 2:
        assert completed.stdout == ""


@pytest.mark.parametrize(("typed", "code", "line"), NOTHING_IS_UP, ids=[typed for typed, _, _ in NOTHING_IS_UP])
@pytest.mark.usefixtures("operator", "project")
def test_of_a_stack_of_which_nothing_is_up(operator: Operator, typed: str, code: int, line: str) -> None:
    before, arguments, after = typed.partition(" -- ")
    check(operator, f"{before} --stack spare{arguments}{after}", code, line)


@pytest.mark.parametrize(("typed", "code", "line"), WITHOUT_STACK, ids=[typed for typed, _, _ in WITHOUT_STACK])
@pytest.mark.usefixtures("operator", "project")
def test_of_a_project(operator: Operator, typed: str, code: int, line: str) -> None:
    check(operator, typed, code, line)


@pytest.mark.parametrize(("typed", "code", "line"), UP_AND_EMPTY, ids=[typed for typed, _, _ in UP_AND_EMPTY])
def test_of_a_stack_that_was_just_made(operator: Operator, typed: str, code: int, line: str) -> None:
    before, arguments, after = typed.partition(" -- ")
    stack = "" if " promote " in typed else " --stack trial"
    check(operator, f"{before}{stack}{arguments}{after}", code, line)
