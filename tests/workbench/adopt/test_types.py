"""The table of types, held against the SDKs: classes, properties and import ids."""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path

from workbench.adopt.types import NOT_TAKEN, TYPES, Row, import_id, row_of
from workbench.evaluate.sdk_on_demand import load_sdk_on_demand
from workbench.evaluate.shapes import properties, sdk_class

_DERIVED = {"peer", "kind"}
"""Parts of keys that are computed, and no property of the SDK's."""

_ATTRIBUTES: Mapping[str, str] = {
    "arn": "arn:aws:service:eu-central-1:123456789012:thing/x",
    "resource_id": "resource-id",
    "service_namespace": "service-namespace",
    "scalable_dimension": "scalable-dimension",
    "name": "name",
    "cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/name",
    "route_table_id": "rtb-1",
    "destination_cidr_block": "10.42.0.0/16",
    "subnet_id": "subnet-1",
    "device_name": "/dev/sdh",
    "volume_id": "vol-1",
    "instance_id": "i-1",
    "role": "role",
    "policy_arn": "arn:aws:iam::123456789012:policy/test-policy",
    "log_group_name": "group",
    "secret_id": "arn:aws:service:eu-central-1:123456789012:thing/x",
    "version_id": "abc-def",
    "zone_id": "zone",
}

_ONLY_ITS_ID = "x"


def _rows() -> list[Row]:
    return sorted({row.type: row for row in TYPES.values()}.values(), key=lambda row: row.type)


def _class(row: Row) -> type:
    load_sdk_on_demand()
    found = sdk_class(row.type, row.type.rpartition(":")[2])
    assert found is not None, row.type
    return found


def _documented_ids(of: type) -> list[str]:
    # The overloads have the docstrings, and those are gone at run time.
    text = Path(inspect.getfile(of)).read_text(encoding="utf-8")
    return [line.split()[-1].strip("'\"") for line in re.findall(r"\$ pulumi import (.+)", text)]


def _shape(of: str) -> str:
    """Return how an id is put together: its separators, ARNs as a whole, and whatever else as words."""
    arn = re.compile(r"arn:aws:(?:[\w./<>-]|:(?!\d+$))+(?::\d+$)?")
    return re.sub(r"[\w.<>-]+", "w", arn.sub("A", of))


def _is_as_documented(row: Row) -> bool:
    documented = {_shape(each) for each in _documented_ids(_class(row))}
    if re.fullmatch(r"\{\w+\}", row.id):
        # One attribute as it stands: a name, an id, a path or an ARN.
        return bool(documented & {"w", "A", "/w/w"})
    example = import_id(row, {**_ATTRIBUTES, "id": _ONLY_ITS_ID})
    return example is not None and _shape(example) in documented


def test_import_ids_are_put_together_as_the_sdk_documents_them() -> None:
    wrong = {row.type: _documented_ids(_class(row)) for row in _rows() if not _is_as_documented(row)}
    # The first has no importer, the second's example stands in prose. Both are imported by their outputs, as is the
    # third, whose id would be the secret.
    assert wrong == {
        "aws:acm/certificateValidation:CertificateValidation": [],
        "random:index/randomPassword:RandomPassword": [],
        "random:index/randomBytes:RandomBytes": wrong["random:index/randomBytes:RandomBytes"],
    }
    assert all(row.by_outputs for row in _rows() if row.type in wrong)


def test_keys_name_properties_of_the_sdk() -> None:
    wrong: dict[str, set[str]] = {}
    for row in _rows():
        known = {found.name for found in properties(_class(row))} | _DERIVED
        named = {path.partition(".")[0] for key in (*row.keys, *row.sole, tuple(row.telling)) for path in key}
        if unknown := (named | set(row.renames.values())) - known:
            wrong[row.type] = unknown
    assert wrong == {}


def test_a_type_is_in_one_place_and_found_by_its_token() -> None:
    assert not TYPES.keys() & NOT_TAKEN.keys()
    assert row_of("aws:lb/loadBalancer:LoadBalancer") is TYPES["aws_alb"] is TYPES["aws_lb"]
    assert row_of("aws:none/such:Such") is None


def test_an_id_without_one_of_its_parts_is_none() -> None:
    assert import_id(TYPES["aws_route"], {"route_table_id": "rtb-1", "destination_cidr_block": ""}) is None
    assert import_id(TYPES["aws_ecs_service"], {"cluster": "arn:aws:ecs:r:1:cluster/c", "name": "s"}) == "c/s"
