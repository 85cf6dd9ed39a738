"""Changes of secrets that meet somebody else's, or end midway: what is written, what is said, what readers get."""

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.workbench.aws.faults import answering, json_error
from tests.workbench.end_to_end.conftest import Operator
from tests.workbench.end_to_end.test_secret_changes import NOVA, ORION, REGION, empty, held
from tests.workbench.end_to_end.watched import WatchedConnection
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.secrets.changes import change_secrets, plan_changes
from zelly_infra.program import PROGRAM


@pytest.fixture
def connection(operator: Operator) -> WatchedConnection:
    del operator  # its environment is what is wanted
    return WatchedConnection(REGION)


def test_somebody_elses_change_in_between_stays(connection: WatchedConnection, stored: Any) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {ORION: {"CORS_ORIGINS": "mine"}, NOVA: {"JWT_SECRET": "mine"}}, secrets)
    theirs = json.dumps({**empty(ORION), "JWT_SECRET_KEY": "theirs"})
    stored.put_secret_value(SecretId=ORION, SecretString=theirs)
    with pytest.raises(OperationFailedError) as failed:
        change_secrets(plan, secrets)
    assert failed.value.lines == (
        f"secret {ORION}: somebody else changed it in the meantime; theirs stays, yours was not written",
        f"Written: none. Not written: {ORION}, {NOVA}.",
        "Run the same command again: it writes only what differs by then.",
    )
    assert held(stored, ORION) == json.loads(theirs)
    labels = stored.describe_secret(SecretId=ORION)["VersionIdsToStages"]
    assert "ZELLY_WAITING" not in [label for labelled in labels.values() for label in labelled]


def test_failure_midway_says_what_was_written(connection: WatchedConnection, stored: Any) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {ORION: {"CORS_ORIGINS": "mine"}, NOVA: {"JWT_SECRET": "mine"}}, secrets)

    def deny_the_second(request: Any, **_: Any) -> Any:
        return json_error("AccessDeniedException", "not authorized") if NOVA.encode() in request.body else None

    events = connection.clients["secretsmanager", True].meta.events
    events.register_first("before-send.secrets-manager.PutSecretValue", deny_the_second)
    with pytest.raises(OperationFailedError) as failed:
        change_secrets(plan, secrets)
    assert failed.value.lines == (
        f"secretsmanager:PutSecretValue, secret {NOVA}: AccessDeniedException: not authorized (the "
        "credentials in use may not do this; `aws sts get-caller-identity` tells whose they are)",
        f"Written: {ORION}. Not written: {NOVA}.",
        "Run the same command again: it writes only what differs by then.",
    )
    assert (held(stored, ORION)["CORS_ORIGINS"], held(stored, NOVA)["JWT_SECRET"]) == ("mine", "")


def test_value_that_may_not_become_current_reaches_no_reader(connection: WatchedConnection, stored: Any) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {ORION: {"CORS_ORIGINS": "mine"}}, secrets)
    denied = json_error("AccessDeniedException", "not authorized")
    with (
        answering(connection.clients["secretsmanager", True], "UpdateSecretVersionStage", denied),
        pytest.raises(OperationFailedError, match="secretsmanager:UpdateSecretVersionStage"),
    ):
        change_secrets(plan, secrets)
    current = stored.get_secret_value(SecretId=ORION, VersionStage="AWSCURRENT")
    assert json.loads(current["SecretString"])["CORS_ORIGINS"] == ""


def test_lost_answer_to_the_move_counts_as_done(connection: WatchedConnection, stored: Any) -> None:
    secrets = SecretVersions(connection)
    plan = plan_changes(PROGRAM, {ORION: {"CORS_ORIGINS": "mine"}}, secrets)
    client = connection.clients["secretsmanager", True]
    lost: list[Exception] = [ReadTimeoutError(endpoint_url="https://secretsmanager")]

    def lose_the_answer(**_: Any) -> None:
        if lost:
            raise lost.pop()

    client.meta.events.register("after-call.secrets-manager.UpdateSecretVersionStage", lose_the_answer)
    with pytest.raises(OperationFailedError, match="whether it was carried out is not known"):
        change_secrets(plan, secrets)
    assert held(stored, ORION)["CORS_ORIGINS"] == "mine"
    again = plan_changes(PROGRAM, {ORION: {"CORS_ORIGINS": "mine"}}, secrets)
    assert again.pending == ()


def test_secret_that_is_to_be_deleted_or_absent_is_not_written(connection: WatchedConnection, stored: Any) -> None:
    stored.delete_secret(SecretId=ORION, RecoveryWindowInDays=7)
    with pytest.raises(OperatorError) as refused:
        plan_changes(PROGRAM, {ORION: {"CORS_ORIGINS": "x"}}, SecretVersions(connection))
    assert str(refused.value) == f"secret {ORION}: to be deleted; `zelly secrets restore {ORION}` keeps it"
    with pytest.raises(OperatorError) as refused:
        plan_changes(PROGRAM, {ORION: {"CORS_ORIGINS": "x"}}, SecretVersions(WatchedConnection("eu-west-1")))
    assert str(refused.value) == f"secret {ORION}: not there; `pulumi up` makes it"
