"""The folder of an adoption: its import file, its edits, and how it is written."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.support.sample import OTHER
from tests.workbench.adopt.pairs import matching, plain_of, plan_of
from workbench.adopt.first_up.judge import kept_names
from workbench.adopt.folder.defaults import Edit, edited, missing
from workbench.adopt.folder.import_file import SIGNATURE, import_file
from workbench.adopt.folder.removed import removal, without_keys
from workbench.adopt.folder.rest import rest
from workbench.adopt.folder.runbook import readme, steps
from workbench.adopt.folder.writing import RUN_FILE, Run, read_folder, write_folder
from workbench.errors import OperatorError

PASSWORD = "sample-trial-aurora-master-password"
RUN = Run(stack="trial", lineage="1a2b", serial=7)


def entries(**given: Any) -> dict[str, dict[str, Any]]:
    found = import_file(plan_of(), matching(**given).matched, plain=plain_of())
    assert found["nameTable"] == {}
    return {entry["name"]: entry for entry in found["resources"]}


def test_only_what_is_proved_is_imported_with_the_components_that_it_stands_in() -> None:
    names = [one.resource.name for one in matching().matched if one.resource.name != PASSWORD]
    found = entries(missing=names)
    assert [(name, entry["type"]) for name, entry in found.items()] == [
        ("sample-trial-aurora", "zelly-components:index:AuroraCluster"),
        (PASSWORD, "random:index/randomPassword:RandomPassword"),
    ]
    assert found["sample-trial-aurora"]["component"] is True
    assert found[PASSWORD]["parent"] == "sample-trial-aurora"


def test_names_within_the_file_are_unique_and_the_logical_ones_are_kept() -> None:
    found = import_file(plan_of(), matching().matched, plain=plain_of())["resources"]
    assert len({entry["name"] for entry in found}) == len(found)
    logical = sorted(entry.get("logicalName", entry["name"]) for entry in found if "id" in entry)
    assert logical == sorted(one.resource.name for one in matching().matched)
    (provider,) = (entry for entry in found if entry["type"] == "pulumi:providers:aws")
    # The stack itself has the name.
    assert (provider["name"], provider["logicalName"]) == ("sample-trialAws", "sample-trial")
    assert "id" not in provider
    assert provider["inputs"]["region"] == "eu-west-1"


def test_password_is_the_states_and_its_settings_are_the_programs() -> None:
    changes = {PASSWORD: {"result": "of-terraform", "length": 16, "special": True, "lower": True}}
    entry = entries(changes=changes)[PASSWORD]
    assert entry["inputs"] == {"length": 40, "special": False}
    assert entry["outputs"] == {
        **entry["inputs"],
        "id": entry["id"],
        "lower": True,
        "result": {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"of-terraform"'},
    }


def test_resources_of_one_type_and_id_have_their_outputs_in_the_file() -> None:
    found = import_file(plan_of(), matching().matched, plain=plain_of())["resources"]
    read = [(entry["type"], entry["id"]) for entry in found if "id" in entry and "outputs" not in entry]
    assert len(set(read)) == len(read)


def test_what_aws_never_tells_is_given_as_a_secret() -> None:
    entry = entries()["sample-trial-aurora-cluster"]
    assert entry["inputs"].keys() == {"masterPassword"}
    assert entry["inputs"]["masterPassword"][SIGNATURE]
    assert "outputs" not in entry


def test_rest_of_an_import_names_what_is_there_by_its_urn() -> None:
    whole = import_file(plan_of(), matching().matched, plain=plain_of())
    urns = [resource.urn for resource in plan_of().resources]
    exported = {"deployment": {"resources": [{"urn": urn} for urn in urns if "$aws:elasticache/rep" not in urn]}}
    found = rest(whole, exported, source="x")
    (entry,) = found["resources"]
    assert (entry["type"], entry["parent"]) == (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "sample-trial-redis",
    )
    assert found["nameTable"]["sample-trial-redis"].endswith("::zelly-components:index:RedisNode::sample-trial-redis")
    assert found["nameTable"][entry["provider"]].endswith("pulumi:providers:aws::sample-trial")
    assert rest(whole, {"deployment": {"resources": []}}, source="x") == whole


def _exported(edits: list[Edit]) -> dict[str, Any]:
    resources: list[dict[str, Any]] = [
        {"urn": one.urn, "inputs": {one.property: one.value, "__defaults": []}} for one in edits
    ]
    return {"version": 3, "deployment": {"resources": resources}}


def edits_of() -> list[Edit]:
    return [
        Edit(urn=one.pair.resource.urn, property=one.property, value=one.value)
        for one in kept_names(matching().matched)
    ]


def test_edit_notes_each_kept_name_once() -> None:
    edits = edits_of()
    exported = _exported(edits)
    assert missing(exported, edits, source="x") == edits
    once = edited(exported, edits, source="x")
    assert missing(once, edits, source="x") == []
    assert edited(once, edits, source="x") == once
    assert once["deployment"]["resources"][0]["inputs"]["__defaults"] == [edits[0].property]


def test_edit_refuses_what_is_not_imported_and_another_name() -> None:
    first, second, *_ = edits_of()
    exported = _exported([first])
    with pytest.raises(OperatorError, match=f"{second.urn.rpartition('::')[2]}: not imported yet"):
        edited(exported, [first, second], source="exported.json")
    exported["deployment"]["resources"][0]["inputs"][first.property] = "made-anew"
    with pytest.raises(OperatorError, match="came made-anew"):
        edited(exported, [first], source="exported.json")


def test_state_loses_exactly_the_imported_addresses() -> None:
    managed = ["module.vpc.aws_vpc.this", "aws_subnet.a[0]", "aws_subnet.a[1]", 'module.s["x.y[0]"].aws_role.r["k"]']
    found = removal([managed[0], managed[1], managed[3]], managed, terraform_version="1.11.4")
    assert found.blocks == ("module.vpc.aws_vpc.this", "module.s.aws_role.r")
    assert found.state_rm() == ["'aws_subnet.a[0]'"]
    assert "from = module.s.aws_role.r\n" in found.file()
    assert found.file().count("destroy = false") == 2
    old = removal([managed[0]], managed, terraform_version="1.5.7")
    assert (old.blocks, old.commands) == ((), (managed[0],))


def test_keys_of_an_address_hold_anything() -> None:
    assert without_keys('module.a["b.c[0]"].aws_x.y["z\\"]"][0]') == "module.a.aws_x.y"


def test_readme_numbers_the_commands_with_the_way_back() -> None:
    found = removal(["aws_vpc.this"], ["aws_vpc.this"], terraform_version="1.11.4")
    text = readme("trial", steps("trial", "~/my folder", imported=3, edits=2, removal=found))
    assert "## 3. Keep the names" in text
    assert "    pulumi import --file '~/my folder/import.json' --stack trial" in text
    assert text.count("Way back: ") == 7


def test_folder_is_its_owners_alone_and_of_one_adoption(tmp_path: Path) -> None:
    folder = tmp_path / "adoption"
    assert write_folder(folder, {"import.json": "{}", "removed.tf": ""}, RUN, replace=False) is None
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert (stat.S_IMODE(folder.stat().st_mode), set(modes.values())) == (0o700, {0o600})
    later = Run(stack="trial", lineage="1a2b", serial=8)
    assert "before it was of serial 7" in (write_folder(folder, {"import.json": "{}"}, later, replace=False) or "")
    assert {path.name for path in folder.iterdir()} == {"import.json", RUN_FILE}
    other = Run(stack="trial", lineage="ffff", serial=1)
    with pytest.raises(OperatorError, match="from another Terraform state"):
        write_folder(folder, {}, other, replace=False)
    write_folder(folder, {}, other, replace=True)
    assert read_folder(folder, "trial")["lineage"] == "ffff"
    with pytest.raises(OperatorError, match="one of live is required"):
        read_folder(folder, "live")


def test_folder_that_was_not_finished_says_so(tmp_path: Path) -> None:
    write_folder(tmp_path / "a", {}, RUN, replace=False)
    path = tmp_path / "a" / RUN_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "whole": False}))
    with pytest.raises(OperatorError, match="not written to its end"):
        read_folder(tmp_path / "a", "trial")
    assert "stopped while it wrote" in (write_folder(tmp_path / "a", {}, RUN, replace=False) or "")


def test_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(OperatorError, match="holds other files"):
        write_folder(tmp_path, {}, RUN, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(OperatorError, match=f"no {RUN_FILE} in it"):
        read_folder(tmp_path, OTHER)
