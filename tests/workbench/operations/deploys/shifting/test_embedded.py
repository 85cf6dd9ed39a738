"""Deployments that shift traffic, from the plan to the record, in the embedded AWS on a clock that waiting moves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from tests.workbench.operations.deploys.scripted import Listener
from tests.workbench.operations.failing import failed, failure, refused
from tests.workbench.sandbox.ecs.balancers import Balancer
from tests.workbench.sandbox.ecs.clocked import ClockedAws
from tests.workbench.sandbox.ecs.scenarios import Scenario, Stage, begin, ring
from tests.workbench.sandbox.ecs.services import CLUSTER, REGISTRY, REGISTRY_REGION
from tests.workbench.sandbox.network import Network
from workbench.aws.ecr.repositories import Ecr
from workbench.aws.ecs.service_deployments import ServiceDeployments
from workbench.aws.ecs.services import Ecs
from workbench.aws.ecs.task_definitions import TaskDefinitions
from workbench.aws.ecs.tasks import EcsTasks
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing
from workbench.aws.logs.events import Logs
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import Reason
from workbench.aws.ssm import Ssm
from workbench.operations.deploys.actions import ANSWER_PAUSE, DEPLOY, FOLLOW_SHIFT, TAKE_BACK
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.deploy import Choice, plan_deploy
from workbench.operations.deploys.execute import RolledOut, roll_out
from workbench.operations.deploys.rollout_plan import RolloutPlan
from workbench.operations.deploys.service import Deployable, RolloutAws, read_situation
from workbench.operations.deploys.shifting.answer import Answer, give, plan_answer
from workbench.operations.deploys.targets import serving_targets
from workbench.operations.deploys.waiting import awaited
from workbench.operations.status.screen import State
from workbench.operations.status.service import read_status
from workbench.operations.status.services import service_row
from workbench.sandbox.ecr.images import WORKING, Behaviour

BLUE_GREEN: dict[str, Any] = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 2, "alarms": {"rollback": True}}
CANARY: dict[str, Any] = {
    **BLUE_GREEN,
    "strategy": "CANARY",
    "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 3},
}
PAUSING: dict[str, Any] = {
    **BLUE_GREEN,
    "lifecycleHooks": [
        {
            "targetType": "PAUSE",
            "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
            "timeoutConfiguration": {"timeoutInMinutes": 5},
        }
    ],
}
BAKING = RolloutOptions(until="BAKE_TIME")


@dataclass
class Operated(Listener):
    """A service that an operator deploys to. Time goes by while a command sleeps."""

    aws: RolloutAws = field(kw_only=True)
    stage: Stage = field(kw_only=True)
    deployable: Deployable = field(kw_only=True)
    balancers: ElasticLoadBalancing = field(kw_only=True)
    acts: dict[str, Callable[[Stage], None]] = field(kw_only=True, default_factory=dict[str, Callable[[Stage], None]])

    def monotonic(self) -> float:
        return self.stage.aws.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.stage.aws.pass_seconds(min(seconds, 0.5))
        self.stage.arn = self.stage.newest()
        act = self.acts.pop(self.stage.seen()[1] or "", None)
        if act is not None:
            act(self.stage)

    def plan(self, tag: str, options: RolloutOptions | None = None) -> RolloutPlan:
        (image,) = (image for image in self.aws.ecr.images(self.stage.service.repository) if tag in image.tags)
        return plan_deploy(self.deployable, {"web": Choice(digest=image.digest)}, self.aws, options or RolloutOptions())

    def deploy(self, tag: str, options: RolloutOptions | None = None) -> RolledOut:
        return roll_out(self.plan(tag, options), self.aws, audience=self, clock=self)

    def answer(self, answer: Answer) -> RolledOut:
        plan = plan_answer(self.deployable, answer, self.aws)
        assert plan is not None
        return give(plan, self.aws, audience=self, clock=self)

    @property
    def shares(self) -> list[float]:
        """The shares of production traffic that new tasks had, each once."""
        told = [heard.shift.target.production_weight for heard in self.heard if heard.shift is not None]
        return list(dict.fromkeys(share for share in told if share is not None))

    @property
    def deploys(self) -> int:
        """How many deploys are recorded as healthy."""
        return len(read_situation(self.deployable, self.aws).deploys)

    @property
    def runs(self) -> str:
        return read_situation(self.deployable, self.aws).running.arn.rpartition(":")[2]


Made = Callable[..., Operated]


@pytest.fixture
def made(clock: ClockedAws, clocked_network: Network, balancer: Balancer) -> Made:
    def make(configuration: dict[str, Any], behaviour: Behaviour = WORKING) -> Operated:
        scenario = Scenario(configuration=configuration, seen=[], running={}, rollouts=[], behaviour=behaviour)
        stage = begin(clock, clocked_network, scenario, balancer.targets())
        connection = cast(Connection, _Connection(clock))
        name, repository = stage.service.name, stage.service.repository
        deployable = Deployable(
            stack="live",
            service=name,
            name=name,
            image_parameter=f"/images/{name}",
            log_group=f"/logs/{name}",
            repositories={"web": repository},
            registry=REGISTRY,
            tag_prefix="live",
            deployed_tag_prefix="deployed-live",
        )
        clock.client("ssm").put_parameter(
            Name=deployable.image_parameter, Value=f'{{"web":"{REGISTRY}/{repository}:one"}}', Type="String"
        )
        aws = RolloutAws(
            ecs=Ecs(connection, CLUSTER),
            service_deployments=ServiceDeployments(connection, CLUSTER),
            tasks=EcsTasks(connection, CLUSTER),
            task_definitions=TaskDefinitions(connection),
            ssm=Ssm(connection),
            ecr=Ecr(cast(Connection, _Connection(clock, REGISTRY_REGION))),
            secrets=SecretsManager(connection),
            logs=Logs(connection),
        )
        operated = Operated(aws=aws, stage=stage, deployable=deployable, balancers=ElasticLoadBalancing(connection))
        assert operated.plan("three").earlier_arn is not None
        return operated

    return make


@dataclass
class _Connection:
    """The clocked AWS in one region, as wrappers ask for it."""

    aws: ClockedAws
    region: str = "eu-west-1"

    def client(self, service: str, *, repeatable: bool = True) -> Any:
        del repeatable
        client = self.aws.client(service, self.region)
        client.meta.events.register("before-call", _note, unique_id="asked actions")
        return client


ASKED: set[str] = set()
"""The IAM actions of all calls that the wrappers made."""


def _note(model: Any, **_: Any) -> None:
    ASKED.add(f"{model.service_model.signing_name}:{model.name}")


def test_deploy_is_complete_after_the_bake_time_and_is_recorded(made: Made) -> None:
    shop = made(CANARY)
    plan = shop.plan("two")
    assert "as a canary, 3 minutes until all of the traffic is shifted, 2 minutes of bake time" in plan.lines()[3]
    # Ten minutes for pulling and draining, the health check three times over, and five minutes of waiting.
    assert (plan.timeout_seconds, plan.settling_seconds) == (600 + 3 * 90 + 300, 0)
    done = shop.deploy("two")
    assert (done.shift is not None and done.shift.status, done.tasks, shop.runs) == ("SUCCESSFUL", 2, "2")
    assert shop.shares == [0, 10, 100]
    assert shop.deploys == 2, "what ran before was recorded first"
    # The tasks that serve are in the other group now.
    (targets,) = serving_targets(read_situation(shop.deployable, shop.aws).service, shop.balancers).values()
    assert [target.state for target in targets if target.state != "draining"] == ["healthy", "healthy"]


def test_alarm_during_the_bake_time_is_a_rollback_and_no_success(made: Made) -> None:
    shop = made(BLUE_GREEN)
    shop.acts["BAKE_TIME"] = ring
    (headline,) = failed(shop.deploy, "two")
    name = shop.deployable.name
    assert headline == (
        f"{name}: {name}:2 failed and was rolled back; {name}:1 is wanted again "
        f"(Service deployment rolled back because of alarm(s) in ALARM state: {name})."
    )
    assert (shop.shares, shop.runs, shop.deploys) == ([0, 100], "1", 1)


def test_tasks_that_do_not_stay_are_given_up_without_a_circuit_breaker(made: Made) -> None:
    shop = made(BLUE_GREEN, Behaviour(crash=3, crash_after=0))
    lines = failed(shop.deploy, "two")
    name = shop.deployable.name
    assert lines[:2] == [
        f"{name}: {name}:2 does not stay up: 4 tasks failed.",
        f"It was rolled back; {name}:1 is wanted again.",
    ]
    assert (shop.shares, shop.runs, shop.deploys) == ([0], "1", 1)


def test_bake_time_can_be_left_alone_refuses_another_deploy_and_is_taken_back(made: Made) -> None:
    shop = made(BLUE_GREEN)
    done = shop.deploy("two", BAKING)
    name, id_ = shop.deployable.name, shop.stage.newest().rpartition("/")[2]
    assert done.shift is not None
    assert (done.shift.stage, done.goes_on[0]) == (
        "BAKE_TIME",
        f"{name}:2 ({id_}) goes on without this command; ECS rolls it back when one of its alarms rings.",
    )
    refusal = refused(shop.plan, "three")
    assert refusal[0] == f"{name} is left as it is:"
    assert refusal[1].startswith(f"  another deployment is under way ({id_}, {name}:2, since ")
    assert refusal[1].endswith(
        ", BAKE_TIME; production 100 % new, 0 % earlier; test 100 % new); wait for it, take it back with "
        f"`zelly service rollback {name} --stack live`, or supersede it with --force"
    )
    assert shop.plan("three", RolloutOptions(supersede=True)).waits_for is None
    status = read_status(shop.deployable, shop.aws, shop.balancers)
    row = service_row(status, shop.deployable)
    assert (row.state, "BAKE_TIME" in row.what) == (State.CHANGING, True)
    assert f"  alarms watched: {name}" in status.lines()
    assert status.document()["service_deployment"]["production_weight"] == 100
    back = shop.answer(Answer.STOP)
    assert (back.shift is not None and back.shift.status, shop.runs) == ("ROLLBACK_SUCCESSFUL", "1")
    assert shop.deploys == 1, "nothing of what was taken back is recorded"
    assert plan_answer(shop.deployable, Answer.STOP, shop.aws) is None


def test_deploy_after_a_rollback_that_was_only_asked_for_waits_for_it(made: Made) -> None:
    shop = made(BLUE_GREEN)
    shop.deploy("two", BAKING)
    shop.aws.service_deployments.roll_back(shop.stage.newest())
    plan = shop.plan("three")
    assert plan.waits_for is not None
    anew = awaited(plan, shop.aws, RolloutOptions(), audience=shop, clock=shop)
    assert (anew.waits_for, shop.runs) == (None, "1")
    roll_out(anew, shop.aws, audience=shop, clock=shop)
    assert read_situation(shop.deployable, shop.aws).running_images == anew.images


@pytest.mark.parametrize(
    ("answer", "status", "runs", "deploys"),
    [(Answer.CONTINUE, "SUCCESSFUL", "2", 2), (Answer.REFUSE, "ROLLBACK_SUCCESSFUL", "1", 1)],
)
def test_pause_is_answered_and_followed_to_its_end(
    made: Made, answer: Answer, status: str, runs: str, deploys: int
) -> None:
    shop = made(PAUSING)
    shop.deploy("two", RolloutOptions(until="POST_TEST_TRAFFIC_SHIFT"))
    done = shop.answer(answer)
    assert (done.shift is not None and done.shift.status, shop.runs, shop.deploys) == (status, runs, deploys)


def test_pause_is_told_with_who_continues_until_when_and_counts_as_no_waiting(made: Made) -> None:
    shop = made(PAUSING)
    (headline,) = failed(shop.deploy, "two")
    name = shop.deployable.name
    (told,) = shop.said
    assert told.startswith(f"{name} waits at POST_TEST_TRAFFIC_SHIFT for somebody to continue it, until 2026-")
    assert told.endswith(
        f"Z, then it is rolled back: `zelly service continue {name} --stack live` goes on, "
        f"`zelly service continue {name} --rollback --stack live` goes back"
    )
    assert f"{name}:2 failed and was rolled back; {name}:1 is wanted again" in headline


def test_commands_call_what_the_table_of_their_actions_says(made: Made) -> None:
    shop = made(PAUSING)
    ASKED.clear()
    shop.acts["BAKE_TIME"] = lambda stage: shop.aws.service_deployments.roll_back(stage.newest())
    shop.deploy("two", RolloutOptions(skip_secret_check=True, until="POST_TEST_TRAFFIC_SHIFT"))
    # The images of the embedded registry tell their architecture without a layer.
    assert (DEPLOY | FOLLOW_SHIFT) - {"ecr:GetDownloadUrlForLayer"} == ASKED
    ASKED.clear()
    failed(shop.answer, Answer.CONTINUE)
    assert ANSWER_PAUSE | TAKE_BACK <= ASKED <= DEPLOY | FOLLOW_SHIFT | TAKE_BACK | ANSWER_PAUSE


def test_service_is_read_without_the_right_to_its_deployments_and_not_deployed(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = made(BLUE_GREEN)
    denied = failure("ecs:ListServiceDeployments", Reason.DENIED)
    monkeypatch.setattr(shop.aws.service_deployments, "newest", _raising(denied))
    situation = read_situation(shop.deployable, shop.aws)
    assert (situation.shift, situation.is_steady) == (None, True)
    line = "ecs:ListServiceDeployments, it: Code: no"
    assert refused(shop.plan, "two")[1].startswith(f"  a deployment of it could not be followed: {line}")
    assert refused(plan_answer, shop.deployable, Answer.STOP, shop.aws)[0].startswith(f"{shop.deployable.name}: {line}")


def _raising(error: Exception) -> Callable[[str], None]:
    def read(_: str) -> None:
        raise error

    return read


def test_rollback_that_is_asked_for_too_late_changes_nothing_and_says_so(made: Made) -> None:
    shop = made(BLUE_GREEN)
    shop.deploy("two", BAKING)
    plan = plan_answer(shop.deployable, Answer.STOP, shop.aws)
    assert plan is not None
    shop.stage.aws.pass_seconds(3600)
    (line,) = failed(lambda: give(plan, shop.aws, audience=shop, clock=shop))
    assert line == f"{shop.deployable.name}: {shop.deployable.name}:2 was complete before it was rolled back"
