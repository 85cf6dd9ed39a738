"""A Terraform state, read: what is in it, and what is refused in one line each."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.adopt.states import content, resource, state
from workbench.adopt import state as states
from workbench.adopt.state import check_place, indices, missing_modules, parsed, read_state, without_index
from workbench.errors import OperatorError

_VPC = resource("module.net.aws_vpc.this", {"id": "vpc-1", "arn": "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1"})


def _refusal(content: bytes) -> str:
    with pytest.raises(OperatorError) as raised:
        parsed(content, source="s.tfstate")
    return str(raised.value)


def test_addresses_are_written_as_terraform_writes_them() -> None:
    subnets = resource("module.net.aws_subnet.a", {"id": "subnet-1"})
    subnets["module"] = 'module.net["x.y"]'
    subnets["instances"] = [
        {"index_key": 0, "attributes": {"id": "subnet-1"}},
        {"index_key": 'q"uo${te', "attributes": {"id": "subnet-2"}},
    ]
    looked_up = resource("module.net.data.aws_ami.this", {"id": "ami-1"})
    found = state(_VPC, subnets, looked_up)
    assert [instance.address for instance in found.managed] == [
        "module.net.aws_vpc.this",
        'module.net["x.y"].aws_subnet.a[0]',
        'module.net["x.y"].aws_subnet.a["q\\"uo$${te"]',
    ]
    assert [instance.address for instance in found.data] == ["module.net.data.aws_ami.this"]
    assert without_index(found.managed[2].address) == "module.net.aws_subnet.a"
    assert indices(found.managed[1].address) == ['"x.y"', "0"]


def test_sensitive_paths_are_kept() -> None:
    paths = [
        [{"type": "get_attr", "value": "password"}],
        [{"type": "get_attr", "value": "list"}, {"type": "index", "value": {"value": 1, "type": "number"}}],
    ]
    found = state(resource("aws_db_instance.this", {"id": "db"}, sensitive_attributes=paths))
    assert found.managed[0].sensitive == {("password",), ("list", 1)}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b'{"version": 4', "s.tfstate: not a Terraform state: not JSON: Expecting ',' delimiter in line 1"),
        (b"\xff\xfe\x00", "s.tfstate: not a Terraform state: not JSON"),
        (b"[" * 100_000, "s.tfstate: not a Terraform state: not JSON"),
        (b"[]", "s.tfstate: not a Terraform state: JSON, but no object"),
        (b"{}", 's.tfstate: not a Terraform state: no "version" and "resources"'),
        (content([_VPC], version=3), "came a state of version 3; allowed: 4"),
        (b'{"version": 3, "modules": []}', "came a state of version 3; allowed: 4"),
        (b'{"version": 4, "encrypted_data": "aGk="}', "encrypted by OpenTofu; `tofu state pull` prints it"),
        (b'{"format_version": "1.0", "values": {}}', "`terraform state pull` prints the state"),
        (content([]), "s.tfstate: an empty state: no managed resource in it"),
        (content([resource("data.aws_ami.this", {"id": "ami-1"})]), "an empty state"),
        (content([{**_VPC, "instances": "none"}]), 'module.net.aws_vpc.this: a damaged state: "instances"'),
        (content([{**_VPC, "type": None}]), 'a damaged state: a resource without "mode", "type" or "name"'),
        (content([{**_VPC, "instances": [{}]}]), 'module.net.aws_vpc.this: a damaged state: no "attributes"'),
    ],
)
def test_what_is_no_state_to_take_over_is_refused_in_one_line(given: bytes, words: str) -> None:
    refusal = _refusal(given)
    assert words in refusal
    assert "\n" not in refusal


def test_tainted_and_deposed_instances_stop_each_with_its_address() -> None:
    tainted = resource("aws_instance.host", {"id": "i-1", "user_data": "hush"}, status="tainted")
    deposed = resource("module.a.aws_instance.host", {"id": "i-2"}, deposed="0a1b2c3d")
    lines = _refusal(content([tainted, deposed])).split("\n")
    assert [line.split(": ")[:3] for line in lines] == [
        ["s.tfstate", "aws_instance.host", "tainted"],
        ["s.tfstate", "module.a.aws_instance.host", "deposed"],
    ]
    assert "hush" not in "".join(lines)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"account": "222222222222", "region": "eu-west-1"}, "came account 111111111111; allowed for the stack: 2222"),
        ({"account": None, "region": "eu-west-2"}, "came region eu-west-1; nothing of the stack's region eu-west-2"),
    ],
)
def test_state_of_another_account_or_region_is_refused_with_an_address(place: dict[str, Any], words: str) -> None:
    with pytest.raises(OperatorError) as raised:
        check_place(state(_VPC), **place, source="s.tfstate")
    assert str(raised.value).startswith("s.tfstate: module.net.aws_vpc.this: ")
    assert words in str(raised.value)
    check_place(state(_VPC), account="111111111111", region="eu-west-1", source="s.tfstate")
    check_place(state(_VPC), account=None, region="", source="s.tfstate")


def test_a_module_that_only_dependencies_name_is_missing() -> None:
    service = resource(
        "module.ecs.aws_ecs_service.this", {"id": "s"}, dependencies=["module.net.module.in.aws_subnet.a", "aws_vpc.b"]
    )
    assert missing_modules(state(_VPC, service)) == {"module.net.module.in": "module.ecs.aws_ecs_service.this"}
    assert missing_modules(state(_VPC)) == {}


def test_a_file_is_read_and_one_that_is_too_large_or_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "s.tfstate"
    file.write_bytes(b"\xef\xbb\xbf" + content([_VPC]))
    assert read_state(str(file)).serial == 7
    with pytest.raises(OperatorError, match="cannot be read: No such file"):
        read_state(str(tmp_path / "other"))
    with pytest.raises(OperatorError, match="cannot be read: Is a directory"):
        read_state(str(tmp_path))
    monkeypatch.setattr(states, "LARGEST_MIB", 1)
    file.write_text(json.dumps("x" * 1024 * 1024))
    with pytest.raises(OperatorError, match="larger than 1 MiB"):
        read_state(str(file))
