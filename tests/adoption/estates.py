"""Terraform states of estates that nobody changes: each is made once, in an embedded AWS that is emptied after it."""

import atexit
import http.client
from copy import deepcopy
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from tests.adoption.estate import Options, make_estate
from workbench.sandbox.embedded import EmbeddedAws


def state_of(options: Options = Options()) -> dict[str, Any]:  # noqa: B008 (frozen)
    """Return the Terraform state of an estate; it is the caller's own."""
    return deepcopy(_made(options))


def empty(aws: EmbeddedAws) -> None:
    """Let an embedded AWS forget all that was made in it."""
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint_url).netloc)
    connection.request("POST", "/moto-api/reset")
    answer = connection.getresponse()
    answer.read()
    assert answer.status == http.HTTPStatus.OK
    connection.close()


@cache
def _aws() -> EmbeddedAws:
    aws = EmbeddedAws.start()
    atexit.register(aws.stop)
    return aws


@cache
def _made(options: Options) -> dict[str, Any]:
    aws = _aws()
    try:
        return make_estate(aws.clients.get, options)
    finally:
        empty(aws)
