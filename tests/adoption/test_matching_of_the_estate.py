"""Pairs of the live estate and the program: all that are true, none that is wrong, whatever of the state is there."""

import dataclasses
import functools
import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adoption.estate import Options
from tests.adoption.estates import PRODUCTION, STAGING, rules_of, state_of
from tests.adoption.truth import name_of
from tests.zelly_infra.evaluations import evaluation_of
from workbench.adopt.matching import match
from workbench.adopt.model import Matching, Pair, TerraformState
from workbench.adopt.rules import groups_to_list, with_rules
from workbench.adopt.state import parsed
from workbench.adopt.translation import translated
from workbench.evaluate import Evaluation
from workbench.placeholders import placeholder
from workbench.review.plan_document import PlanDocument, document

_REGIONS = {"staging": "ap-southeast-1", "production": "ap-south-1"}
_DOMAINS = {"staging": "staging.zelly.in", "production": "zelly.in"}
_HARDEST = Options(names="suffix", keys="count", rules="vpc", one_balancer_group=True, egress_all=True)
"""Other names, positions for keys, rules of their own, one group for all balancers."""


@functools.cache
def _plan(stack: str) -> PlanDocument:
    evaluation: Evaluation = evaluation_of(stack)
    return document(evaluation, _REGIONS[stack])


def _read(state: Mapping[str, Any]) -> TerraformState:
    return parsed(json.dumps(state).encode(), source="state")


def _matching(state: TerraformState, stack: str) -> Matching:
    return match(_plan(stack), [translated(instance) for instance in state.managed])


def _true_names(state: TerraformState, stack: str) -> dict[str, str]:
    """Return the logical name of each instance that somebody in the program is, rules left out."""
    named = {each.address: name_of(each, stack, _DOMAINS[stack]) for each in state.managed if not _is_rule(each.type)}
    return {address: name for address, name in named.items() if name is not None}


def _is_rule(terraform_type: str) -> bool:
    return terraform_type.startswith(("aws_vpc_security_group_", "aws_security_group_rule"))


def _found_names(matching: Matching) -> dict[str, str]:
    return {
        pair.found.instance.address: pair.resource.name
        for pair in matching.matched
        if not _is_rule(pair.found.instance.type)
    }


def _wrong_rules(matching: Matching, state: TerraformState, stack: str) -> list[Pair]:
    """Return the pairs of rules whose sides do not say the same of the same groups."""
    groups = {each.attributes["id"]: name_of(each, stack, _DOMAINS[stack]) for each in state.managed}
    rules = (pair for pair in matching.matched if _is_rule(pair.found.instance.type))
    return [pair for pair in rules if _said(pair.resource.inputs, {}) != _said(pair.found.properties, groups)]


def _said(rule: Mapping[str, Any], groups: Mapping[str, str | None]) -> Sequence[object]:
    """Return what a rule says, with groups as the program refers to them."""
    peers = (str(rule.get(name, "")) for name in ("securityGroupId", "referencedSecurityGroupId", "cidrIpv4"))
    said = [placeholder(str(groups[peer]), "id") if peer in groups else peer for peer in peers]
    ports = () if rule["ipProtocol"] == "-1" else (rule["fromPort"], rule["toPort"])
    return [*said, rule["ipProtocol"], *ports]


def _places(matching: Matching) -> tuple[list[str], list[tuple[str, str]]]:
    """Return each resource and each instance as often as it is in a list."""
    resources = [pair.resource.urn for pair in matching.matched]
    resources += [each.urn for each in matching.program_only] + [each.resource.urn for each in matching.ambiguous]
    candidates = {id(item): item for each in matching.ambiguous for item in each.candidates}
    items = [*(pair.found for pair in matching.matched), *matching.state_only, *candidates.values()]
    return resources, [(each.instance.address, each.instance.part) for each in items]


_ONE_GROUP_FOR_ALL = [[f"zelly-staging-alb-{name}-sg" for name in ("customer", "nova", "orion")]]


@pytest.mark.parametrize(
    ("options", "rules", "shared"),
    [(STAGING, 25, []), (PRODUCTION, 24, []), (_HARDEST, 8, _ONE_GROUP_FOR_ALL)],
    ids=["staging", "production", "written otherwise"],
)
def test_all_that_is_true_is_proved_and_each_thing_is_in_one_list(
    options: Options, rules: int, shared: list[list[str]]
) -> None:
    stack, state = options.stack, _read(state_of(options))
    assert bool(groups_to_list(state)) == (options.rules == "inline")
    if groups_to_list(state):
        state = with_rules(state, rules_of(options))
    matching = _matching(state, stack)
    assert _found_names(matching) == _true_names(state, stack)
    assert _wrong_rules(matching, state, stack) == []
    assert sum(_is_rule(pair.found.instance.type) for pair in matching.matched) == rules
    resources, items = _places(matching)
    assert sorted(resources) == sorted(
        each.urn for each in _plan(stack).resources if each.custom and "pulumi:" not in each.type
    )
    assert sorted(items) == sorted((each.address, each.part) for each in state.managed)
    in_common = [names for address, names in matching.shared.items() if address == "module.ecs.aws_security_group.alb"]
    assert in_common == shared


@functools.cache
def _state(options: Options) -> TerraformState:
    return _read(state_of(options))


@settings(max_examples=25)
@given(
    options=st.sampled_from([Options(), _HARDEST]),
    part=st.sampled_from([1 / 3, 1 / 2]),
    chance=st.randoms(use_true_random=True),
)
def test_with_a_part_of_the_estate_gone_no_pair_is_wrong(options: Options, part: float, chance: Random) -> None:
    whole = _state(options)
    state = dataclasses.replace(whole, managed=[each for each in whole.managed if chance.random() > part])
    matching = _matching(state, "staging")
    true = _true_names(state, "staging")
    assert {address: name for address, name in _found_names(matching).items() if true.get(address) != name} == {}
    assert _wrong_rules(matching, state, "staging") == []
