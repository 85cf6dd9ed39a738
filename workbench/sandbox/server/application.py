"""The WSGI layer before moto that adds the services' supplements."""

import io
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jmespath
from botocore.parsers import create_parser
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import XFormedAttributePicker, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from workbench.sandbox.server.state import reset
from workbench.sandbox.server.table import Call, Forgotten, Preparation, RefusalError, Supplement

_RESET_PATH = "/moto-api/reset"
"""moto's own: it forgets all that was made."""

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class _Response:
    status: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class _Request:
    service: str
    operation: Any
    protocol: str
    call: Call


class SupplementedMoto:
    """moto's application with the gaps filled. Requests for other operations pass through untouched."""

    def __init__(
        self,
        application: WsgiApplication,
        supplements: Sequence[Supplement],
        *,
        account_id: str,
    ) -> None:
        self._application = application
        self._missing = {(entry.service, entry.operation): entry for each in supplements for entry in each.missing}
        self._forgotten: dict[tuple[str, str], list[Forgotten]] = {}
        for entry in (entry for each in supplements for entry in each.forgotten):
            for operation in (*entry.creates, *entry.changes, *entry.reads):
                self._forgotten.setdefault((entry.service, operation), []).append(entry)
        self._preparations: dict[tuple[str, str], list[Preparation]] = {}
        # What is too large is refused before anything is looked up for it.
        for entry in (entry for each in supplements for entry in (*each.limits, *each.preparations)):
            self._preparations.setdefault((entry.service, entry.operation), []).append(entry)
        self._consequences = {
            (entry.service, entry.operation): entry for each in supplements for entry in each.consequences
        }
        self._operations = {*self._missing, *self._forgotten, *self._preparations, *self._consequences}
        self._services = {get_service_model(service).signing_name: service for service, _ in self._operations}
        self._account_id = account_id
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if (environ.get("REQUEST_METHOD"), environ.get("PATH_INFO")) == ("POST", _RESET_PATH):
            reset()
        request = self._read(environ)
        if request is None:
            return self._application(environ, start_response)
        with self._lock:
            response = self._respond(request, environ)
        start_response(response.status, response.headers)
        return [response.body]

    def _respond(self, request: _Request, environ: dict[str, Any]) -> _Response:
        key = (request.service, request.operation.name)
        try:
            for preparation in self._preparations.get(key, []):
                preparation.prepare(request.call)
            if key in self._missing:
                return _serialized(request, self._missing[key].answer(request.call))
            entries = self._forgotten.get(key, [])
            # Before moto is asked: what the supplement refuses must not be made.
            remembered = [{} if key[1] in entry.reads else dict(entry.remember(request.call)) for entry in entries]
        except RefusalError as error:
            return _serialized(request, error)
        response = self._ask_moto(environ)
        if not response.status.startswith("2"):
            return response
        if key in self._consequences:
            self._consequences[key].finish(request.call)
        if not entries:
            return response
        return _complete(request, response, entries, remembered)

    def _read(self, environ: dict[str, Any]) -> _Request | None:
        """Return the request if an entry is about its operation."""
        signing_name, region = _credential_scope(environ.get("HTTP_AUTHORIZATION", ""))
        service = self._services.get(signing_name)
        if service is None:
            return None
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        http_request = Request({**environ, "wsgi.input": io.BytesIO(body)})
        try:
            operation, uri_parameters = get_service_router(service).match(http_request)
        except NotFound:
            return None
        model: Any = get_service_model(service)
        version = http_request.values.get("Version", model.api_version)
        # Two services can share a signing name (both generations of Elastic Load Balancing do).
        if (service, operation.name) not in self._operations or version != model.api_version:
            return None
        protocol = determine_request_protocol(model, http_request.content_type)
        parameters = PROTOCOL_PARSERS[protocol](operation).parse(
            {
                "method": http_request.method,
                "values": http_request.values,
                "headers": http_request.headers,
                "body": body,
                "url_path": http_request.path,
                "url_params": uri_parameters,
            }
        )
        call = Call(
            service=service,
            region=region,
            account_id=self._account_id,
            parameters=parameters,
        )
        return _Request(service, operation, protocol, call)

    def _ask_moto(self, environ: dict[str, Any]) -> _Response:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            started.extend((status, headers))

        body = b"".join(self._application(environ, start_response))
        return _Response(started[0], started[1], body)


def _complete(
    request: _Request, response: _Response, entries: list[Forgotten], remembered: list[dict[str, Any]]
) -> _Response:
    """Return moto's response with what it forgot."""
    parsed = create_parser(request.protocol).parse(
        {"status_code": int(response.status.split()[0]), "headers": dict(response.headers), "body": response.body},
        request.operation.output_shape,
    )
    parsed.pop("ResponseMetadata", None)
    name = request.operation.name
    for entry, new in zip(entries, remembered, strict=True):
        kept = request.call.kept(entry.kind)
        paths = {**entry.creates, **entry.changes, **entry.reads}
        for structure in _structures(parsed, paths[name]):
            identity = structure[entry.key]
            kept[identity] = new if name in entry.creates else {**kept.get(identity, {}), **new}
            entry.merge(structure, kept[identity])
    return _serialized(request, parsed)


def _structures(response: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
    found: Any = jmespath.search(f"[{path}][]", response)
    return [structure for structure in found if structure]


def _serialized(request: _Request, result: object) -> _Response:
    # As moto does it: its own objects have the members' names in snake case.
    serializer_class = get_serializer_class(request.service, request.protocol)
    serializer = serializer_class(request.operation, value_picker=XFormedAttributePicker())
    serialized = serializer.serialize(result)
    body = serialized["body"]
    encoded = body.encode() if isinstance(body, str) else body
    headers = {**serialized["headers"], "Content-Length": str(len(encoded))}
    return _Response(f"{serialized['status_code']} Supplemented", list(headers.items()), encoded)


def _credential_scope(authorization: str) -> tuple[str, str]:
    """Return the service and the region that a request was signed for; empty for an unsigned one."""
    # AWS4-HMAC-SHA256 Credential=KEY/20260101/eu-west-1/ecs/aws4_request, SignedHeaders=…, Signature=…
    scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    return (scope[3], scope[2]) if len(scope) == 5 else ("", "")
