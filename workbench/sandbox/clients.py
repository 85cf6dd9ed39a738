"""The boto3 clients of the embedded AWS: always for a loopback address, never with real credentials."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config

from workbench.sandbox.loopback import is_loopback

ACCESS_KEY_ID = "sandbox"
SECRET_ACCESS_KEY = "sandbox"  # noqa: S105 (any text will do: the embedded AWS checks no signature)

_FIRST_ERROR_STATUS = 300

_CONFIG = Config(
    # An answer from this machine's own memory does not get better by asking again.
    retries={"total_max_attempts": 1},
    # A proxy of the operator's must not see traffic between two processes of one machine.
    proxies={},
    s3={"addressing_style": "path"},
    parameter_validation=True,
)


class Clients:
    """Clients for one endpoint, made when first asked for and kept.

    Raises:
        ValueError: for an endpoint that is not a loopback address: nothing here may ever reach the real AWS.
    """

    def __init__(self, endpoint_url: str) -> None:
        if not is_loopback(urlsplit(endpoint_url).hostname or ""):
            raise ValueError(f"endpoint_url: {endpoint_url}; only a loopback address is allowed")
        self.endpoint_url = endpoint_url
        # The operator's own profile and config file may name roles, regions and endpoints of the real AWS: not read.
        core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
        core.set_config_variable("config_file", "/dev/null")
        core.set_config_variable("credentials_file", "/dev/null")
        self._session = boto3.session.Session(
            aws_access_key_id=ACCESS_KEY_ID, aws_secret_access_key=SECRET_ACCESS_KEY, botocore_session=core
        )
        self._session.events.register("before-parse", _tell_plain_error)
        self._made: dict[tuple[str, str], Any] = {}

    def get(self, service: str, region: str) -> Any:
        """Return the client of a service (boto3's name of it) in a region."""
        key = (service, region)
        if key not in self._made:
            # boto3 has no types of its own for a service that is only known by name.
            session: Any = self._session
            self._made[key] = session.client(
                service, region_name=region, endpoint_url=self.endpoint_url, config=_CONFIG
            )
        return self._made[key]


def _tell_plain_error(response_dict: dict[str, Any], **_: Any) -> None:
    """Let an emulator's ``{"error": "..."}``, which no protocol of AWS's has, be read as the error's message."""
    if response_dict["status_code"] < _FIRST_ERROR_STATUS or not response_dict["body"].startswith(b"{"):
        return
    try:
        body: Any = json.loads(response_dict["body"])
    except ValueError:
        return
    if isinstance(body, Mapping) and isinstance(body.get("error"), str) and "message" not in body:  # pyright: ignore[reportUnknownMemberType]
        response_dict["body"] = json.dumps({**body, "message": body["error"]}).encode()
