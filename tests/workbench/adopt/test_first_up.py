"""The first update after an import, on the sample program's stacks and pairs made by hand."""

import json
from typing import Any

import pytest

from tests.support.sample import OTHER, STACKS
from tests.workbench.adopt.pairs import matching, plain_of, plan_of
from workbench.adopt.first_up.judge import Fate, FirstUp, Judged, judge_first_up
from workbench.adopt.first_up.wording import first_up_lines

AURORA, REDIS, SECURITY_GROUP = "sample-trial-aurora-cluster", "sample-trial-redis", "sample-trial-redis-sg"
PASSWORD = "s3cret-of-terraform"


def judged(stack: str = OTHER, *, defaults_edited: bool = True, **given: Any) -> FirstUp:
    return judge_first_up(
        matching(stack, **given), plan_of(stack), plain=plain_of(stack), defaults_edited=defaults_edited
    )


def one(first_up: FirstUp, name: str) -> Judged:
    (found,) = (each for each in first_up.judged if each.resource.name == name)
    return found


def changed(name: str, **values: Any) -> Judged:
    return one(judged(changes={name: values}), name)


@pytest.mark.parametrize("stack", STACKS)
def test_state_that_is_the_plan_leaves_only_what_no_import_brings_back(stack: str) -> None:
    first_up = judged(stack)
    assert {each.fate for each in first_up.judged} == {Fate.HARMLESS, Fate.CHANGED}
    changes = {(each.resource.type, change.path) for each in first_up.of(Fate.CHANGED) for change in each.properties}
    assert changes == {("aws:ecs/service:Service", "forceNewDeployment")}
    assert "starts every task of the service anew" in first_up.of(Fate.CHANGED)[0].why


def test_create_only_property_of_another_value_replaces_and_drags_along_what_refers_to_it() -> None:
    first_up = judged(changes={"sample-trial-redis-subnets": {"description": "Managed by Terraform"}})
    # In place, as the provider does it: AWS takes another description.
    assert one(first_up, "sample-trial-redis-subnets").fate is Fate.CHANGED
    first_up = judged(changes={SECURITY_GROUP: {"description": "Managed by Terraform"}})
    group = one(first_up, SECURITY_GROUP)
    assert (group.fate, group.replacing, group.address) == (
        Fate.REPLACED,
        ("description",),
        "module.estate.securitygroup.sample_trial_redis_sg",
    )
    assert {each.resource.name for each in first_up.of(Fate.REPLACED)} > {SECURITY_GROUP}
    assert first_up.exit_code == 4


def test_names_that_pulumi_makes_are_kept_only_by_the_edit() -> None:
    assert judged().of(Fate.REPLACED) == ()
    kept = {each.pair.resource.name: each.value for each in judged().kept_names}
    assert kept[REDIS] == f"tf-{REDIS}"
    assert AURORA not in kept
    without = {each.resource.name for each in judged(defaults_edited=False).of(Fate.REPLACED)}
    assert {REDIS, SECURITY_GROUP} < without


def test_json_written_otherwise_and_sets_in_another_order_are_the_same() -> None:
    plan = plain_of()
    (urn,) = (urn for urn in plan if urn.endswith("rolePolicy:RolePolicy::sample-trial-web-task-policy"))
    policy = json.loads(plan[urn]["policy"])
    policy["Statement"] = [{**each, "Action": list(reversed(each["Action"]))} for each in policy["Statement"]]
    log_exports = list(
        reversed(next(plan[urn] for urn in plan if urn.endswith(AURORA))["enabledCloudwatchLogsExports"])
    )
    first_up = judged(
        changes={
            "sample-trial-web-task-policy": {"policy": json.dumps(policy, separators=(",", ":"))},
            AURORA: {"enabledCloudwatchLogsExports": log_exports, "port": "3306"},
        }
    )
    assert [each.resource.name for each in first_up.judged] == [each.resource.name for each in judged().judged]


def test_value_that_the_program_takes_away_is_a_change_unless_it_is_the_default() -> None:
    balancer = "sample-trial-alb-web"
    found = changed(balancer, idleTimeout=300, enableHttp2=True, ipAddressType="ipv4", customerOwnedIpv4Pool="pool-1")
    paths = {change.path for change in found.properties}
    assert {"customerOwnedIpv4Pool"} <= paths
    assert paths.isdisjoint({"enableHttp2", "ipAddressType"})


def test_secret_of_the_state_is_shown_nowhere() -> None:
    first_up = judged(changes={AURORA: {"masterPassword": PASSWORD}})
    found = one(first_up, AURORA)
    assert "masterPassword" in {change.path for change in found.properties}
    shown = "\n".join(first_up_lines(first_up, full=True)) + json.dumps(first_up.as_json())
    assert PASSWORD not in shown
    assert "[secret]" in shown


def test_same_secret_is_no_change() -> None:
    assert not any(change.path == "masterPassword" for each in judged().judged for change in each.properties)


def test_tags_count_with_those_of_the_provider() -> None:
    tags = {"Name": "other", "environment": "trial", "owner": "somebody"}
    found = changed(SECURITY_GROUP, tagsAll=tags, tags=tags)
    assert found.fate is Fate.CHANGED
    assert {"tags.Name", "tags.owner"} <= {change.path for change in found.properties}


def test_what_is_missing_or_ambiguous_is_created_and_says_so() -> None:
    first_up = judged(missing=["sample-trial-alb-web"], ambiguous=[REDIS])
    created = {each.resource.name: each.why for each in first_up.of(Fate.CREATED)}
    assert created.keys() == {"sample-trial-alb-web", REDIS}
    assert created[REDIS] == "it may be there already: content alone"


def test_revision_is_harmless_whatever_changes_in_it() -> None:
    found = changed("sample-trial-web-task-definition", cpu="4096")
    assert found.fate is Fate.HARMLESS
    assert "new revision" in found.why


def test_counts_are_those_of_the_resources() -> None:
    counts = judged().as_json()["counts"]
    assert sum(counts.values()) == len(matching().matched)


def test_lines_name_resource_address_and_property() -> None:
    text = "\n".join(
        first_up_lines(judged(changes={SECURITY_GROUP: {"description": "Managed by Terraform"}}), full=True)
    )
    assert 'description: "Managed by Terraform" → ' in text
    assert "[replaces]" in text
    assert "(was module.estate.securitygroup.sample_trial_redis_sg)" in text
    assert f"{REDIS}  replicationGroupId: tf-{REDIS}" in text


def test_without_full_only_what_replaces_is_listed_and_changes_are_counted() -> None:
    found = judged(changes={SECURITY_GROUP: {"description": "Managed by Terraform"}})
    short, full = "\n".join(first_up_lines(found, full=False)), "\n".join(first_up_lines(found, full=True))
    assert 'description: "Managed by Terraform" → ' in short
    assert len(short.splitlines()) < len(full.splitlines())
    assert short.splitlines()[0] == full.splitlines()[0]
