"""The configuration that a host fetches: an object named by its own hash, and the parameter's value that names it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zelly_components.limits.sizes import STANDARD_PARAMETER


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The configuration as an object in a bucket, and the parameter's value that names it."""

    key: str
    content: str
    parameter: str


def named_by_its_hash(document: Mapping[str, Any]) -> Configuration:
    """Return what ``host-apply`` reads (files, downloads, packages, units) as an object and its parameter."""
    content = json.dumps(document, sort_keys=True, indent=1) + "\n"
    digest = hashlib.sha256(content.encode()).hexdigest()
    key = f"host/{digest}.json"
    parameter = json.dumps({"key": key, "sha256": digest}, sort_keys=True)
    STANDARD_PARAMETER.check("parameter", parameter)
    return Configuration(key=key, content=content, parameter=parameter)
