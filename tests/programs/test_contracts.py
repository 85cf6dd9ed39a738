"""What each program's contract says once for all stacks, held against what it describes of each."""

from typing import Any

import pytest

from pakashop_infra.program import PROGRAM as PAKASHOP
from tests.programs.pakashop import evaluations as pakashop
from tests.zelly_infra import evaluations as zelly
from workbench.cli.commands import commands_of
from workbench.program import Program
from workbench.words import Noun
from zelly_infra.program import PROGRAM as ZELLY

DESCRIBED = {
    "zelly": [ZELLY.describe(zelly.config_of(stack)) for stack in zelly.STACKS],
    "pakashop": [PAKASHOP.describe(pakashop.config_of(stack)) for stack in pakashop.STACKS],
}


@pytest.mark.parametrize("program", [ZELLY, PAKASHOP], ids=lambda program: program.name)
def test_kinds_of_stores_are_those_of_every_stack(program: Program[Any]) -> None:
    for description in DESCRIBED[program.name]:
        assert {*program.store_kinds} == {type(store) for store in description.stores}


def test_only_what_a_program_has_can_be_restored() -> None:
    found = {program.name: commands_of(program)["restore"] for program in (ZELLY, PAKASHOP)}
    verbs = {name: {*noun.verbs} for name, noun in found.items() if isinstance(noun, Noun)}
    assert "aurora" in verbs["zelly"] - verbs["pakashop"]
    assert {"postgresql", "switch"} <= verbs["pakashop"] - verbs["zelly"]
