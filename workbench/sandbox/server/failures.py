"""Exceptions in moto, answered as an AWS error that names them. moto alone answers with a page of HTML."""

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

from moto.backends import SERVICE_NAMES
from moto.moto_server.werkzeug_app import create_backend_app

_LOG = logging.getLogger(__name__)


def create_raising_app(service: SERVICE_NAMES) -> Any:
    """Return moto's application for one service; an exception in it reaches the caller instead of becoming a page."""
    application = create_backend_app(service)
    application.config["PROPAGATE_EXCEPTIONS"] = True
    return application


class FailureReporter:
    """A WSGI layer that answers an exception of the application behind it with an ``InternalFailure`` that names it."""

    def __init__(self, application: Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        try:
            return self._application(environ, start_response)
        except Exception as error:
            _LOG.exception("%s %s", environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
            body, content_type = _error_body(environ.get("CONTENT_TYPE", ""), f"{type(error).__name__}: {error}")
            headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
            start_response("500 Internal Server Error", headers)
            return [body]


def _error_body(request_type: str, message: str) -> tuple[bytes, str]:
    """Return the error in the form that the request's protocol reads, JSON or XML."""
    if "json" in request_type:
        return json.dumps({"__type": "InternalFailure", "message": message}).encode(), "application/json"
    error = f"<Error><Code>InternalFailure</Code><Message>{escape(message)}</Message></Error>"
    if "x-www-form-urlencoded" in request_type:
        # EC2 nests the error in a list, the other query services do not; botocore reads both in one document.
        error = f"<Errors>{error}</Errors>{error}"
        return f"<ErrorResponse>{error}</ErrorResponse>".encode(), "text/xml"
    return error.encode(), "text/xml"
