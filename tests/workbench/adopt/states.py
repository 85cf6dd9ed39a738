"""Small states, written down as Terraform writes them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.adopt.model import TerraformState
from workbench.adopt.state import parsed


def resource(address: str, attributes: Mapping[str, Any], **instance: Any) -> dict[str, Any]:
    """Return a resource with one instance; the address has no index, and no module's index."""
    *module, resource_type, name = address.split(".")
    mode = "managed"
    if module[-1:] == ["data"]:
        module.pop()
        mode = "data"
    return {
        **({"module": ".".join(module)} if module else {}),
        "mode": mode,
        "type": resource_type,
        "name": name,
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": 0, "attributes": dict(attributes), **instance}],
    }


def content(resources: Sequence[Mapping[str, Any]], **document: Any) -> bytes:
    """Return the file of some resources."""
    whole: dict[str, Any] = {"version": 4, "terraform_version": "1.9.8", "serial": 7, "lineage": "l", "outputs": {}}
    return json.dumps({**whole, "resources": resources, **document}).encode()


def state(*resources: Mapping[str, Any]) -> TerraformState:
    """Return the state of some resources."""
    return parsed(content(resources), source="state")
