"""What each program's contract says once for all stacks, held against what it describes of each."""

from typing import Any

import pytest

from pakashop_infra.program import PROGRAM as PAKASHOP
from relay_infra.program import PROGRAM as RELAY
from tests.programs.pakashop import evaluations as pakashop
from tests.programs.relay import evaluations as relay
from tests.zelly_infra import evaluations as zelly
from tests.zelly_infra.switches import HOURS, NAT_INSTANCE, with_switch
from workbench.cli.commands import commands_of
from workbench.operations.account.service_linked_roles import ROLES_BY_TYPE, WITHOUT_ROLE
from workbench.program import Program
from workbench.stores import FileSystem, Store
from workbench.words import Noun
from zelly_infra.program import PROGRAM as ZELLY

DESCRIBED = {
    "zelly": [ZELLY.describe(zelly.config_of(stack)) for stack in zelly.STACKS],
    "pakashop": [PAKASHOP.describe(pakashop.config_of(stack)) for stack in pakashop.STACKS],
    "relay": [RELAY.describe(relay.config_of(stack)) for stack in relay.STACKS],
}


@pytest.mark.parametrize("program", [ZELLY, PAKASHOP, RELAY], ids=lambda program: program.name)
def test_kinds_of_stores_are_those_of_every_stack(program: Program[Any]) -> None:
    # Of all stacks together: what the account has once stands in one of them.
    found = [{type(store) for store in description.stores} for description in DESCRIBED[program.name]]
    assert {*program.store_kinds} == set[type[Store]]().union(*found)
    shared = {FileSystem} if program is RELAY else set[type[Store]]()
    assert all(kinds | shared == {*program.store_kinds} for kinds in found)


def test_only_what_a_program_has_can_be_restored() -> None:
    found = {program.name: commands_of(program)["restore"] for program in (ZELLY, PAKASHOP)}
    verbs = {name: {*noun.verbs} for name, noun in found.items() if isinstance(noun, Noun)}
    assert "aurora" in verbs["zelly"] - verbs["pakashop"]
    assert {"postgresql", "switch"} <= verbs["pakashop"] - verbs["zelly"]


@pytest.mark.parametrize(("program", "evaluations"), [(ZELLY, zelly), (PAKASHOP, pakashop), (RELAY, relay)])
def test_doctor_asks_for_the_service_linked_roles_of_what_is_made(program: Program[Any], evaluations: Any) -> None:
    types = {each.type for stack in evaluations.STACKS for each in evaluations.evaluation_of(stack).resources}
    assert {ROLES_BY_TYPE[token] for token in types if token in ROLES_BY_TYPE} == {*(program.linked_services or ())}


def test_no_service_linked_role_is_told_of_what_no_program_makes() -> None:
    evaluations = [
        zelly.evaluation_of("production"),
        with_switch("staging", {**HOURS, **NAT_INSTANCE}),
        *map(pakashop.evaluation_of, pakashop.STACKS),
        *map(relay.evaluation_of, relay.STACKS),
    ]
    types = {resource.type for evaluation in evaluations for resource in evaluation.custom()}
    assert sorted({*ROLES_BY_TYPE} - types) == []
    modules = {type_token.partition("/")[0] for type_token in types} | {"cloudflare", "random"}
    assert sorted({*WITHOUT_ROLE} - modules) == []
