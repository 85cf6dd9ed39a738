"""Every way in which a call fails is one line that says what was asked of which thing."""

import pytest
from botocore import exceptions as botocore_errors
from botocore.exceptions import ClientError

from workbench.aws.shared.errors import AwsError, Reason, calling


def _refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeServices")


FAILURES: list[tuple[Exception, Reason, str]] = [
    (
        _refused("AccessDeniedException", "User: arn:aws:iam::1:user/a is not authorized."),
        Reason.DENIED,
        "ecs:DescribeServices, service api: AccessDeniedException: User: arn:aws:iam::1:user/a is not authorized "
        "(the credentials in use may not do this; `aws sts get-caller-identity` tells whose they are)",
    ),
    (
        _refused("ExpiredTokenException", "The security token included in the request is expired"),
        Reason.CREDENTIALS,
        "ecs:DescribeServices, service api: ExpiredTokenException: The security token included in the request is "
        "expired (log in again (e.g. aws sso login), or name a profile with --profile or AWS_PROFILE)",
    ),
    (
        _refused("ThrottlingException", "Rate exceeded"),
        Reason.THROTTLED,
        "ecs:DescribeServices, service api: ThrottlingException: Rate exceeded "
        "(AWS asks for fewer calls; wait a minute and run the same command again)",
    ),
    (
        _refused("ClusterNotFoundException", "Cluster\n  not found."),
        Reason.REFUSED,
        "ecs:DescribeServices, service api: ClusterNotFoundException: Cluster not found",
    ),
    (
        botocore_errors.NoCredentialsError(),
        Reason.CREDENTIALS,
        "ecs:DescribeServices, service api: NoCredentialsError: Unable to locate credentials "
        "(log in again (e.g. aws sso login), or name a profile with --profile or AWS_PROFILE)",
    ),
    (
        botocore_errors.EndpointConnectionError(endpoint_url="https://ecs.example"),
        Reason.UNREACHABLE,
        "ecs:DescribeServices, service api: EndpointConnectionError: Could not connect to the endpoint URL: "
        '"https://ecs.example" (no answer came; whether it was carried out is not known)',
    ),
    (
        botocore_errors.ReadTimeoutError(endpoint_url="https://ecs.example"),
        Reason.UNREACHABLE,
        'ecs:DescribeServices, service api: ReadTimeoutError: Read timeout on endpoint URL: "https://ecs.example" '
        "(no answer came; whether it was carried out is not known)",
    ),
]


@pytest.mark.parametrize(("raised", "reason", "line"), FAILURES, ids=[type(raised).__name__ for raised, *_ in FAILURES])
def test_failure_is_one_line_with_its_reason(raised: Exception, reason: Reason, line: str) -> None:
    with pytest.raises(AwsError) as failed, calling("ecs:DescribeServices", "service api"):
        raise raised
    assert (failed.value.reason, str(failed.value), failed.value.exit_code) == (reason, line, 2)
    assert (failed.value.operation, failed.value.target) == ("ecs:DescribeServices", "service api")


def test_request_of_the_wrong_shape_is_our_own_fault_and_keeps_its_traceback() -> None:
    wrong = botocore_errors.ParamValidationError(report="Unknown parameter in input")
    with pytest.raises(botocore_errors.ParamValidationError), calling("ecs:DescribeServices", "service api"):
        raise wrong


def test_what_is_no_failure_of_a_call_passes() -> None:
    with pytest.raises(ZeroDivisionError), calling("ecs:DescribeServices", "service api"):
        raise ZeroDivisionError


def test_embedded_aws_that_ended_says_so_where_it_is_still_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:41234")
    with pytest.raises(AwsError) as failed, calling("ecs:DescribeServices", "service api"):
        raise botocore_errors.EndpointConnectionError(endpoint_url="http://127.0.0.1:41234/")
    assert str(failed.value) == (
        "ecs:DescribeServices, service api: EndpointConnectionError: Could not connect to the endpoint URL: "
        '"http://127.0.0.1:41234/" (the embedded AWS that AWS_ENDPOINT_URL names has ended; `zelly sandbox up STACK '
        "--detach` starts another, and `unset AWS_ENDPOINT_URL` turns to AWS itself)"
    )
