"""The process in which the embedded AWS lives: moto behind HTTP, on the loopback address alone.

It is always a process of its own. Resources are made through HTTP by whoever evaluates the program, which leaves two
cores to share the work, makes staying alive (``--detach``) a matter of not ending it, and gives the operator's
``aws`` command exactly what the program got.

Run as ``python -m workbench.sandbox.server.process FILE_DESCRIPTOR`` by a process that hands over a listening socket.
It ends when asked to with its token, or when its standard input closes: it never outlives a parent that was killed.
One whose parent wrote ``stay`` into its standard input before stays.
"""

import argparse
import functools
import gc
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from workbench import words
from workbench.sandbox.server import ending, ledger

LOOPBACK = "127.0.0.1"
ACCOUNT_ID = "123456789012"
"""The account that moto plays; AWS's own example number."""

IDENTITY_PATH = "/workbench-sandbox/identity"
STOP_PATH = "/workbench-sandbox/stop"
OUTPUTS_PATH = "/workbench-sandbox/outputs"
"""Takes the outputs of stacks, and returns those of all: the place that Pulumi's state is elsewhere."""
LEDGER_PATH = "/workbench-sandbox/ledger"
"""Takes and returns what the resource table has made: see :mod:`workbench.sandbox.ledger`."""
STAY = "stay"
"""The word that a parent writes before it closes the pipe, if the server is to outlive it."""
TOKEN_VARIABLE = "WORKBENCH_SANDBOX_TOKEN"  # noqa: S105 (the variable's name)
TOKEN_HEADER = "X-Sandbox-Token"  # noqa: S105 (a header's name)

_STRICTNESS: Mapping[str, str] = {
    # A certificate is issued as soon as it is asked for; the default lets it wait for a minute.
    "MOTO_ACM_VALIDATION_WAIT": "0",
    # Attaching a managed policy that AWS does not have is then an error.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_ENABLE_AMI_VALIDATION": "true",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
    "MOTO_ENABLE_KEYPAIR_VALIDATION": "true",
}
"""moto reads these when it is imported."""

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def main(arguments: list[str]) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("listener", type=int)
    parser.add_argument("--word", help="the word that operators type")
    parser.add_argument("--log", action="store_true", help="standard output and error are a log file")
    options = parser.parse_args(arguments)
    if options.word is not None:
        words.call_by(options.word)
    os.environ.update(_STRICTNESS)
    # What moto trips over reaches the client as an error; the trace of it is for the log file, where there is one.
    logging.basicConfig(level=logging.ERROR if options.log else logging.CRITICAL)
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    stop = threading.Event()
    # Modules and models of services stay to the end: to look through them again and again takes a third of the start,
    # and to look often through what is made later takes a tenth of an environment's.
    gc.disable()
    server = _server(options.listener, os.environ.pop(TOKEN_VARIABLE), stop)
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stop.wait()
    _end()


def _server(listener: int, token: str, stop: threading.Event) -> Any:
    _look_for_models_once()
    # Imported here: moto reads its environment at import.
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    from workbench.sandbox.server.application import SupplementedMoto  # noqa: PLC0415
    from workbench.sandbox.server.failures import FailureReporter, create_raising_app  # noqa: PLC0415
    from workbench.sandbox.services import supplements  # noqa: PLC0415

    added = supplements()
    for supplement in added:
        if supplement.start is not None:
            supplement.start()
    moto = SupplementedMoto(DomainDispatcherApplication(create_raising_app), added, account_id=ACCOUNT_ID)
    application = _controlled(FailureReporter(moto), token, stop)
    server = make_server(LOOPBACK, 0, application, threaded=True, request_handler=MotoRequestHandler, fd=listener)
    ending.be_at(f"http://{LOOPBACK}:{server.socket.getsockname()[1]}")
    return server


def _look_for_models_once() -> None:
    """Let boto3's sessions and moto share what they find of botocore's models, which takes a third off a start.

    Each session, and each service of moto's, otherwise looks through botocore's 400 folders anew, before it answers.
    """
    import botocore.session  # noqa: PLC0415
    import moto.core.loaders  # noqa: PLC0415
    import moto.core.utils  # noqa: PLC0415
    from botocore.loaders import create_loader  # noqa: PLC0415

    botocore.session.create_loader = functools.cache(create_loader)
    moto.core.utils.create_loader = functools.cache(moto.core.loaders.create_loader)  # pyright: ignore[reportPrivateImportUsage]


def _controlled(application: WsgiApplication, token: str, stop: threading.Event) -> WsgiApplication:
    """Return the application with four more routes: who it is, the outputs of its stacks, its ledger, and stop."""
    # In memory alone: they hold private keys, and go with what they belong to.
    outputs: dict[str, Any] = {}
    lock = threading.Lock()

    def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path not in {IDENTITY_PATH, STOP_PATH, OUTPUTS_PATH, LEDGER_PATH}:
            return application(environ, start_response)
        if environ.get("HTTP_X_SANDBOX_TOKEN") != token:
            start_response("403 Forbidden", [("Content-Type", "application/json")])
            return [b"{}"]
        asked: Any = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or b"{}")
        told: Mapping[str, Any] = {"pid": os.getpid()}
        if path == OUTPUTS_PATH:
            outputs.update(asked)
            told = outputs
        elif path == LEDGER_PATH:
            with lock:
                told = ledger.answer(ACCOUNT_ID, asked)
        answer = json.dumps(told).encode()
        # With its length the answer is whole once its bytes are sent; a chunked one would still want an end mark.
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return _then(answer, stop.set) if path == STOP_PATH else [answer]

    return respond


def _then(answer: bytes, act: Callable[[], None]) -> Iterable[bytes]:
    """Yield the answer, and act once it has been sent."""
    yield answer
    act()


def _end_with_parent() -> None:
    if sys.stdin.read() != STAY:
        _end()


def _end() -> NoReturn:
    ending.end()
    # All else lies in memory and goes with the process; taking it apart object by object takes half a second.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
