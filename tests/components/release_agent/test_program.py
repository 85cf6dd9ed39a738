"""The agent as the host gets it: one file for Python 3.9 with nothing but its standard library, and its unit."""

import ast
import json
import os
import subprocess
import sys

import pytest

from tests.components.release_agent.agent_host import AgentHost
from zelly_components.hosts.release_agent import PACKAGE, agent_modules, agent_program, release_agent


def test_program_is_made_of_the_modules_as_they_stand_the_same_each_time() -> None:
    text = agent_program("shop")
    assert text == agent_program("shop")
    assert text.startswith("#!/usr/bin/python3 -IB\n")
    assert text.endswith('sys.exit(main("/etc/shop/host.json"))\n')
    tree = ast.parse(text, feature_version=(3, 9))
    (modules,) = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    assert ast.literal_eval(modules) == agent_modules()


@pytest.mark.parametrize("name", agent_modules())
def test_module_is_of_python_3_9_and_imports_its_standard_library_alone(name: str) -> None:
    tree = ast.parse(agent_modules()[name], feature_version=(3, 9))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    foreign = {each for each in imported if each.partition(".")[0] not in {*sys.stdlib_module_names, PACKAGE}}
    assert foreign == set()


def test_unit_runs_before_everything_that_a_release_starts() -> None:
    made = release_agent(platform="shop", service_units=["shop-config.service", "shop-gateway.service"])
    program, unit = made.files
    assert (program.path, program.permissions) == ("/usr/local/sbin/release-agent", "0755")
    assert (unit.path, made.units) == (
        "/etc/systemd/system/shop-release-recover.service",
        ("shop-release-recover.service",),
    )
    assert "\nBefore=shop.target shop-config.service shop-gateway.service\n" in unit.content
    assert "\nExecStart=/usr/local/sbin/release-agent recover --boot\n" in unit.content


@pytest.mark.parametrize("arguments", [[], ["destroy"], ["deploy", "--release", "x"], ["deploy", "--rel", "x"]])
def test_unknown_words_are_refused_without_a_traceback(arguments: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-IB", "-", *arguments],
        input=agent_program("shop"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Traceback" not in ran.stderr


def test_program_as_it_is_shipped_releases(host: AgentHost) -> None:
    program = host.root / "release-agent"
    program.write_text(agent_program("shop"))
    release = host.release("b")
    ran = subprocess.run(
        [sys.executable, "-IB", program, "deploy", "--release", release, "--service", "all", "--environment", "live"],
        env={"PATH": f"{host.root}/bin:{os.environ['PATH']}", "RELEASE_AGENT_ROOT": str(host.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, json.loads(ran.stdout)["outcome"]) == (0, "waiting")
