"""The embedded AWS within this process, with a clock that only a test moves: hours go by at once, and exactly."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from werkzeug.test import Client

from workbench.sandbox.clients import Clients
from workbench.sandbox.ecs.simulation.pace import Pace

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"
_ENDPOINT = "http://127.0.0.1"
_BEGINNING = datetime(2026, 1, 1)
_CLOCKS = (
    "workbench.sandbox.ecs.simulation.look.utcnow",
    "workbench.sandbox.ecs.service_deployments.utcnow",
    "moto.ecs.models.utcnow",
)


class ClockedAws:
    """moto with the sandbox's supplements, asked through boto3 without a socket."""

    def __init__(self, application: Any) -> None:
        self._wsgi = Client(application)
        self._clients = Clients(_ENDPOINT)
        self._known: set[int] = set()
        self.now = _BEGINNING

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def client(self, service: str, region: str = REGION) -> Any:
        client = self._clients.get(service, region)
        if id(client) not in self._known:
            client.meta.events.register("before-send", self._answer)
            self._known.add(id(client))
        return client

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        headers = {
            name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
        }
        path = request.url.removeprefix(_ENDPOINT) or "/"
        answer = self._wsgi.open(path, method=request.method, headers=headers, data=request.body)
        return _Answer(request.url, answer.status_code, answer.headers, answer.data)


class _Answer(AWSResponse):
    def __init__(self, url: str, status_code: int, headers: Any, body: bytes) -> None:
        super().__init__(url, status_code, HTTPHeaders.from_pairs(headers.items()), None)
        self._content = body


@contextmanager
def clocked_aws() -> Generator[ClockedAws]:
    """Start with nothing, and leave nothing behind."""
    # Imported here: moto reads its environment at import, which a test of something else may want to set.
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication  # noqa: PLC0415

    from workbench.sandbox.server.application import SupplementedMoto  # noqa: PLC0415
    from workbench.sandbox.server.failures import create_raising_app  # noqa: PLC0415
    from workbench.sandbox.services import supplements  # noqa: PLC0415

    application = SupplementedMoto(
        DomainDispatcherApplication(create_raising_app), supplements(), account_id=ACCOUNT_ID
    )
    aws = ClockedAws(application)
    reset = Client(application)
    with pytest.MonkeyPatch.context() as patch:
        for clock in _CLOCKS:
            patch.setattr(clock, lambda: aws.now)
        # Whatever speed the tests' servers have.
        patch.setattr("workbench.sandbox.ecs.simulation.look._PACE", Pace(1))
        reset.post("/moto-api/reset")
        yield aws
        reset.post("/moto-api/reset")
