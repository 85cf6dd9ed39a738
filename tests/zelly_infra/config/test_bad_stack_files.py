"""Every wrong stack file gets lines that say where, what came and what is allowed; never a traceback."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.support.changed_values import REMOVED
from tests.zelly_infra.stack_files import ROOT, steady, with_changes, write_stack_file
from workbench.errors import OperatorError
from zelly_infra.stack_file import parse_environment, read_stack_file

CASES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(  # pyright: ignore[reportUnknownMemberType]
    Path(__file__).with_name("bad_stack_files.yaml")
)
ENVIRONMENTS = {stack: steady(stack) for stack in ("production", "staging")}


def case_id(case: dict[str, Any]) -> str:
    changes: dict[str, Any] = {**case.get("set", {}), **dict.fromkeys(case.get("remove", []), "removed")}
    return ", ".join(f"{path}={value}" for path, value in changes.items())


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_one_wrong_value_is_named_with_what_is_allowed(case: dict[str, Any], tmp_path: Path) -> None:
    changes: dict[str, Any] = {**case.get("set", {}), **dict.fromkeys(case.get("remove", []), REMOVED)}
    environment = with_changes(deepcopy(ENVIRONMENTS[case["stack"]]), changes)
    write_stack_file(tmp_path, case["stack"], environment)
    with pytest.raises(OperatorError) as caught:
        read_stack_file(case["stack"], tmp_path)
    assert [f"Pulumi.{case['stack']}.yaml: zelly:env.{line}" for line in case["lines"]] == list(caught.value.lines)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "came nothing; a mapping with the key config is required"),
        ("- config", 'came ["config"]; a mapping with the key config is required'),
        ("config:", "config: came nothing; a mapping with zelly:env is required"),
        ("config: zelly", 'config: came "zelly"; a mapping with zelly:env is required'),
        ("config: {}", "zelly:env: missing; a mapping with the keys of EnvironmentConfig is required"),
        (
            "config:\n  aws:region: ap-south-1",
            "zelly:env: missing; a mapping with the keys of EnvironmentConfig is required",
        ),
        (
            "confg: {}",
            "confg: unknown key; allowed: config, environment, secretsprovider, encryptedkey, encryptionsalt",
        ),
        (
            "config:\n  env: {}",
            "config.env: unknown key; allowed: zelly:env, aws:…, cloudflare:…, pulumi:…, random:…",
        ),
        (
            "config:\n  aws: {}",
            "config.aws: unknown key; allowed: zelly:env, aws:…, cloudflare:…, pulumi:…, random:…",
        ),
        (
            "config:\n  7: {}",
            "config.7: unknown key; allowed: zelly:env, aws:…, cloudflare:…, pulumi:…, random:…",
        ),
        (
            "config:\n  zelly:environment: {}",
            "config.zelly:environment: unknown key; allowed: zelly:env, aws:…, cloudflare:…, pulumi:…, random:…",
        ),
        (
            "config:\n  zelly:env: {secure: v1:abc}",
            "zelly:env: came a secret; plain values are required, secrets have keys of their own",
        ),
        (
            "config:\n  cloudflare:apiToken: abc",
            "cloudflare:apiToken: came plain text; "
            "a secret is required: pulumi config set --secret cloudflare:apiToken",
        ),
    ],
)
def test_file_of_the_wrong_form_is_named(text: str, line: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.staging.yaml").write_text(text)
    with pytest.raises(OperatorError) as caught:
        read_stack_file("staging", tmp_path)
    assert caught.value.lines == (f"Pulumi.staging.yaml: {line}",)


@pytest.mark.parametrize("value", ["7", "a text", "[1, 2]"])
def test_structured_key_that_is_no_mapping_is_named(value: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.staging.yaml").write_text(f"config:\n  zelly:env: {value}\n")
    with pytest.raises(
        OperatorError, match=r"^Pulumi\.staging\.yaml: zelly:env: came .*; .*a mapping with environment, region"
    ):
        read_stack_file("staging", tmp_path)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("config:\n  zelly:env: {a: 1\n", "line 3, column 1"),
        ("config:\n\tzelly:env: 1\n", "line 2, column 1"),
        ("config: {}\nconfig: {}\n", "line 2, column 1"),
        ("config:\n  zelly:env:\n    region: a\n    region: b\n", "line 4, column 5"),
        ("config: *anchor\n", "line 1, column 9"),
    ],
)
def test_broken_yaml_is_named_with_its_place(text: str, where: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.staging.yaml").write_text(text)
    with pytest.raises(OperatorError) as caught:
        read_stack_file("staging", tmp_path)
    assert len(caught.value.lines) == 1
    assert caught.value.lines[0].startswith(f"Pulumi.staging.yaml: {where}: not YAML: ")


def test_broken_yaml_of_which_only_the_context_is_known_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.staging.yaml").write_text("config:\n  zelly:env: |\n   \n     a: 1\n")
    with pytest.raises(OperatorError) as caught:
        read_stack_file("staging", tmp_path)
    reason = "more indented follow up line than first in a block scalar"
    assert caught.value.lines == (f"Pulumi.staging.yaml: line 4, column 6: not YAML: {reason}",)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.staging.yaml").write_bytes(b"config: \xff\xfe")
    with pytest.raises(OperatorError, match=r"^Pulumi\.staging\.yaml: not YAML: "):
        read_stack_file("staging", tmp_path)


def test_unknown_stack_is_answered_with_those_there_are() -> None:
    with pytest.raises(OperatorError) as caught:
        read_stack_file("prodution", ROOT)
    assert caught.value.lines == ("stack: prodution; allowed: production, staging",)


def test_folder_without_stack_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        read_stack_file("production", tmp_path)
    assert caught.value.lines == (f"stack: production; allowed: none, {tmp_path} has no stack file",)


def test_several_wrong_values_are_all_named(tmp_path: Path) -> None:
    changes = {"region": 5, "redis/engine_version": "6.2", "aurora/instances": 0}
    write_stack_file(tmp_path, "staging", with_changes(deepcopy(ENVIRONMENTS["staging"]), changes))
    with pytest.raises(OperatorError) as caught:
        read_stack_file("staging", tmp_path)
    assert [line.split(": ")[1] for line in caught.value.lines] == [
        "zelly:env.region",
        "zelly:env.aurora.instances",
        "zelly:env.redis.engine_version",
    ]


def leaves(value: Any, path: str = "") -> list[str]:
    if isinstance(value, dict):
        items = cast(dict[str, Any], value)
        return [leaf for key, item in items.items() for leaf in leaves(item, f"{path}/{key}" if path else key)]
    return [path]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(path=st.sampled_from(leaves(ENVIRONMENTS["production"])), value=JSON_VALUES | st.just(REMOVED))
@settings(max_examples=300, deadline=None)
def test_any_value_is_taken_or_refused_in_lines(path: str, value: Any) -> None:
    text = json.dumps(with_changes(deepcopy(ENVIRONMENTS["production"]), {path: value}))
    lines = refusal(text)
    assert all(line.startswith("stack file: zelly:env.") for line in lines)
    assert all("; " in line and "\n" not in line for line in lines)


def refusal(text: str) -> tuple[str, ...]:
    """Return the lines that a config is refused with; none when it is taken."""
    try:
        parse_environment(text, source="stack file")
    except OperatorError as error:
        return error.lines
    return ()


@pytest.mark.parametrize(("length", "shown"), [(58, f'"{"x" * 58}"'), (59, f'"{"x" * 58}…')])
def test_long_value_is_cut_to_sixty_characters(length: int, shown: str) -> None:
    changes = {"dns/cloudflare_zone_id": "x" * length}
    (line,) = refusal(json.dumps(with_changes(deepcopy(ENVIRONMENTS["production"]), changes)))
    assert line.startswith(f"stack file: zelly:env.dns.cloudflare_zone_id: came {shown}; allowed: ")
