"""Answers that AWS gives when something is wrong, put in the place of real ones just before a request is sent."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


def json_error(code: str, message: str, *, status: int = 400) -> AWSResponse:
    """Return the error of a service that speaks JSON (ECS, SSM, Logs, ECR, Secrets Manager)."""
    body = f'{{"__type": "{code}", "message": "{message}"}}'.encode()
    headers = HTTPHeaders()
    headers["x-amzn-errortype"] = code
    return AWSResponse("http://127.0.0.1", status, headers, _Body(body))


def xml_error(code: str, message: str, *, status: int = 400) -> AWSResponse:
    """Return the error of a service that speaks XML (S3). Without a code it has no body, as the answer to a HEAD."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>" if code else ""
    return AWSResponse("http://127.0.0.1", status, HTTPHeaders(), _Body(body.encode()))


@contextmanager
def answering(client: Any, operation: str, *answers: AWSResponse | Exception) -> Generator[list[str]]:
    """Let the next calls of an operation get these answers, one each; what comes after them goes to AWS as usual.

    The block gets a list that grows by the operation's name with every request that was answered here.
    """
    waiting = [*answers]
    asked: list[str] = []
    event = f"before-send.{client.meta.service_model.service_id.hyphenize()}.{operation}"

    def answer(**_: Any) -> AWSResponse | None:
        if not waiting:
            return None
        asked.append(operation)
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client.meta.events.register_first(event, answer)
    try:
        yield asked
    finally:
        client.meta.events.unregister(event, answer)
