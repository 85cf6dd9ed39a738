"""``zelly service deploy`` when something happens on the way to AWS: what the operator sees and what state is left."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.workbench.conftest import Completed, Operator, Up
from tests.workbench.end_to_end.rollouts import FOR_EVER, Interference, Shop, does, raises, refuses
from tests.workbench.end_to_end.worker import GOES_ON, interfered_with, plan, ready_to_deploy


@pytest.fixture
def shop(up: Up, operator: Operator) -> Iterator[Shop]:
    yield from ready_to_deploy(up, operator)


@pytest.fixture
def interference(monkeypatch: pytest.MonkeyPatch) -> Interference:
    return interfered_with(monkeypatch)


def test_superseded_by_another_deploy(shop: Shop, interference: Interference) -> None:
    digest = shop.push("trial-0e000001", ready_after=FOR_EVER)
    recorded = shop.recorded
    announced = plan(shop, "trial-0e000001", digest)
    # By the third look of the command somebody else has registered and wants another revision.
    interference.on(
        "ecs.DescribeServices", None, None, None, does(lambda: (shop.change_template(), shop.want(2))), None
    )
    assert shop.run("deploy", "--tag", "trial-0e000001") == Completed(
        exit_code=1,
        stdout="",
        stderr=(
            f"{announced}sample-trial-worker: REVISION+1 was superseded by REVISION+2 (DEPLOYMENT, since "
            "TIME), which somebody else asked for.\n"
            "This command recorded nothing; `zelly service status worker --stack trial` shows how the other "
            "one goes.\n"
        ),
    )
    assert (shop.wanted, shop.recorded) == (2, recorded)


def test_secrets_that_may_not_be_read_stop_it_unless_it_is_told(shop: Shop, interference: Interference) -> None:
    shop.push("trial-0f000002")
    interference.on("secrets-manager.GetSecretValue", refuses("AccessDeniedException"))
    refused = shop.run("deploy", "--tag", "trial-0f000002")
    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert refused.stderr.startswith("secretsmanager:GetSecretValue, secret arn:aws:secretsmanager:eu-west-1:")
    assert refused.stderr.endswith(
        ": these credentials may not read it, so that no secret can be checked; --skip-secret-check goes on without\n"
    )
    assert (shop.wanted, shop.registered) == (0, 0)
    told = shop.run("deploy", "--tag", "trial-0f000002", "--skip-secret-check")
    assert (told.exit_code, told.stderr.splitlines()[-1]) == (
        0,
        "SECRETS NOT CHECKED (--skip-secret-check): a task whose secret lacks a key does not start.",
    )


@pytest.mark.parametrize(
    ("action", "target", "left", "registered"),
    [
        (
            "RegisterTaskDefinition",
            "family",
            "sample-trial-worker runs what it ran; at most a revision is left in its family that nothing uses. "
            "Run it again.",
            0,
        ),
        (
            "UpdateService",
            "service",
            "sample-trial-worker runs what it ran; REVISION+1 is registered and unused. Run it again.",
            1,
        ),
    ],
)
def test_access_denied(  # noqa: PLR0917 (two fixtures and a row)
    shop: Shop, interference: Interference, action: str, target: str, left: str, registered: int
) -> None:
    digest = shop.push("trial-10000001")
    recorded = shop.recorded
    interference.on(f"ecs.{action}", refuses("AccessDeniedException", "not authorized"))
    assert shop.run("deploy", "--tag", "trial-10000001") == Completed(
        exit_code=1,
        stdout="",
        stderr=(
            f"{plan(shop, 'trial-10000001', digest)}ecs:{action}, {target} {shop.name}: AccessDenied"
            f"Exception: not authorized (the credentials in use may not do this; `aws sts get-caller-identity` tells "
            f"whose they are)\n{left}\n"
        ),
    )
    assert (shop.wanted, shop.registered, shop.recorded) == (0, registered, recorded)


def test_throttled_looks_are_waited_for(shop: Shop, interference: Interference) -> None:
    digest = shop.push("trial-11000001")
    announced = plan(shop, "trial-11000001", digest)
    throttled = refuses("ThrottlingException", "Rate exceeded")
    interference.on("ecs.DescribeServices", None, None, throttled, None)
    completed = shop.run("deploy", "--tag", "trial-11000001")
    assert (completed.exit_code, completed.stderr) == (
        0,
        f"{announced}ecs:DescribeServices, cluster sample-trial: ThrottlingException: Rate exceeded (AWS asks for "
        "fewer calls; wait a minute and run the same command again); still watching\n",
    )
    assert shop.recorded[-1] == {"worker": shop.image(digest)}


@pytest.mark.parametrize(
    ("happening", "said"),
    [
        (
            refuses("ExpiredTokenException", "The security token included in the request is expired"),
            "ecs:DescribeServices, cluster sample-trial: ExpiredTokenException: The security token included in the "
            "request is expired (log in again (e.g. aws sso login), or name a profile with --profile or AWS_PROFILE)\n",
        ),
        (
            raises(EndpointConnectionError(endpoint_url="https://ecs")),
            "ecs:DescribeServices, cluster sample-trial: EndpointConnectionError: Could not connect to the endpoint "
            'URL: "https://ecs" (no answer came; whether it was carried out is not known)\n',
        ),
    ],
    ids=["credentials expired", "connection lost"],
)
def test_midway(
    shop: Shop, interference: Interference, monkeypatch: pytest.MonkeyPatch, happening: Any, said: str
) -> None:
    monkeypatch.setattr("workbench.operations.deploys.watch.WITHOUT_ANSWER_SECONDS", 0)
    digest = shop.push("trial-14000001", ready_after=FOR_EVER)
    recorded = shop.recorded
    announced = plan(shop, "trial-14000001", digest)
    interference.on("ecs.DescribeServices", None, None, None, happening)
    assert shop.run("deploy", "--tag", "trial-14000001") == Completed(
        exit_code=1, stdout="", stderr=f"{announced}{said}{GOES_ON}"
    )
    assert (shop.wanted, shop.recorded) == (1, recorded)


def test_ctrl_c_midway(shop: Shop, interference: Interference) -> None:
    digest = shop.push("trial-13000001", ready_after=FOR_EVER)
    recorded = shop.recorded
    announced = plan(shop, "trial-13000001", digest)
    interference.on("ecs.DescribeServices", None, None, None, raises(KeyboardInterrupt()))
    assert shop.run("deploy", "--tag", "trial-13000001") == Completed(
        exit_code=130, stdout="", stderr=f"{announced}Interrupted.\n{GOES_ON}"
    )
    assert (shop.wanted, shop.recorded) == (1, recorded)
