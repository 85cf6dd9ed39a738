"""What is typed: a program whose services run under systemd has releases, and nothing of ECS's."""

import json
import subprocess
import sys
from typing import Any

from pakashop_infra.names import STATE_REGION
from pakashop_infra.program import PROGRAM
from tests.programs.pakashop import facts
from tests.programs.pakashop.evaluations import STACKS, config_of
from workbench.cli.commands import commands_of
from workbench.words import Noun
from zelly_infra.program import PROGRAM as ZELLY


def words_of(program: Any) -> dict[str, list[str]]:
    """Return the commands of a program: the verbs of each noun, none of a verb of its own."""
    return {
        name: list(offered.verbs) if isinstance(offered, Noun) else [] for name, offered in commands_of(program).items()
    }


def test_services_under_systemd_have_releases_and_nothing_of_ecs() -> None:
    found = words_of(PROGRAM)
    assert list(found) == [
        "plan", "review", "diagram", "status", "doctor", "alerts", "drift", "adopt", "cost", "service", "backup",
        "release", "deploy", "rollback", "promote", "restart", "logs", "secrets", "state", "restore", "sandbox",
        "search",
    ]  # fmt: skip
    assert (found["service"], found["release"]) == (["list"], ["list", "push"])
    assert found["sandbox"] == ["up", "env", "down", "status", "release"]


def test_services_on_ecs_have_what_they_had() -> None:
    found = words_of(ZELLY)
    assert found["service"] == [
        "list", "scale", "status", "deploy", "rollback", "continue", "promote", "restart", "run", "logs", "events",
        "exec", "add",
    ]  # fmt: skip
    assert found["image"] == ["push", "list", "keep"]
    assert found["sandbox"] == ["up", "env", "down", "status", "image"]
    assert not {"release", "deploy", "rollback", "promote", "restart", "logs"} & found.keys()


def test_state_lies_in_the_region_of_the_stack_that_owns_what_the_account_has_once() -> None:
    owners = {stack for stack in STACKS if config_of(stack).github.create_provider}
    assert {config_of(stack).region for stack in owners} == {STATE_REGION}
    assert {PROGRAM.describe(config_of(stack)).registry_region for stack in STACKS} == {STATE_REGION}


def test_services_are_listed_with_unit_port_language_and_wave() -> None:
    code = "import sys; sys.argv[0] = 'pakashop'; from workbench.cli.main import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, "service", "list", "--json"], capture_output=True, text=True, check=True
    )
    services = json.loads(ran.stdout)["services"]
    assert [each["name"] for each in services] == [*facts.SERVICES]
    assert services[0] == {
        "name": "gateway",
        "unit": "pakashop-gateway.service",
        "port": 8000,
        "language": "node",
        "wave": 2,
    }
