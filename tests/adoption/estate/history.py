"""What has become of a state file since: half-finished applies, older providers, modules kept elsewhere."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from tests.adoption.estate.options import Options

_HOST = ("module.bastion", "aws_instance")
_DEPOSED_KEY = "4d1f07ab"


def with_history(document: dict[str, Any], options: Options) -> dict[str, Any]:
    """Return the file as the options say that it was left."""
    document = deepcopy(document)
    document["resources"] = [
        resource for resource in document["resources"] if resource.get("module") not in _left_out(options)
    ]
    if options.tainted:
        for resource in _of(document, *_HOST):
            resource["instances"][0]["status"] = "tainted"
    if options.deposed:
        for resource in _of(document, *_HOST):
            resource["instances"].append(_deposed(resource["instances"][0]))
    if options.older_schema:
        for resource in document["resources"]:
            _age(resource)
    return document


def _left_out(options: Options) -> set[str]:
    return {f"module.{module}" for module in options.leave_out}


def _of(document: Mapping[str, Any], module: str, type_: str) -> Iterator[dict[str, Any]]:
    for resource in document["resources"]:
        if (resource.get("module"), resource["type"]) == (module, type_):
            yield resource


def _deposed(instance: Mapping[str, Any]) -> dict[str, Any]:
    former = deepcopy(dict(instance))
    former["attributes"]["id"] = "i-0123456789abcdef0"
    former["attributes"]["arn"] = instance["attributes"]["arn"].rpartition("/")[0] + "/i-0123456789abcdef0"
    return {"deposed": _DEPOSED_KEY, **former}


def _age(resource: dict[str, Any]) -> None:
    """Write a type as the provider's release before the last change of its schema did."""
    change = _OLDER.get(resource["type"])
    if change is None or resource["mode"] == "data":
        return
    version, renamed, absent = change
    for instance in resource["instances"]:
        instance["schema_version"] = version
        attributes = {renamed.get(name, name): value for name, value in instance["attributes"].items()}
        instance["attributes"] = {name: attributes[name] for name in sorted(attributes) if name not in absent}


_OLDER: Mapping[str, tuple[int, Mapping[str, str], frozenset[str]]] = {
    # hashicorp/aws before 5.0: description and number were called otherwise.
    "aws_elasticache_replication_group": (
        1,
        {"description": "replication_group_description", "num_cache_clusters": "number_cache_clusters"},
        frozenset({"cluster_mode", "ip_discovery", "network_type", "transit_encryption_mode"}),
    ),
    # hashicorp/random before 3.3: numeric was called number alone, and there was no hash before 3.2.
    "random_password": (0, {}, frozenset({"bcrypt_hash", "numeric"})),
    # cloudflare/cloudflare before 4.40: the content was called value alone.
    "cloudflare_record": (2, {}, frozenset({"content"})),
}
"""By type: the version of the schema, attributes by another name, and those that there were none of."""
