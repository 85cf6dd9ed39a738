"""The schema of the package: what is committed, whom a change of it breaks, and that it says every input."""

import dataclasses
import json
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pulumi
import pytest
from ruamel.yaml import YAML

from tools.package.schema_file import main
from zelly_components import __version__
from zelly_components.base import PACKAGE
from zelly_components.package.compatibility import breaking_changes, unannounced
from zelly_components.package.schema import package_schema
from zelly_components.package.shapes import arguments_of, components, fields_of

PROJECT = Path(__file__).parents[3] / "components"
VPC = f"{PACKAGE}:index:Vpc"


def test_what_is_committed_is_what_the_components_say() -> None:
    committed = json.loads((PROJECT / "schema.json").read_text(encoding="utf-8"))
    broken = list(breaking_changes(committed, package_schema()))
    assert broken == [], "a breaking release, or a mistake:\n" + "\n".join(broken)
    assert committed == package_schema(), "run make docs"


def test_version_is_one_and_has_its_entry_in_the_changes() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    changes = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert project["tool"]["hatch"]["version"]["path"] == "zelly_components/__init__.py"
    assert package_schema()["version"] == __version__
    assert changes.count(f"\n## {__version__}\n") == 1


def test_plugin_is_called_as_the_package() -> None:
    text = (PROJECT / "PulumiPlugin.yaml").read_text(encoding="utf-8")
    plugin: Any = YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
    assert (plugin["name"], plugin["namespace"]) == (package_schema()["name"], package_schema()["namespace"])


def test_every_component_every_input_and_every_record_is_described() -> None:
    schema = package_schema()
    owners = [
        *schema["resources"].items(),
        *((token, each) for token, each in schema["types"].items() if "enum" not in each),
    ]
    silent = [
        f"{token}.{key}"
        for token, owner in owners
        for key, said in owner.get("inputProperties", owner["properties"]).items()
        if not said.get("description")
    ]
    assert silent == []
    assert [token for token, owner in owners if not owner["description"]] == []
    assert {token.rpartition(":")[2] for token in schema["resources"]} == {*components()}


def test_only_an_output_is_no_plain_input() -> None:
    inputs = package_schema()["resources"][VPC]["inputProperties"]
    assert inputs["cidrBlock"]["plain"]
    redis = package_schema()["resources"][f"{PACKAGE}:index:RedisNode"]["inputProperties"]
    assert "plain" not in redis["vpcId"]
    # Another component's list of Outputs comes as one Output.
    assert "plain" not in redis["subnetIds"]
    assert redis["subnetIds"]["items"] == {"type": "string"}
    # Another component's ports are known, and an Output in every other language.
    permission = package_schema()["resources"][f"{PACKAGE}:index:Permission"]["inputProperties"]
    assert "plain" not in permission["ports"]
    assert permission["target"]["plain"]


def changed(**changes: Any) -> dict[str, Any]:
    """Return the schema with changes in the component's own entry."""
    schema = deepcopy(dict(package_schema()))
    for path, value in changes.items():
        *parents, last = path.split("__")
        place: Any = schema["resources"][VPC]
        for parent in parents:
            place = place[parent]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return schema


INPUT = package_schema()["resources"][VPC]["inputProperties"]["cidrBlock"]


@pytest.mark.parametrize(
    ("after", "line"),
    [
        (changed(inputProperties__cidrBlock=None), "input cidrBlock is gone: breaks programs that give it"),
        (
            changed(inputProperties__cidrBlock=INPUT | {"type": "integer"}),
            "input cidrBlock has another type: breaks programs that give it",
        ),
        (
            changed(requiredInputs=[*package_schema()["resources"][VPC]["requiredInputs"], "subnets"]),
            "input subnets is required now: breaks programs that leave it out",
        ),
        (changed(properties__vpcId=None), "output vpcId is gone: breaks programs that read it"),
        (
            changed(properties__vpcId={"type": "number"}),
            "output vpcId has another type: breaks programs that read it",
        ),
        (changed(required=[]), "output vpcId may be absent now: breaks programs that rely on it"),
    ],
)
def test_a_change_that_breaks_says_whom(after: dict[str, Any], line: str) -> None:
    assert next(breaking_changes(package_schema(), after)) == f"{VPC}: {line}"


def test_types_and_choices_break_as_well() -> None:
    schema = package_schema()
    record, choice = f"{PACKAGE}:index:VpcSubnets", f"{PACKAGE}:index:RedisNodeEngine"
    without = deepcopy(dict(schema))
    del without["resources"][VPC], without["types"][record]
    without["types"][choice]["enum"].pop()
    assert list(breaking_changes(schema, without)) == [
        f"{VPC}: is gone: breaks every program that has one; what stands has to be known by an alias",
        f"{choice}: valkey is gone: breaks programs that give it",
        f"{record}: is gone: breaks programs that name the type",
    ]


@pytest.mark.parametrize(
    ("before", "after", "is_announced"),
    [("0.1.0", "0.1.1", False), ("0.1.0", "0.2.0", True), ("1.0.0", "1.1.0", False), ("1.9.0", "2.0.0", True)],
)
def test_what_breaks_takes_a_version_that_says_so(before: str, after: str, is_announced: bool) -> None:
    released: dict[str, Any] = {**package_schema(), "version": before}
    changes = unannounced(released, {**changed(properties__vpcId=None), "version": after})
    assert (not list(changes)) == is_announced


def test_a_schema_is_not_written_over_one_that_it_breaks_unannounced(tmp_path: Path) -> None:
    written = tmp_path / "schema.json"
    main([str(written)])
    assert written.read_text(encoding="utf-8") == (PROJECT / "schema.json").read_text(encoding="utf-8")
    before = json.loads(written.read_text(encoding="utf-8"))
    before["resources"][VPC]["properties"]["former"] = {"type": "string"}
    written.write_text(json.dumps(before), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([str(written)])
    assert str(ended.value).startswith(f"{VPC}: output former is gone: breaks programs that read it\n")
    assert json.loads(written.read_text(encoding="utf-8")) == before


def test_what_breaks_nobody_is_no_finding() -> None:
    more = changed(inputProperties__colour={"type": "string"}, properties__colour={"type": "string"})
    described = changed(inputProperties__cidrBlock=INPUT | {"description": "Its range."})
    assert [*breaking_changes(package_schema(), more), *breaking_changes(package_schema(), described)] == []


def _untold() -> Iterator[type]:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class UntoldArgs:
        when: complex

    yield UntoldArgs


def test_a_type_that_no_schema_says_is_named() -> None:
    (untold,) = _untold()
    with pytest.raises(TypeError, match=r"^UntoldArgs\.when: no schema says <class 'complex'>$"):
        fields_of(untold)


def test_arguments_of_a_component_are_its_own() -> None:
    assert arguments_of(components()["Vpc"]).__name__ == "VpcArgs"
    assert all(issubclass(component, pulumi.ComponentResource) for component in components().values())
