"""Carrying a rollout out, step by step: what is done, what is said and what is left when something breaks."""

import dataclasses
from collections.abc import Sequence

import pytest

from tests.workbench.operations.clocks import FakeClock
from tests.workbench.operations.deploys.scripted import Answer, Listener, Script
from tests.workbench.operations.failing import failed, failure, interrupted, refused
from tests.workbench.operations.seen import D, arn, exited, service
from tests.workbench.operations.shop import DEPLOYABLE, Shop
from workbench.aws.shared.errors import Reason
from workbench.errors import OperationFailedError
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.deploy import Choice, plan_deploy
from workbench.operations.deploys.execute import RolledOut, mark, roll_out
from workbench.operations.deploys.rollout_plan import RolloutPlan
from workbench.operations.deploys.watch import Progress

PLAN = RolloutPlan(
    deployable=DEPLOYABLE,
    changes=(),
    images={"api": "registry/shop/api@sha256:2"},
    source_arn=arn(7),
    is_reused=False,
    is_restart=False,
    registered={"containerDefinitions": [{"name": "api", "image": "registry/shop/api@sha256:2"}]},
    tags=({"key": "environment", "value": "staging"},),
    running_arn=arn(5),
    running_deployment_id="ecs-svc/1",
    earlier_arn=arn(5),
    differences=(),
    unrecorded=None,
    notes=(),
    marks=(),
    expiries={"api": None},
    waits_for=None,
    wait_seconds=900,
    timeout_seconds=900,
    settling_seconds=0,
)
BEFORE = D(id="ecs-svc/1", revision=5, state="COMPLETED", running=1)
STANDING = service(BEFORE)
BEGUN = service(D(), BEFORE)
COMPLETE = service(D(state="COMPLETED", running=1))
REGISTER = ("register", "registry/shop/api@sha256:2", "[{'key': 'environment', 'value': 'staging'}]")
DEPLOY = ("deploy", "shop-api", "shop-api:8")
PUT_BACK = ("deploy", "shop-api", "shop-api:5")
RECORD = ("put", "/shop/api/images", '{"api":"registry/shop/api@sha256:2"}')
STATUS = "zelly service status api --stack staging"
GOES_ON = (
    "shop-api:8 (ecs-svc/2) goes on without this command; ECS's circuit breaker rolls it back if it fails.",
    f"Follow it with `{STATUS}`, abort it with `zelly service rollback api --stack staging`.",
    "Once it is complete, the next deploy, rollback or promote records its images; until then `pulumi up` would put "
    "the earlier ones into the template.",
)
EVIDENCE = (
    "Stopped 3 times: Essential container in task exited",
    "Container api of task task3, exit code 1",
    "It wrote nothing to /shop/api, api/api/task3.",
)
BREAKER = "ECS deployment circuit breaker: tasks failed to start"
CRASHED = (exited(1), exited(2), exited(3))


def script(*looks: Answer, deploys: Sequence[Answer] = (BEGUN,), **given: object) -> Script:
    """Return a script that registers revision 8; the first look is the one before anything is done."""
    return dataclasses.replace(Script(looks=[STANDING, *looks], deploys=list(deploys), register=arn(8)), **given)


def carried_out(
    given: Script, plan: RolloutPlan = PLAN, *, put_back: bool = True, clock: FakeClock | None = None
) -> RolledOut:
    return roll_out(plan, given.aws, audience=Listener(), put_back=put_back, clock=clock or FakeClock())


def test_a_rollout_registers_updates_watches_and_then_records() -> None:
    given = script(BEGUN, BEGUN, COMPLETE)
    clock = FakeClock()
    assert carried_out(given, clock=clock) == RolledOut(
        task_definition_arn=arn(8), deployment_id="ecs-svc/2", tasks=1, seconds=1.25
    )
    assert given.done == [REGISTER, DEPLOY, RECORD]
    assert clock.sleeps == [0.5, 0.75]


def test_pauses_grow_to_five_seconds() -> None:
    clock = FakeClock()
    carried_out(script(*[BEGUN] * 9, COMPLETE), clock=clock)
    assert [round(pause, 2) for pause in clock.sleeps] == [0.5, 0.75, 1.12, 1.69, 2.53, 3.8, 5, 5, 5]


def test_progress_is_told_with_every_look() -> None:
    listener = Listener()
    given = script(service(D(failed=1), BEFORE), COMPLETE)
    roll_out(PLAN, given.aws, audience=listener, clock=FakeClock())
    assert listener.heard == [
        Progress(seconds=0, running=0, desired=1, failed=1, earlier_running=1),
        Progress(seconds=0.5, running=1, desired=1, failed=0, earlier_running=0),
    ]
    assert listener.said == []


def test_what_runs_unrecorded_is_recorded_before_anything_else() -> None:
    given = script(COMPLETE)
    carried_out(given, dataclasses.replace(PLAN, unrecorded={"api": "registry/shop/api@sha256:1"}))
    assert given.done == [("put", "/shop/api/images", '{"api":"registry/shop/api@sha256:1"}'), REGISTER, DEPLOY, RECORD]


def test_a_revision_that_is_reused_is_not_registered_again() -> None:
    given = script(COMPLETE)
    carried_out(given, dataclasses.replace(PLAN, is_reused=True, source_arn=arn(8)))
    assert given.done == [DEPLOY, RECORD]


@pytest.mark.parametrize(
    ("now", "what"),
    [
        (service(D(id="ecs-svc/9", revision=9), BEFORE), "shop-api:9 (ecs-svc/9) began"),
        (None, "it was deleted"),
    ],
)
def test_nothing_is_changed_when_another_deployment_began_after_the_plan(now: Answer, what: str) -> None:
    given = Script(looks=[now], deploys=[])
    assert refused(carried_out, given) == [
        f"shop-api is left as it is: {what} after this was planned; run the command again"
    ]
    assert given.done == []


@pytest.mark.parametrize("reason", [Reason.DENIED, Reason.UNREACHABLE])
def test_a_revision_that_could_not_be_registered_leaves_the_service_alone(reason: Reason) -> None:
    error = failure("ecs:RegisterTaskDefinition", reason)
    given = script(register=error)
    assert failed(carried_out, given) == [
        str(error),
        "shop-api runs what it ran; at most a revision is left in its family that nothing uses. Run it again.",
    ]
    assert given.done == [REGISTER]


@pytest.mark.parametrize(
    ("reason", "left"),
    [
        (Reason.DENIED, "shop-api runs what it ran; shop-api:8 is registered and unused. Run it again."),
        (
            Reason.UNREACHABLE,
            f"Whether shop-api was given shop-api:8 is not known; `{STATUS}` tells.",
        ),
    ],
)
def test_an_update_that_failed_says_what_is_known(reason: Reason, left: str) -> None:
    error = failure("ecs:UpdateService", reason)
    given = script(deploys=[error])
    assert failed(carried_out, given) == [str(error), left]
    assert given.done == [REGISTER, DEPLOY]


def test_ctrl_c_during_the_update_says_that_it_is_not_known() -> None:
    assert interrupted(carried_out, script(deploys=[KeyboardInterrupt()])) == [
        "Interrupted.",
        f"Whether shop-api was given shop-api:8 is not known; `{STATUS}` tells.",
    ]


def test_of_two_deploys_at_the_same_time_the_one_that_lost_finds_out() -> None:
    given = script(deploys=[service(D(id="ecs-svc/9", revision=9), D(), BEFORE)])
    assert failed(carried_out, given) == [
        f"shop-api: superseded at once: shop-api:9 is wanted, not shop-api:8; `{STATUS}` tells",
    ]
    assert given.done == [REGISTER, DEPLOY]


def test_superseded_while_watching() -> None:
    given = script(BEGUN, service(D(id="ecs-svc/9", revision=9), D(), BEFORE))
    assert failed(carried_out, given) == [
        "shop-api: shop-api:8 was superseded by shop-api:9 (ecs-svc/9, since 2026-05-04T12:00:00Z), which somebody "
        "else asked for.",
        f"This command recorded nothing; `{STATUS}` shows how the other one goes.",
    ]
    assert given.done == [REGISTER, DEPLOY]


def test_rolled_back_by_the_circuit_breaker() -> None:
    given = script(
        service(D(id="ecs-svc/3", revision=5), D(state="FAILED", failed=3, reason=f"{BREAKER}.")),
        stopped=CRASHED,
    )
    assert failed(carried_out, given) == [
        f"shop-api: shop-api:8 failed and was rolled back; shop-api:5 is wanted again ({BREAKER}).",
        *EVIDENCE,
    ]
    assert given.done == [REGISTER, DEPLOY]


def test_given_up_with_nothing_to_roll_back_to() -> None:
    given = script(service(D(state="FAILED", failed=3, reason="tasks failed to start.")), stopped=CRASHED)
    assert failed(carried_out, given) == [
        "shop-api: shop-api:8 failed, and ECS starts no more tasks of it (tasks failed to start); nothing was rolled "
        "back.",
        *EVIDENCE,
    ]


CRASH = "shop-api: shop-api:8 does not stay up: 3 tasks failed."


def test_a_crash_loop_is_put_back_without_waiting_for_the_breaker() -> None:
    given = script(BEGUN, stopped=CRASHED, deploys=[BEGUN, STANDING])
    assert failed(carried_out, given) == [
        CRASH,
        f"shop-api:5 is wanted again; `{STATUS}` shows how far it is.",
        *EVIDENCE,
    ]
    assert given.done == [REGISTER, DEPLOY, PUT_BACK]


def test_tasks_without_a_check_have_to_stay_up_for_a_while() -> None:
    clock, given = FakeClock(), script(COMPLETE)
    carried_out(given, dataclasses.replace(PLAN, settling_seconds=30), clock=clock)
    assert 30 <= clock.seconds < 35
    assert given.done == [REGISTER, DEPLOY, RECORD]


def test_a_crash_loop_is_left_when_that_was_asked_for() -> None:
    given = script(BEGUN, stopped=CRASHED)
    assert failed(carried_out, given, put_back=False) == [
        CRASH,
        "It is left so (--no-rollback); ECS's circuit breaker may still roll it back.",
        *EVIDENCE,
    ]
    assert given.done == [REGISTER, DEPLOY]


def test_a_crash_loop_of_a_first_deploy_has_nothing_to_go_back_to() -> None:
    given = script(service(D()), stopped=CRASHED)
    plan = dataclasses.replace(PLAN, earlier_arn=None)
    assert failed(carried_out, given, plan=plan) == [
        CRASH,
        "There is no earlier revision that ran: deploy another image.",
        *EVIDENCE,
    ]
    assert given.done == [REGISTER, DEPLOY]


def test_nothing_is_put_back_over_somebody_elses_deployment() -> None:
    given = script(BEGUN, service(D(id="ecs-svc/9", revision=9), D(), BEFORE), stopped=CRASHED)
    assert failed(carried_out, given) == [
        CRASH,
        "Another deployment was begun meanwhile, so that nothing was put back.",
        *EVIDENCE,
    ]
    assert given.done == [REGISTER, DEPLOY]


def test_what_could_not_be_put_back_is_said_with_the_command_that_does_it() -> None:
    error = failure("ecs:UpdateService", Reason.THROTTLED)
    given = script(BEGUN, stopped=CRASHED, deploys=[BEGUN, error])
    assert failed(carried_out, given) == [
        CRASH,
        f"shop-api:5 could not be put back: {error}",
        "Do it with `zelly service rollback api --to 5 --stack staging`.",
        *EVIDENCE,
    ]


def test_a_deleted_service_is_said_to_be_deleted() -> None:
    assert failed(carried_out, script(BEGUN, None)) == [
        "shop-api was deleted while shop-api:8 was rolled out.",
    ]


def test_a_slow_rollout_is_left_when_its_time_is_over() -> None:
    clock, given = FakeClock(), script(BEGUN)
    with pytest.raises(OperationFailedError) as raised:
        carried_out(given, clock=clock)
    assert raised.value.lines == ("shop-api: not complete after 900 seconds.", *GOES_ON)
    assert 900 <= clock.seconds < 905
    assert given.done == [REGISTER, DEPLOY]


@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.UNREACHABLE])
def test_looks_that_fail_in_passing_are_made_again(reason: Reason) -> None:
    error = failure("ecs:DescribeServices", reason)
    clock, listener, given = FakeClock(), Listener(), script(BEGUN, error, error, error, BEGUN, error, COMPLETE)
    roll_out(PLAN, given.aws, audience=listener, clock=clock)
    assert listener.said == [f"{error}; still watching"] * 2, "once each time that it begins"
    assert clock.sleeps == [0.5, 1, 2, 4, 0.75, 1]
    assert given.done == [REGISTER, DEPLOY, RECORD]


def test_a_connection_that_stays_lost_is_given_up_after_five_minutes() -> None:
    error = failure("ecs:DescribeServices", Reason.UNREACHABLE, "EndpointConnectionError")
    clock, given = FakeClock(), script(BEGUN, error)
    with pytest.raises(OperationFailedError) as raised:
        carried_out(given, clock=clock)
    assert raised.value.lines == (str(error), *GOES_ON)
    assert 300 <= clock.seconds <= 331
    assert given.done == [REGISTER, DEPLOY]


@pytest.mark.parametrize("reason", [Reason.CREDENTIALS, Reason.DENIED, Reason.REFUSED])
def test_looks_that_will_not_succeed_end_the_watching_at_once(reason: Reason) -> None:
    error = failure("ecs:DescribeServices", reason, "ExpiredTokenException")
    clock, given = FakeClock(), script(BEGUN, error)
    with pytest.raises(OperationFailedError) as raised:
        carried_out(given, clock=clock)
    assert raised.value.lines == (str(error), *GOES_ON)
    assert clock.sleeps == [0.5]


def test_ctrl_c_while_watching_says_what_goes_on() -> None:
    given = script(BEGUN, KeyboardInterrupt())
    assert interrupted(carried_out, given) == ["Interrupted.", *GOES_ON]
    assert given.done == [REGISTER, DEPLOY]


def test_a_rollout_that_could_not_be_recorded_is_said_to_run() -> None:
    error = failure("ssm:PutParameter", Reason.CREDENTIALS)
    given = script(COMPLETE, record=error)
    assert failed(carried_out, given) == [
        str(error),
        "shop-api runs shop-api:8, every task is healthy; but /shop/api/images does not say so yet.",
        "The next deploy, rollback or promote puts that right; until then `pulumi up` would put the earlier images "
        "into the template.",
    ]
    assert given.done == [REGISTER, DEPLOY, RECORD]


def test_progress_of_a_deployment_that_ecs_forgot_is_nothing() -> None:
    listener = Listener()
    given = script(service(D(id="ecs-svc/9", revision=9, running=2)))
    with pytest.raises(OperationFailedError):
        roll_out(PLAN, given.aws, audience=listener, clock=FakeClock())
    last = listener.heard[-1]
    assert (last.running, last.desired, last.failed, last.earlier_running) == (0, 0, 0, 2)


def marked(shop: Shop) -> list[str]:
    listener = Listener()
    plan = plan_deploy(DEPLOYABLE, {"api": Choice(tag="staging-c")}, shop.aws, RolloutOptions())
    mark(plan, shop.aws, listener)
    return listener.said


def test_what_is_deployed_is_tagged() -> None:
    shop = Shop()
    assert (marked(shop), shop.done) == ([], [("shop/api", "c", f"deployed-staging-{'c' * 12}")])


def test_tag_that_is_forbidden_is_told_and_any_other_failure_ends_it() -> None:
    denied = failure("ecr:PutImage", Reason.DENIED, "AccessDenied")
    assert marked(Shop(tagging=denied)) == [
        f"api: the image is not tagged as deployed (deployed-staging-{'c' * 12}): {denied}"
    ]
    assert (
        failed(marked, Shop(tagging=failure("ecr:PutImage", Reason.REFUSED, "Other")))[-1]
        == "shop-api runs what it ran. Run it again."
    )
