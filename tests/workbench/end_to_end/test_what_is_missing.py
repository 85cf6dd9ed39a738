"""What every command says, and ends with, when the thing it was asked for is missing, empty, pending or broken."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workbench.end_to_end.conftest import Operator, Sandbox, sandbox_of
from tests.zelly_infra.stack_files import PREPRODUCTION, environment_of, with_changes, write_stack_file

NOT_IN_ECS = "service: zelly-preproduction-fastify-nova is not in ECS; `pulumi up` makes it"
NO_BUCKET = "bucket zelly-not-there: not there; `zelly state bootstrap` makes it, --bucket names another"

# What was typed, the exit code, and the line that says it.
NOTHING_IS_UP: list[tuple[str, int, str]] = [
    ("status", 1, "Load balancers, alb-nova, alb-customer, alb-orion, nlb-storefront: not there; `pulumi"),
    ("service list", 0, "fastify-nova     absent  0 of 0"),
    ("service status fastify-nova", 2, NOT_IN_ECS),
    ("service scale fastify-nova --tasks 1", 2, NOT_IN_ECS),
    ("service deploy fastify-nova --tag preproduction-1a2b3c4d", 2, NOT_IN_ECS),
    ("service rollback fastify-nova --yes", 2, NOT_IN_ECS),
    ("service restart fastify-nova", 2, NOT_IN_ECS),
    ("service run fastify-nova -- ls", 2, NOT_IN_ECS),
    ("service events fastify-nova", 2, NOT_IN_ECS),
    ("service exec fastify-nova", 2, "no task runs; running tasks of zelly-preproduction-fastify-nova: none"),
    ("service logs fastify-nova", 2, "log group: /zelly/ecs/fastify-nova is not there; `pulumi up` makes it"),
    ("service logs fastify-nova --task ab", 2, "log group: /zelly/ecs/fastify-nova is not there; `pulumi up` makes it"),
    ("image keep fastify-nova", 2, NOT_IN_ECS),
    ("image list events-consumer", 0, "events-consumer: no image in zelly/events-consumer yet; `zelly image push`"),
    ("secrets list", 0, "zelly/fastify-nova/env"),
    ("secrets check", 1, "fastify-nova: no task definition yet; `pulumi up` makes it"),
    ("secrets restore zelly/fastify-nova/env", 2, "secret zelly/fastify-nova/env: not there, or gone for good;"),
    ("vpn config nobody", 2, "peer: came nobody; allowed in preproduction: peer1, peer2"),
    ("vpn peers", 1, "not in AWS yet: the next `pulumi up` adds it"),
    ("restore points", 1, "aurora (zelly-preproduction-aurora): the cluster is not in RDS"),
    (
        "restore aurora --at latest --yes",
        2,
        "zelly-preproduction-aurora is not in RDS: only a snapshot",
    ),
    ("restore redis --snapshot latest --yes", 2, "REDIS_HOST of zelly/redis/auth is no node of ElastiCache"),
    ("restore clickhouse --snapshot latest --yes", 2, "no completed snapshot with SnapshotPolicy=zelly-preproduction-"),
    ("restore efs --recovery-point latest --yes", 2, "file system zelly-preproduction-caddy is not in EFS"),
    ("clickhouse init EMPTY", 2, "DIR: EMPTY holds no *.sql; allowed: a directory with SQL files"),
]

WITHOUT_STACK: list[tuple[str, int, str]] = [
    ("state locks --bucket zelly-not-there", 2, NO_BUCKET),
    ("state unlock --bucket zelly-not-there", 2, NO_BUCKET),
    ("cost refresh --dry-run", 2, "AWS_ENDPOINT_URL: the embedded AWS has no prices; `unset AWS_ENDPOINT_URL`"),
    ("service add fastify-nova", 2, "service: fastify-nova; every stack file has it, there is nothing to add"),
    ("environment add staging --from production --region eu-west-2", 2, "Pulumi.staging.yaml"),
    ("service promote fastify-nova --from staging --to staging", 2, "--from, --to: came staging twice"),
    ("sandbox status", 1, "No embedded AWS is running."),
    ("sandbox down", 0, "No embedded AWS was running."),
    ("sandbox env", 2, "no embedded AWS is running; start one with"),
    ("plan nowhere", 2, "stack: nowhere; allowed: "),
    ("diagram nowhere", 2, "stack: nowhere; allowed: "),
    ("cost nowhere", 2, "nowhere"),
    ("drift nowhere", 2, "stack: nowhere; allowed: "),
]

UP_AND_EMPTY: list[tuple[str, int, str]] = [
    ("service status customer-panel", 1, "zelly-staging-customer-panel: 0 of 1 tasks run"),
    ("service rollback customer-panel --yes", 2, "no earlier deploy is known to have been healthy"),
    ("service deploy customer-panel --tag staging-0badc0de", 2, "zelly-staging-customer-panel is left as it is:"),
    ("service promote customer-panel --yes", 2, "zelly-staging-customer-panel is not healthy, nothing is promoted:"),
    ("service logs customer-panel", 0, "No such line of customer-panel since "),
    ("service run customer-panel --tag staging-0badc0de -- ls", 2, "zelly-staging-customer-panel is left as it is:"),
    (
        "image keep customer-panel",
        1,
        "zelly/customer-panel:staging-00000000 is not in the registry:",
    ),
    ("secrets check", 1, "zelly/customer-panel/env JWT_SECRET: empty"),
    ("secrets restore zelly/customer-panel/env", 2, "zelly/customer-panel/env"),
    ("vpn peers", 0, "in sync"),
]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Both stacks, just made: in the ones that the other tests share something was deployed by then."""
    with sandbox_of(tmp_path_factory.mktemp("project")) as made:
        yield made


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project with a third stack of which nothing is up, and an empty folder."""
    for file in (*sandbox.folder.glob("Pulumi*.yaml"), sandbox.folder / "__main__.py"):
        shutil.copy(file, tmp_path)
    write_stack_file(tmp_path, "preproduction", with_changes(environment_of("staging"), PREPRODUCTION))
    (tmp_path / "EMPTY").mkdir()
    plugin = tmp_path / "bin" / "session-manager-plugin"
    plugin.parent.mkdir()
    plugin.write_text("#!/bin/sh\necho 1.2.707.0\n")
    plugin.chmod(0o755)
    monkeypatch.setenv("PATH", str(plugin.parent), prepend=":")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(operator: Operator, typed: str, code: int, line: str) -> None:
    completed = operator.zelly(*typed.split())
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
    check(operator, f"{before} --stack preproduction{arguments}{after}", code, line)


@pytest.mark.parametrize(("typed", "code", "line"), WITHOUT_STACK, ids=[typed for typed, _, _ in WITHOUT_STACK])
@pytest.mark.usefixtures("operator", "project")
def test_of_a_project(operator: Operator, typed: str, code: int, line: str) -> None:
    check(operator, typed, code, line)


@pytest.mark.parametrize(("typed", "code", "line"), UP_AND_EMPTY, ids=[typed for typed, _, _ in UP_AND_EMPTY])
def test_of_a_stack_that_was_just_made(operator: Operator, typed: str, code: int, line: str) -> None:
    before, arguments, after = typed.partition(" -- ")
    stack = "" if " promote " in typed else " --stack staging"
    check(operator, f"{before}{stack}{arguments}{after}", code, line)
