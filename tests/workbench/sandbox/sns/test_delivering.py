"""Messages over HTTP: to a receiver of this machine they go as SNS sends them, to no other."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.support.servers import LOOPBACK
from tests.workbench.sandbox.conftest import Sandbox

TOPIC = "aws:sns/topic:Topic"


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the address of a server, and what is posted to it."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_request(self, code: Any = "-", size: Any = "-") -> None:
            """Say nothing."""

    server = HTTPServer((LOOPBACK, 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{LOOPBACK}:{server.server_port}/integration/key/enqueue", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_receiver_on_this_machine_gets_what_is_meant_for_its_protocol(
    sandbox: Sandbox, receiver: tuple[str, list[dict[str, Any]]]
) -> None:
    address, received = receiver
    sns, topic = sandbox.client("sns"), sandbox.create(TOPIC, "pages", name="pages").id
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=address)
    # Such a name resolves nowhere: a message that was sent there would fail.
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://pager.invalid/integration/key/enqueue")
    sns.publish(
        TopicArn=topic,
        Subject='ALARM: "outage"',
        Message=json.dumps({"default": "for programs", "email": "for people"}),
        MessageStructure="json",
    )
    assert [(each["Type"], each["TopicArn"], each["Subject"], each["Message"]) for each in received] == [
        ("Notification", topic, 'ALARM: "outage"', "for programs")
    ]
