"""Changes of secrets that meet somebody else's, or end midway: what is written, what is said, what readers get."""

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from sample_infra.program import PROGRAM
from tests.workbench.aws.faults import answering, json_error
from tests.workbench.conftest import Operator
from tests.workbench.end_to_end.test_secret_changes import REGION, WEB, WORKER, empty, held
from tests.workbench.end_to_end.watched import WatchedConnection
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.secrets.changes import change_secrets, plan_changes


@pytest.fixture
def connection(operator: Operator) -> WatchedConnection:
    del operator  # its environment is what is wanted
    return WatchedConnection(REGION)


def test_somebody_elses_change_in_between_stays(connection: WatchedConnection, stored: Any) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {WORKER: {"ORIGINS": "mine"}, WEB: {"SESSION_KEY": "mine"}}, secrets)
    theirs = json.dumps({**empty(WORKER), "QUEUE_KEY": "theirs"})
    stored.put_secret_value(SecretId=WORKER, SecretString=theirs)
    with pytest.raises(OperationFailedError) as failed:
        change_secrets(plan, secrets)
    assert failed.value.lines == (
        f"secret {WORKER}: somebody else changed it in the meantime; theirs stays, yours was not written",
        f"Written: none. Not written: {WORKER}, {WEB}.",
        "Run the same command again: it writes only what differs by then.",
    )
    assert held(stored, WORKER) == json.loads(theirs)
    labels = stored.describe_secret(SecretId=WORKER)["VersionIdsToStages"]
    assert "ZELLY_WAITING" not in [label for labelled in labels.values() for label in labelled]


def test_failure_midway_says_what_was_written(connection: WatchedConnection, stored: Any) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {WORKER: {"ORIGINS": "mine"}, WEB: {"SESSION_KEY": "mine"}}, secrets)

    def deny_the_second(request: Any, **_: Any) -> Any:
        return json_error("AccessDeniedException", "not authorized") if WEB.encode() in request.body else None

    events = connection.clients["secretsmanager", True].meta.events
    events.register_first("before-send.secrets-manager.PutSecretValue", deny_the_second)
    with pytest.raises(OperationFailedError) as failed:
        change_secrets(plan, secrets)
    assert failed.value.lines == (
        f"secretsmanager:PutSecretValue, secret {WEB}: AccessDeniedException: not authorized (the "
        "credentials in use may not do this; `aws sts get-caller-identity` tells whose they are)",
        f"Written: {WORKER}. Not written: {WEB}.",
        "Run the same command again: it writes only what differs by then.",
    )
    assert (held(stored, WORKER)["ORIGINS"], held(stored, WEB)["SESSION_KEY"]) == ("mine", "")


def test_value_that_may_not_become_current_reaches_no_reader(connection: WatchedConnection, stored: Any) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {WORKER: {"ORIGINS": "mine"}}, secrets)
    denied = json_error("AccessDeniedException", "not authorized")
    with (
        answering(connection.clients["secretsmanager", True], "UpdateSecretVersionStage", denied),
        pytest.raises(OperationFailedError, match="secretsmanager:UpdateSecretVersionStage"),
    ):
        change_secrets(plan, secrets)
    current = stored.get_secret_value(SecretId=WORKER, VersionStage="AWSCURRENT")
    assert json.loads(current["SecretString"])["ORIGINS"] == ""


def test_lost_answer_to_the_move_counts_as_done(connection: WatchedConnection, stored: Any) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {WORKER: {"ORIGINS": "mine"}}, secrets)
    client = connection.clients["secretsmanager", True]
    lost: list[Exception] = [ReadTimeoutError(endpoint_url="https://secretsmanager")]

    def lose_the_answer(**_: Any) -> None:
        if lost:
            raise lost.pop()

    client.meta.events.register("after-call.secrets-manager.UpdateSecretVersionStage", lose_the_answer)
    with pytest.raises(OperationFailedError, match="whether it was carried out is not known"):
        change_secrets(plan, secrets)
    assert held(stored, WORKER)["ORIGINS"] == "mine"
    again = plan_changes(PROGRAM, {WORKER: {"ORIGINS": "mine"}}, secrets)
    assert again.pending == ()


def test_secret_that_is_to_be_deleted_or_absent_is_not_written(connection: WatchedConnection, stored: Any) -> None:
    stored.delete_secret(SecretId=WORKER, RecoveryWindowInDays=7)
    with pytest.raises(OperatorError) as refused:
        plan_changes(PROGRAM, {WORKER: {"ORIGINS": "x"}}, SecretVersions(connection))
    assert str(refused.value) == f"secret {WORKER}: to be deleted; `zelly secrets restore {WORKER}` keeps it"
    with pytest.raises(OperatorError) as refused:
        plan_changes(PROGRAM, {WORKER: {"ORIGINS": "x"}}, SecretVersions(WatchedConnection("us-east-1")))
    assert str(refused.value) == f"secret {WORKER}: not there; `pulumi up` makes it"
