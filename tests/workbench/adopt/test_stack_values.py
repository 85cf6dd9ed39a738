"""The settings that make the first update empty, found by trying them on the sample program."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.sample import FOLDER, OTHER, REGIONS, environment_of, evaluated, read_stack_file, write_stack_file
from tests.workbench.adopt.pairs import matching, plain_of, plan_of
from workbench.adopt.first_up.judge import judge_first_up
from workbench.adopt.stack_values.candidates import Candidate, Difference, candidates, of_tags
from workbench.adopt.stack_values.judged import differences, under
from workbench.adopt.stack_values.patch import patch, values_as_json
from workbench.adopt.stack_values.settings import Setting, settings, with_values
from workbench.adopt.stack_values.trials import StackValues, search
from workbench.review.plan_document import document


def difference(path: str, found: Any, wanted: Any, urn: str = "urn:pulumi:a::b::c::shop-redis") -> Difference:
    return Difference(urn=urn, address="module.x.aws_y.z", path=path, found=found, wanted=wanted)


def searched(changes: Mapping[str, Mapping[str, Any]]) -> StackValues:
    found = matching(changes=changes)

    def trial(values: Mapping[str, Any]) -> Sequence[Difference]:
        with tempfile.TemporaryDirectory() as folder:
            write_stack_file(Path(folder), OTHER, values)
            shutil.copy(FOLDER / "__main__.py", folder)
            evaluation = evaluated(read_stack_file(OTHER, Path(folder)))
        plan = document(evaluation, REGIONS[OTHER])
        plain = {one.urn: one.plain_inputs for one in evaluation.resources}
        return differences(judge_first_up(under(found, plan), plan, plain=plain))

    first = differences(judge_first_up(found, plan_of(), plain=plain_of()))
    return search(environment_of(OTHER), first, trial)


@pytest.fixture(scope="module")
def result() -> StackValues:
    return searched(
        {
            "sample-trial-redis": {"nodeType": "cache.t4g.small"},
            "sample-trial-clickhouse-data": {"size": 40},
            "sample-trial-clickhouse-instance": {"ami": "ami-0aaaabbbbccccdddd", "instanceType": "t4g.medium"},
            "sample-trial-aurora-cluster": {"masterUsername": "administrator"},
            "sample-trial-redis-sg": {"description": "Managed by Terraform"},
        }
    )


def test_each_difference_is_settled_by_its_setting(result: StackValues) -> None:
    assert {".".join(one.path): (one.before, one.value) for one in result.found} == {
        "redis.node_type": ("cache.t4g.micro", "cache.t4g.small"),
        "clickhouse.volume_gib": (10, 40),
        "clickhouse.instance_type": ("t4g.small", "t4g.medium"),
    }


def test_what_no_setting_says_is_named(result: StackValues) -> None:
    unsaid = {(one.urn.rpartition("::")[2], one.path) for one in result.unsaid}
    assert {
        ("sample-trial-aurora-cluster", "masterUsername"),
        ("sample-trial-redis-sg", "description"),
    } <= unsaid
    assert not {path for _, path in unsaid} & {"nodeType", "skipFinalSnapshot", "forceNewDeployment"}


def test_few_evaluations_are_enough(result: StackValues) -> None:
    assert result.evaluations <= 12


def test_setting_that_two_share_is_told_apart_at_once() -> None:
    before = {"ttl_seconds": 300, **{f"{name}_name": f"{name}-new" for name in "abcdefgh"}}
    there = {"record": 60, "other_record": 300, **{name: f"{name}-old" for name in "abcdefgh"}}

    def trial(values: Mapping[str, Any]) -> Sequence[Difference]:
        wanted = {"record": values["ttl_seconds"], "other_record": values["ttl_seconds"]}
        wanted |= {name: values[f"{name}_name"] for name in "abcdefgh"}
        differing = [name for name, value in wanted.items() if value != there[name]]
        return [
            difference("ttl" if "record" in name else "name", there[name], wanted[name], name) for name in differing
        ]

    found = search(before, trial(before), trial)
    assert {".".join(one.path) for one in found.found} == {f"{name}_name" for name in "abcdefgh"}
    assert found.refused.keys() == {("ttl_seconds",)}
    # All of them, all but the shared one, the shared one alone, and in the end what was found.
    assert found.evaluations == 4


def test_patch_is_yaml_with_the_addresses(result: StackValues) -> None:
    text = patch("sample:env", environment_of(OTHER), result.found)
    assert text.startswith("config:\n  sample:env:\n")
    assert "      node_type: cache.t4g.small  # module.estate.replicationgroup.sample_trial_redis: nodeType\n" in text
    assert values_as_json(result)["values"][0]["from"]


def test_settings_are_scalars_and_lists_and_mappings_of_them() -> None:
    values = {"a": {"b": 1}, "tags": {"owner": "me"}, "zones": ["x", "y"], "providers": [{"name": "F"}]}
    assert {one.dotted: one.value for one in settings(values)} == {
        "a.b": 1,
        "tags": {"owner": "me"},
        "tags.owner": "me",
        "zones": ["x", "y"],
        "zones.0": "x",
        "zones.1": "y",
        "providers.0": {"name": "F"},
        "providers.0.name": "F",
    }
    changed = with_values(values, {("providers", "0", "name"): "S", ("a", "c"): 2})
    assert (changed["providers"], changed["a"]) == ([{"name": "S"}], {"b": 1, "c": 2})


def test_candidates_fit_in_value_and_the_likeliest_comes_first() -> None:
    known = [
        Setting(path=("aurora", "minimum"), value=1),
        Setting(path=("redis", "snapshot_retention_days"), value=1),
        Setting(path=("redis", "port"), value=6379),
    ]
    found = candidates(difference("snapshotRetentionLimit", "7", 1), known)
    assert found[0] == Candidate(path=("redis", "snapshot_retention_days"), value=7)
    assert all(one.path != ("redis", "port") for one in found)


def test_part_of_a_text_is_found() -> None:
    host = [Setting(path=("dns", "hostname"), value="www.shop.example")]
    url = difference("content", "https://shop.example/x", "https://www.shop.example/x")
    assert candidates(url, host) == [Candidate(path=("dns", "hostname"), value="shop.example")]


def test_tags_that_all_resources_have_are_taken_together() -> None:
    known = [Setting(path=("tags",), value={"project": "shop", "team": "a"})]
    differing = [
        difference("tags.owner", "me", None),
        difference("tags.owner", "me", None, urn="urn:pulumi:a::b::c::other"),
        difference("tags.Name", "x", "y"),
        difference("tags.Name", "z", "y"),
        difference("tags.project", None, "shop"),
        difference("tags.ManagedBy", "Terraform", None),
    ]
    ((path, (value, _)),) = of_tags(differing, known).items()
    assert (path, value) == (("tags",), {"team": "a", "owner": "me"})
