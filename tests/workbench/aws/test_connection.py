"""Credentials and endpoint are those of every AWS tool, the region is the stack's, retries have one policy."""

from pathlib import Path

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.workbench.aws.conftest import NOWHERE
from tests.workbench.aws.faults import answering, json_error
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, Reason, calling

THROTTLED = json_error("ThrottlingException", "Rate exceeded")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(_seconds: float) -> None:
        pass

    monkeypatch.setattr("botocore.endpoint.time.sleep", sleep)


def test_region_is_the_stacks_whatever_the_operators_default_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = Connection("ap-south-1").client("ecs")
    assert (client.meta.region_name, client.meta.endpoint_url) == ("ap-south-1", NOWHERE)


def test_profile_is_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        "[shop]\naws_access_key_id = of-the-profile\naws_secret_access_key = something\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "shop")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    client = Connection("ap-south-1").client("ecs")
    assert client._request_signer._credentials.access_key == "of-the-profile"


def test_unknown_profile_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobodys")
    with pytest.raises(AwsError) as failed:
        Connection("ap-south-1")
    assert str(failed.value) == (
        "reading credentials, AWS profile: ProfileNotFound: The config profile (nobodys) could not be found "
        "(log in again (e.g. aws sso login), or name a profile with --profile or AWS_PROFILE)"
    )


def test_repeatable_call_is_made_five_times_at_most() -> None:
    client = Connection("ap-south-1").client("ecs")
    with answering(client, "ListClusters", *[THROTTLED] * 9) as asked, pytest.raises(AwsError) as failed:  # noqa: SIM117
        with calling("ecs:ListClusters", "region"):
            client.list_clusters()
    assert (failed.value.reason, len(asked)) == (Reason.THROTTLED, 5)


def test_call_that_must_not_be_carried_out_twice_is_made_once() -> None:
    client = Connection("ap-south-1").client("kms", repeatable=False)
    lost = ReadTimeoutError(endpoint_url=NOWHERE)
    with answering(client, "CreateKey", *[lost] * 9) as asked, pytest.raises(AwsError) as failed:  # noqa: SIM117
        with calling("kms:CreateKey", "key"):
            client.create_key()
    assert (failed.value.reason, len(asked)) == (Reason.UNREACHABLE, 1)


def test_another_region_has_the_same_credentials() -> None:
    here = Connection("ap-southeast-1")
    assert here.in_region("ap-southeast-1") is here
    assert here.in_region("ap-south-1").client("ecr").meta.region_name == "ap-south-1"
