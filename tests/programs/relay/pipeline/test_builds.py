"""Builds: the recorded pipelines run with their real scripts, on an agent whose programs are stand-ins."""

from collections.abc import Generator
from dataclasses import replace

import pytest

from relay_infra.catalog import SERVICES
from relay_infra.program import PROGRAM
from tests.programs.relay.pipeline.conftest import COMMIT
from tests.programs.relay.pipeline.recorded import RELAY, pipeline, stages
from tests.programs.relay.pipeline.runner import Build, lines
from tests.programs.relay.pipeline.stand_ins import StandIns
from tests.tools.commands import refused_by_zelly
from workbench import words

NAMES = [service.name for service in SERVICES]
TAG = f"sha-{COMMIT}"
WHOLE = ["up --detach --wait --wait-timeout 180", "run --rm tests", "logs --no-color --timestamps"]
DOWN = "down --volumes --remove-orphans --timeout 10"


def test_a_push_to_main_is_tested_built_once_pushed_deployed_and_asked_for(build: Build, agent: StandIns) -> None:
    build.run(pipeline("pipeline"))
    assert build.result == "SUCCESS", build.said
    assert build.stages == [stage.value for stage in stages(pipeline("pipeline"))]
    assert agent.calls("pnpm") == [
        "install --frozen-lockfile",
        "run lint",
        "run format:check",
        "run typecheck",
        "run test:unit",
        "run build",
        "install --frozen-lockfile",
        "run test:acceptance",
    ]
    # The images that are built are those that are tested, and those that are pushed.
    images = {f"{name.upper().replace('-', '_')}_IMAGE": f"relay/{name}:{TAG}" for name in NAMES}
    built = [call[call.index("--tag") + 1] for call, _ in agent.docker_calls if call[:2] == ["buildx", "build"]]
    assert built == list(images.values())
    (tested,) = [environment for call, environment in agent.docker_calls if "run" in call]
    assert tested == images
    assert agent.composed == [*WHOLE, DOWN]
    assert agent.left() == []
    project = "--project-name jenkins-relay-main-7"
    assert all(project in " ".join(call) for call, _ in agent.docker_calls if call[0] == "compose")
    said = agent.calls("relay")
    assert said[:1] == ["notify slack --event started"]
    assert said[1:4] == [
        f"image push {name} --context {build.workspace} --dockerfile {build.workspace}/services/{name}/Dockerfile "
        f"--built relay/{name}:{TAG} --also branch-main --stack preproduction"
        for name in NAMES
    ]
    # As the one role that may, and no other.
    assert said[4:7] == [
        f"deploy-preproduction: service deploy {name} --tag {TAG} --stack preproduction --skip-secret-check"
        for name in NAMES
    ]
    assert said[7:] == [
        "notify slack --event waiting --environment production",
        "notify monday --stage preproduction --state deployed",
        "notify sentry --environment preproduction",
    ]
    assert build.started == [("promotion", {"COMMIT": COMMIT, "BUILD": build.environment["BUILD_URL"]})]


@pytest.fixture
def of_relay(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Let ``relay`` be the word that was typed, in its own folder."""
    before = words.word()
    words.call_by(PROGRAM.name)
    monkeypatch.chdir(RELAY)
    yield
    words.call_by(before)


@pytest.mark.usefixtures("of_relay")
def test_every_command_is_one_that_relay_has(build: Build, agent: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMIT", COMMIT)
    monkeypatch.setenv("BUILD_URL", build.environment["BUILD_URL"])
    build.run_from("Push", pipeline("pipeline"))
    promoting(build, "ann").run(pipeline("promotion"))
    promoting(build, None).run(pipeline("promotion"))
    called = agent.words("relay")
    assert len(called) == 29
    said = {" ".join(words): refused_by_zelly(words) for words in called}
    assert {command: why for command, why in said.items() if why is not None} == {}


def test_another_branch_stops_after_its_push(build: Build, agent: StandIns) -> None:
    build.environment |= {"BRANCH_NAME": "feature/x", "NIGHTLY": "true"}
    build.run_from("Push", pipeline("pipeline"))
    assert build.stages == ["Push"]
    assert build.started == []
    (first, *_) = agent.calls("relay")
    assert "--also branch-feature-x-" in first
    assert "--also nightly-20" in first


def test_a_unit_test_that_fails_ends_the_build_before_anything_is_built(build: Build, agent: StandIns) -> None:
    agent.fail("pnpm", "test:unit")
    build.run(pipeline("pipeline"))
    assert (build.result, build.stages[-1]) == ("FAILURE", "Unit tests")
    assert agent.docker_calls == []
    assert agent.calls("relay") == ["notify slack --event started", "notify slack --event failed"]
    assert build.started == []


def test_integration_tests_that_fail_fail_the_build_and_leave_nothing(build: Build, agent: StandIns) -> None:
    agent.docker_is(tests=3)
    build.run_from("Integration tests", pipeline("pipeline"))
    assert (build.result, build.stages) == ("FAILURE", ["Integration tests"])
    # The tests' own, then those of taking it down and of telling.
    assert build.exit_codes == [3, 0, 0]
    assert agent.composed == [*WHOLE, DOWN]
    assert agent.left() == []
    assert (build.workspace / "reports" / "integration.log").read_text() == "what the containers said\n"
    # Nothing is pushed that was not tested.
    assert agent.calls("relay") == ["notify slack --event failed"]


def test_an_environment_that_is_not_healthy_runs_no_test_and_leaves_nothing(build: Build, agent: StandIns) -> None:
    agent.docker_is(unhealthy=True)
    build.run_from("Integration tests", pipeline("pipeline"))
    assert (build.result, build.stages) == ("FAILURE", ["Integration tests"])
    assert agent.composed == [WHOLE[0], WHOLE[2], DOWN]
    assert (agent.tests_run, agent.left()) == (False, [])
    assert "the integration environment is not healthy; no test ran." in build.said


def test_an_abort_during_the_integration_tests_leaves_nothing(build: Build, agent: StandIns) -> None:
    agent.docker_is(hanging=True)
    build = replace(build, abort_when=lambda: agent.tests_run)
    build.run_from("Integration tests", pipeline("pipeline"))
    assert (build.result, build.stages) == ("ABORTED", ["Integration tests"])
    assert agent.composed == [*WHOLE[:2], DOWN]
    assert agent.left() == []
    assert agent.calls("relay") == ["notify slack --event aborted"]


def test_a_deployment_that_is_rolled_back_ends_the_build_and_says_what_stands(build: Build, agent: StandIns) -> None:
    agent.fail("relay", "deploy callback-api", "notify")
    build.run_from("Deploy pre-production", pipeline("pipeline"))
    assert (build.result, build.stages) == ("FAILURE", ["Deploy pre-production"])
    assert build.started == []
    failed = f"`relay service deploy callback-api --tag {TAG} --stack preproduction --skip-secret-check` ended with 1"
    assert lines(build.said) == [
        "relay: no",
        failed,
        "deployed: send-api; failed: callback-api; not begun: delivery-worker",
        "relay: no",
        # A notification that fails is told, and fails nothing.
        "not told: `relay notify slack --event failed` ended with 1; the build goes on",
    ]
    assert build.scripts[-1] == ('"$RELAY_CI"/notify failed', "build")


def promoting(build: Build, answer: str | None) -> Build:
    return replace(build, answer=answer, environment={**build.environment, "COMMIT": COMMIT, "BUILD": "https://b/7"})


def test_a_promotion_asks_records_who_approved_and_deploys(build: Build, agent: StandIns) -> None:
    build = promoting(build, "ann").run(pipeline("promotion"))
    assert (build.result, build.stages) == ("SUCCESS", ["Approval", "Promote"]), build.said
    said = agent.calls("relay")
    assert said[:9] == [
        *(f"deploy-production: approval ask {name} --commit {COMMIT} --build https://b/7" for name in NAMES),
        *(f"deploy-production: approval give {name} --commit {COMMIT} --by ann" for name in NAMES),
        *(f"deploy-production: service promote {name} --commit {COMMIT} --yes --skip-secret-check" for name in NAMES),
    ]
    assert said[9:] == [
        "notify slack --event deployed --environment production",
        "notify monday --stage production --state deployed",
        "notify sentry --environment production",
    ]
    assert [label for _, label in build.scripts] == ["deploy-production", "deploy-production", "build"]


def test_an_approval_that_nobody_gives_promotes_nothing(build: Build, agent: StandIns) -> None:
    # Two were answered otherwise meanwhile.
    agent.fail("relay", "refuse send-api", "refuse callback-api")
    build = promoting(build, None).run(pipeline("promotion"))
    assert (build.result, build.stages) == ("ABORTED", ["Approval"])
    said = agent.calls("relay")[3:]
    assert [call.partition(" --")[0] for call in said] == [
        *(f"deploy-production: approval refuse {name}" for name in NAMES),
        "notify slack",
        "notify monday",
    ]
    assert "send-api: nothing refused; `relay approval refuse send-api" in build.said


def test_what_pre_production_does_not_run_any_more_is_not_asked_for(build: Build, agent: StandIns) -> None:
    agent.fail("relay", "approval ask")
    build = promoting(build, "ann").run(pipeline("promotion"))
    assert (build.result, build.stages) == ("FAILURE", ["Approval"])
    assert len(agent.calls("relay")) == 2
    assert "asked: none; failed: send-api; not begun: callback-api, delivery-worker" in build.said
