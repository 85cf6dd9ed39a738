"""The stack files and the catalog say what the platform's document says: the one comparison with the facts."""

from pakashop_infra import catalog
from pakashop_infra.names import unit_name
from pakashop_infra.program import PROGRAM
from tests.programs.pakashop import facts
from tests.programs.pakashop.evaluations import ROOT, config_of
from workbench.config.stack_file import stack_names

_LANGUAGES = {"Node.js": catalog.Language.NODE, "Go": catalog.Language.GO, "Python": catalog.Language.PYTHON}


def test_stacks_are_the_documented_environments() -> None:
    assert sorted(stack_names(ROOT)) == sorted(facts.BRANCHES.values())
    assert {stack: config_of(stack).environment for stack in stack_names(ROOT)} == {
        stack: stack for stack in facts.BRANCHES.values()
    }


def test_services_have_their_ports_languages_and_units() -> None:
    documented = {name: (port, _LANGUAGES[language]) for name, (port, language) in facts.SERVICES.items()}
    assert {each.name: (each.port, each.language) for each in catalog.SERVICES} == documented
    assert [each.name for each in catalog.SERVICES] == [*facts.SERVICES]
    assert len(documented) == 19
    units = {each.name: each.unit for each in PROGRAM.units}
    assert units == {name: f"{facts.UNIT_PREFIX}{name}.service" for name in facts.SERVICES}
    assert {name: unit_name(name) for name in facts.SERVICES} == units


def test_services_start_in_the_documented_order() -> None:
    assert [frozenset(wave) for wave in catalog.waves()] == [*facts.START_ORDER]
    in_waves = [
        frozenset(unit.name for unit in PROGRAM.units if unit.wave == number)
        for number in range(1, len(facts.START_ORDER) + 1)
    ]
    assert in_waves == [*facts.START_ORDER]


def test_migrations_belong_to_services_that_use_prisma() -> None:
    assert {each.name for each in catalog.SERVICES if each.has_migrations} == facts.MIGRATING
