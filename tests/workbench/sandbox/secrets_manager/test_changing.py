import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def labels(sandbox: Sandbox, secret_id: str) -> dict[str, list[str]]:
    found = sandbox.client("secretsmanager").describe_secret(SecretId=secret_id).get("VersionIdsToStages", {})
    return {version: sorted(stages) for version, stages in found.items() if stages}


def test_description_and_tags_change_and_the_value_stays(sandbox: Sandbox) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    arn = sandbox.create(SECRET, "changed", name="changes/env", description="First", recoveryWindowInDays=0).id
    sandbox.create(VERSION, "changed", secretId=arn, secretString="x7Kq")
    sandbox.update(
        SECRET,
        "changed",
        name="changes/env",
        description="Second",
        kmsKeyId=key,
        recoveryWindowInDays=7,
        tags={"Name": "env"},
    )
    client = sandbox.client("secretsmanager")
    found = client.describe_secret(SecretId=arn)
    assert (found["Description"], found["KmsKeyId"]) == ("Second", key)
    assert tags_of(found["Tags"]) == {"Project": "shop", "Name": "env"}
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "x7Kq"


def test_secret_without_a_recovery_window_is_gone_at_once_and_its_name_is_free(sandbox: Sandbox) -> None:
    inputs = {"name": "changes/gone", "recoveryWindowInDays": 0}
    arn = sandbox.create(SECRET, "gone", **inputs).id
    sandbox.create(VERSION, "gone", secretId=arn, secretString="x7Kq")
    sandbox.delete(VERSION, "gone")
    sandbox.delete(SECRET, "gone")
    sandbox.delete(SECRET, "gone")
    sandbox.delete(VERSION, "gone")
    client = sandbox.client("secretsmanager")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId=arn)
    again = sandbox.create(SECRET, "gone", **inputs).id
    assert labels(sandbox, again) == {}


@pytest.mark.parametrize(("inputs", "days"), [({"recoveryWindowInDays": 7}, 7), ({}, 30)])
def test_secret_with_a_recovery_window_waits_for_its_end(sandbox: Sandbox, inputs: dict[str, int], days: int) -> None:
    name = f"changes/kept-{days}"
    arn = sandbox.create(SECRET, name, name=name, **inputs).id
    sandbox.delete(SECRET, name)
    client = sandbox.client("secretsmanager")
    found = client.describe_secret(SecretId=arn)
    assert round((found["DeletedDate"] - found["CreatedDate"]).total_seconds() / 86400) == days
    with pytest.raises(AwsRefusalError, match="CreateSecret failed with"):
        sandbox.create(SECRET, name, name=name, **inputs)


def test_new_value_is_current_after_the_replaced_version_is_deleted(sandbox: Sandbox) -> None:
    arn = sandbox.create(SECRET, "rotated", name="changes/rotated", recoveryWindowInDays=0).id
    old = sandbox.create(VERSION, "old", secretId=arn, secretString="old")
    new = sandbox.create(VERSION, "new", secretId=arn, secretString="new")
    sandbox.delete(VERSION, "old")
    client = sandbox.client("secretsmanager")
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "new"
    assert labels(sandbox, arn) == {
        new.id.rpartition("|")[2]: ["AWSCURRENT"],
        old.id.rpartition("|")[2]: ["AWSPREVIOUS"],
    }


def test_label_of_a_versions_own_is_taken_off_with_it(sandbox: Sandbox) -> None:
    arn = sandbox.create(SECRET, "labelled", name="changes/labelled", recoveryWindowInDays=0).id
    created = sandbox.create(VERSION, "first", secretId=arn, secretString="{}", versionStages=["INITIAL"])
    version = created.id.rpartition("|")[2]
    assert labels(sandbox, arn) == {version: ["AWSCURRENT", "INITIAL"]}
    sandbox.delete(VERSION, "first")
    assert labels(sandbox, arn) == {version: ["AWSCURRENT"]}


def test_labels_are_moved_between_versions(sandbox: Sandbox) -> None:
    arn = sandbox.create(SECRET, "moved", name="changes/moved", recoveryWindowInDays=0).id
    blue = {"secretId": arn, "secretString": "blue"}
    first = sandbox.create(VERSION, "blue", **blue).id.rpartition("|")[2]
    green = {"secretId": arn, "secretString": "green"}
    second = sandbox.create(VERSION, "green", **green, versionStages=["NEXT"]).id.rpartition("|")[2]
    assert labels(sandbox, arn) == {first: ["AWSCURRENT"], second: ["NEXT"]}
    sandbox.update(VERSION, "green", **green, versionStages=["AWSCURRENT", "LIVE"])
    assert labels(sandbox, arn) == {first: ["AWSPREVIOUS"], second: ["AWSCURRENT", "LIVE"]}
    client = sandbox.client("secretsmanager")
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "green"
