"""``zelly service deploy`` against the embedded AWS: what the operator sees and what state is left."""

import dataclasses
import json
from collections.abc import Iterator

import pytest

from tests.workbench.conftest import Completed, Operator, Up
from tests.workbench.end_to_end.rollouts import FOR_EVER, Shop
from tests.workbench.end_to_end.worker import GOES_ON, SECRET, label, plan, ready_to_deploy
from workbench.operations.deploys import waiting as rollout_wait


@pytest.fixture
def shop(up: Up, operator: Operator) -> Iterator[Shop]:
    yield from ready_to_deploy(up, operator)


def test_healthy(shop: Shop) -> None:
    before, recorded = shop.newest, len(shop.recorded)
    digest = shop.push("trial-0a000001")
    announced = plan(shop, "trial-0a000001", digest)
    assert shop.run("deploy", "--tag", "trial-0a000001") == Completed(
        exit_code=0,
        stdout=(f"sample-trial-worker runs worker {label('trial-0a000001', digest)} in REVISION+1, after N s.\n"),
        stderr=announced,
    )
    assert (shop.wanted, shop.registered) == (1, 1)
    assert shop.recorded[recorded:] == [{"worker": shop.image(digest)}]
    after = shop.newest
    of_a_revision = {"taskDefinitionArn", "revision", "registeredAt"}
    assert {member: value for member, value in after.items() if member not in of_a_revision} == {
        **{member: value for member, value in before.items() if member not in of_a_revision},
        "containerDefinitions": [{**before["containerDefinitions"][0], "image": shop.image(digest)}],
    }
    ecs = shop.client("ecs")
    tags = [ecs.list_tags_for_resource(resourceArn=known["taskDefinitionArn"])["tags"] for known in (before, after)]
    assert tags[0] == tags[1] != []


def test_result_and_plan_as_json(shop: Shop) -> None:
    digest = shop.push("trial-0a000002")
    dry = json.loads(shop.run("deploy", "--tag", "trial-0a000002", "--dry-run", "--json").stdout)
    before = label("trial-00d00000", shop.recorded[-1]["worker"].rpartition("@")[2])
    expiry = dry["plan"]["expiries"]["worker"]
    assert expiry == f"expires within {100 - shop.deployed_in_the_second_of(digest)} pushes of deployed-trial…"
    document = {
        "service": "worker",
        "changes": [{"container": "worker", "before": before, "after": label("trial-0a000002", digest)}],
        "images": {"worker": shop.image(digest)},
        "task_definition_before": "REVISION+0",
        "task_definition_source": "REVISION+0",
        "is_reused": False,
        "is_restart": False,
        "differences": [],
        "records_first": None,
        "notes": [],
        "tagged_as_deployed": [{"container": "worker", "tag": f"deployed-trial-{digest[7:19]}"}],
        "expiries": {"worker": expiry},
        "waits_for": None,
        "timeout_seconds": 915,
        "settling_seconds": 0,
    }
    assert dry == {"executed": False, "plan": document}
    assert (shop.wanted, shop.registered) == (0, 0)
    done = json.loads(shop.run("deploy", "--digest", digest, "--json").stdout)
    assert {**done, "seconds": 0} == {
        "executed": True,
        "stack": "trial",
        **document,
        "task_definition": "REVISION+1",
        "deployment": "DEPLOYMENT",
        "tasks": 1,
        "seconds": 0,
    }


def test_slow_is_left_and_recorded_by_the_next_deploy(shop: Shop) -> None:
    slow = shop.push("trial-0b000001", ready_after=10_000)
    recorded = shop.recorded
    announced = plan(shop, "trial-0b000001", slow)
    assert shop.run("deploy", "--tag", "trial-0b000001", "--timeout", "0") == Completed(
        exit_code=1,
        stdout="",
        stderr=f"{announced}sample-trial-worker: not complete after 0 seconds.\n{GOES_ON}",
    )
    assert (shop.wanted, shop.recorded) == (1, recorded)
    shop.until_complete()
    assert "  not recorded as deployed: the next deploy does it" in shop.run("status").stdout
    quick = shop.push("trial-0b000002")
    assert shop.run("deploy", "--tag", "trial-0b000002").stderr == (
        "sample-trial-worker, now REVISION+1:\n"
        f"  worker: {label('trial-0b000001', slow)} -> {label('trial-0b000002', quick)}\n"
        "  in a new revision made from REVISION+1\n"
        "  What runs now is not recorded as deployed; that is put right first.\n"
    )
    assert shop.recorded == [
        *recorded,
        {"worker": shop.image(slow)},
        {"worker": shop.image(quick)},
    ]


def test_rolled_back_by_the_circuit_breaker(shop: Shop) -> None:
    digest = shop.push("trial-0c000001", crash=3, log=("Error: no such module",))
    recorded = shop.recorded
    announced = plan(shop, "trial-0c000001", digest)
    completed = shop.run("deploy", "--tag", "trial-0c000001")
    # Here a rollback may be complete before anybody looks, and then ECS gives no reason any more.
    reason = " (ECS deployment circuit breaker: tasks failed to start)"
    assert dataclasses.replace(completed, stderr=completed.stderr.replace(reason, "")) == Completed(
        exit_code=1,
        stdout="",
        stderr=(
            f"{announced}sample-trial-worker: REVISION+1 failed and was rolled back; REVISION+0 is wanted "
            "again.\n"
            "Stopped 3 times: Essential container in task exited\n"
            "Container worker of task TASK, exit code 3\n"
            "The end of its log (/sample/ecs/worker, worker/worker/TASK):\n"
            "  Error: no such module\n"
        ),
    )
    assert (shop.wanted, shop.registered, shop.recorded) == (0, 1, recorded)


def test_what_a_failed_deploy_left_in_the_template_does_not_come_along(shop: Shop) -> None:
    shop.push("trial-0c000002", crash=1)
    assert shop.run("deploy", "--tag", "trial-0c000002").exit_code == 1
    shop.until_complete()
    assert shop.run("status").stdout.splitlines()[2] == "  revision REVISION+0, as its template"
    # As `pulumi up` does it: the image is the recorded one.
    shop.change_template(cpu="1024", memory="2048")
    assert shop.newest["containerDefinitions"][0]["image"] == shop.recorded[-1]["worker"]
    status = shop.run("status").stdout.splitlines()
    assert status[2:5] == [
        "  revision REVISION+0, behind its template REVISION+2: a deploy brings",
        "    cpu: 512 -> 1024",
        "    memory: 1024 -> 2048",
    ]
    digest = shop.push("trial-0c000003")
    deployed = shop.run("deploy", "--tag", "trial-0c000003")
    assert deployed.stderr.splitlines()[2:] == [
        "  in a new revision made from REVISION+2",
        "  and, against REVISION+0:",
        "    cpu: 512 -> 1024",
        "    memory: 1024 -> 2048",
    ]
    assert (shop.wanted, shop.newest["cpu"], shop.recorded[-1]) == (3, "1024", {"worker": shop.image(digest)})
    shop.change_template(cpu="512", memory="1024")


def test_a_second_deploy_is_refused_while_one_is_under_way_unless_forced(shop: Shop) -> None:
    shop.push("trial-0e000002", ready_after=FOR_EVER)
    assert shop.run("deploy", "--tag", "trial-0e000002", "--timeout", "0").exit_code == 1
    assert shop.run("deploy", "--tag", "trial-00d00000") == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            "sample-trial-worker is left as it is:\n"
            "  another deployment is under way (DEPLOYMENT, REVISION+1, since TIME); wait for it, or supersede it with "
            "--force\n"
        ),
    )
    assert (shop.wanted, shop.registered) == (1, 1)
    assert shop.run("deploy", "--tag", "trial-00d00000", "--force").exit_code == 0


@pytest.fixture
def returning(up: Up, operator: Operator) -> Iterator[Shop]:
    """worker, whose last deploy failed, on its way back to what was healthy: its task takes long to be ready."""
    for made in ready_to_deploy(up, operator):
        made.push("trial-12000001", ready_after=40_000)
        assert made.run("deploy", "--tag", "trial-12000001").exit_code == 0
        made.push("trial-12000002", crash=1)
        assert made.run("deploy", "--tag", "trial-12000002", "--no-rollback").exit_code == 1
        made.until(lambda made=made: "circuit breaker" in made.described["deployments"][0]["rolloutStateReason"])
        yield made
        made.until_complete()


def test_the_corrected_deploy_waits_for_the_way_back(returning: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = returning
    monkeypatch.setattr(rollout_wait, "_PAUSE_SECONDS", 0.2)
    digest = shop.push("trial-12000003")
    done = shop.run("deploy", "--tag", "trial-12000003")
    assert (done.exit_code, shop.recorded[-1]) == (0, {"worker": shop.image(digest)})
    assert [line for line in done.stderr.splitlines() if "waited for" in line] == [
        "  First REVISION+1 is waited for, which was healthy and which ECS goes back to (DEPLOYMENT, since TIME): "
        "915 s at most.",
        "sample-trial-worker goes back to REVISION+1 (DEPLOYMENT): 1 of 1 tasks run, 0 s; waited for 915 s at "
        "most, Ctrl-C changes nothing",
    ]


def test_everything_that_is_wrong_is_said_together_before_anything_is_changed(shop: Shop) -> None:
    secrets = shop.client("secretsmanager")
    secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps({"ORIGINS": ""}))
    shop.push("trial-0f000001", arm=True)
    assert shop.run("deploy", "--tag", "trial-0f000001") == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            "sample-trial-worker is left as it is:\n"
            "  worker: the image is built for arm64; allowed: amd64, as the task definition says X86_64\n"
            f"  secret {SECRET}, needed by worker: ORIGINS empty\n"
            f"  secret {SECRET}, needed by worker: QUEUE_KEY missing\n"
        ),
    )
    assert (shop.wanted, shop.registered) == (0, 0)


def test_image_missing(shop: Shop) -> None:
    completed = shop.run("deploy", "--tag", "trial-ffffffff")
    headline, problem = completed.stderr.splitlines()
    assert (completed.exit_code, completed.stdout) == (2, "")
    assert headline == "sample-trial-worker is left as it is:"
    assert problem.startswith(
        "  worker: no image trial-ffffffff in sample/worker; the newest tags of trial there: trial-"
    )
    assert (shop.wanted, shop.registered) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "--tag, --digest, --image: one of them is required"),
        (("--tag", "trial-1", "--digest", "sha256:0"), "--tag, --digest: came both; allowed: one of them"),
        (
            ("--tag", "trial-1", "--image", "worker=trial-1"),
            "--image: came with --container, --tag or --digest; allowed: alone, once a container",
        ),
        (("--image", "trial-1"), "--image: came trial-1; allowed: CONTAINER=TAG or CONTAINER=sha256:…"),
        (("--image", "app=trial-1"), "--image: came app; allowed for worker: worker"),
        (
            ("--image", "worker=trial-1", "--image", "worker=trial-2"),
            "--image: came worker twice; allowed: once a container",
        ),
        (
            ("--image", "worker=live-1"),
            "--image: came live-1; allowed in trial: trial-…; `zelly service promote` brings an image from "
            "another stack",
        ),
        (
            ("--tag", "live-1a2b3c4d"),
            "--tag: came live-1a2b3c4d; allowed in trial: trial-…; `zelly service promote` brings an image from "
            "another stack",
        ),
        (
            ("--tag", "trial-1", "--container", "app"),
            "--container: came app; allowed for worker: worker",
        ),
    ],
)
def test_bad_choice_is_one_line(shop: Shop, arguments: tuple[str, ...], line: str) -> None:
    assert shop.run("deploy", *arguments) == Completed(exit_code=2, stdout="", stderr=f"{line}\n")


def test_a_stopped_service_is_not_deployed_to(shop: Shop) -> None:
    ecs = shop.client("ecs")
    ecs.update_service(cluster="sample-trial", service=shop.name, desiredCount=0)
    completed = shop.run("deploy", "--tag", "trial-00d00000")
    ecs.update_service(cluster="sample-trial", service=shop.name, desiredCount=1)
    assert completed == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            "sample-trial-worker is left as it is:\n"
            "  0 tasks are wanted: nothing would start, and nothing would show whether the image works; first "
            "`zelly service scale worker --tasks 1 --stack trial`\n"
        ),
    )


def test_third_party_images_are_not_deployed(operator: Operator) -> None:
    assert operator.run("service", "deploy", "tools", "--tag", "trial-1", "-s", "trial") == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            "service: tools has no image of the platform's own; its images stand in Pulumi.trial.yaml, and "
            "`pulumi up` rolls them out\n"
        ),
    )
