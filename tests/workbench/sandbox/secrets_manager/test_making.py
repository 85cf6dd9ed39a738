import json

import pulumi
import pulumi_aws as aws
import pytest

from tests.workbench.sandbox.conftest import REGION, Sandbox, tags_of
from workbench.evaluate import Created, evaluate
from workbench.sandbox.errors import AwsRefusalError, InputTypeError

SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


@pytest.fixture(scope="module")
def secret(sandbox: Sandbox) -> Created:
    return sandbox.create(
        SECRET,
        "redis",
        name="shop/redis/auth",
        description="Redis of the shop",
        recoveryWindowInDays=30,
        tags={"Name": "redis"},
    )


def test_secret_has_its_name_and_no_value_yet(sandbox: Sandbox, secret: Created) -> None:
    client = sandbox.client("secretsmanager")
    found = client.describe_secret(SecretId="shop/redis/auth")
    assert (found["ARN"], found["Description"]) == (secret.id, "Redis of the shop")
    assert tags_of(found["Tags"]) == {"Project": "shop", "Name": "redis"}
    assert secret.outputs["arn"] == secret.id
    assert secret.id.startswith("arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/redis/auth-")
    assert "VersionIdsToStages" not in found


def test_version_holds_the_value_in_plain_text(sandbox: Sandbox) -> None:
    secret = sandbox.create(SECRET, "aurora", name="shop/aurora/master")
    document = json.dumps({"DB_PASSWORD": "x7Kq"})
    version = sandbox.create(VERSION, "aurora", secretId=secret.id, secretString=document)
    found = sandbox.client("secretsmanager").get_secret_value(SecretId="shop/aurora/master")
    assert (found["SecretString"], found["VersionStages"]) == (document, ["AWSCURRENT"])
    assert version.id == f"{secret.id}|{found['VersionId']}"
    assert {key: version.outputs[key] for key in ("arn", "secretArn", "versionId")} == {
        "arn": secret.id,
        "secretArn": secret.id,
        "versionId": found["VersionId"],
    }


def test_first_version_is_current_under_a_label_of_its_own_too(sandbox: Sandbox) -> None:
    secret = sandbox.create(SECRET, "api", name="shop/api/env")
    sandbox.create(VERSION, "api", secretId=secret.id, secretString="{}", versionStages=["INITIAL"])
    found = sandbox.client("secretsmanager").get_secret_value(SecretId="shop/api/env")
    assert (found["SecretString"], sorted(found["VersionStages"])) == ("{}", ["AWSCURRENT", "INITIAL"])


def test_secret_of_a_program_arrives_in_plain_text_and_stays_out_of_the_record(sandbox: Sandbox) -> None:
    def program() -> None:
        secret = aws.secretsmanager.Secret("program", name="shop/program")
        version = aws.secretsmanager.SecretVersion(
            "program", secret_id=secret.id, secret_string=pulumi.Output.secret("x7Kq")
        )
        pulumi.export("value", version.secret_string)

    evaluation = evaluate(program, backend=sandbox.aws.backend(region=REGION))
    found = sandbox.client("secretsmanager").get_secret_value(SecretId="shop/program")
    assert found["SecretString"] == "x7Kq"
    assert evaluation.one(VERSION).inputs["secretString"] == "[secret]"
    assert evaluation.outputs == {"value": "[secret]"}
    assert "x7Kq" not in repr(evaluation.resources)


def test_name_that_is_taken_is_refused(sandbox: Sandbox, secret: Created) -> None:
    with pytest.raises(AwsRefusalError, match="CreateSecret failed with ResourceExistsException"):
        sandbox.create(SECRET, "again", name=secret.outputs["name"])


@pytest.mark.parametrize("value", [["x7Kq"], {"DB_PASSWORD": "x7Kq"}])
def test_wrongly_typed_value_is_not_told(sandbox: Sandbox, secret: Created, value: object) -> None:
    with pytest.raises(InputTypeError, match=r"^input secretString: came (list|dict); string is allowed$"):
        sandbox.create(VERSION, "wrong", secretId=secret.id, secretString=value)


def test_refused_value_is_not_told(sandbox: Sandbox) -> None:
    with pytest.raises(AwsRefusalError, match="PutSecretValue failed with ResourceNotFoundException") as refusal:
        sandbox.create(VERSION, "lost", secretId="shop/lost", secretString="x7Kq")
    assert "x7Kq" not in f"{refusal.value}{refusal.value!r}"
