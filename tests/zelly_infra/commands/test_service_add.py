"""A seventh service is an entry in the catalog and one command: every command that a service touches knows it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.commands_apart import CommandsApart, commands_apart
from tests.support.new_service import NAME, OWN_SECRET, copy_of_packages
from tests.zelly_infra.commands.conftest import copy_to
from tests.zelly_infra.stack_files import ROOT
from workbench.sandbox.embedded import STATE_FILE, stop_running

SECRET = f"zelly/{NAME}/env"


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A copy of the whole program with one more service in its catalog."""

    folder: Path
    commands: CommandsApart

    def run(self, *arguments: str, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
        """Run ``zelly`` where the copy's packages come before the installed ones."""
        ran = self.commands.run(*arguments, variables=variables)
        assert ran.exit_code == code, f"{arguments}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
        return ran.stdout if code != 2 else ran.stderr


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    copy_to(tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    copy_of_packages(tmp_path, secrets=OWN_SECRET)
    with commands_apart(tmp_path, _environment(), imports=tmp_path) as commands:
        yield Whole(folder=tmp_path, commands=commands)
    stop_running(tmp_path / STATE_FILE)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}


def _size(whole: Whole, stack: str) -> dict[str, Any]:
    document: Any = YAML(typ="safe", pure=True).load(whole.folder / f"Pulumi.{stack}.yaml")  # pyright: ignore[reportUnknownMemberType]
    return document["config"]["zelly:env"]["services"][NAME]


def _is_planned_priced_and_drawn(whole: Whole) -> None:
    for stack, tag in (("production", "prod"), ("staging", "staging")):
        size = _size(whole, stack)
        assert (size["cpu_units"], size["initial_image_tag"]) == (512, f"{tag}-00000000")
        report = json.loads(whole.run("plan", stack, "--check", "--json"))
        made = {resource["name"] for resource in report["resources"]}
        assert {f"zelly-{stack}-{NAME}-service", f"zelly-{stack}-alb-{NAME}"} <= made
        assert (f"zelly-{stack}-registry-zelly/{NAME}" in made) is (stack == "production")
    found = json.loads(whole.run("cost", "production", "--json"))
    lines = {line["what"] for line in found["lines"] if line["resource"] == f"{NAME}-service"}
    assert (lines, found["unpriced"]) == ({"Fargate, x86: vCPU", "Fargate, x86: memory"}, [])
    assert f">{NAME}<" in whole.run("diagram", "staging")


def _is_made_and_operated(whole: Whole) -> None:
    whole.run("sandbox", "up", "staging", "--detach")
    address = json.loads(whole.run("sandbox", "status", "--json"))["endpoint_url"]
    known = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}
    known["ZELLY_STACK"] = "staging"
    tag = "staging-1a2b3c4d"
    assert f"zelly/{NAME}:staging-00000000 is not in ECR" in whole.run("doctor", code=1, variables=known)
    assert NAME in whole.run("status", code=1, variables=known)
    assert f" {NAME} " in whole.run("service", "list", variables=known)
    assert f"{SECRET} LOYALTY_API_KEY: empty" in whole.run("secrets", "check", code=1, variables=known)
    filled = whole.run("secrets", "template", variables=known).replace('""', '"a value"')
    assert f'{SECRET}:\n  LOYALTY_API_KEY: "a value"  # read by {NAME}\n' in filled
    (whole.folder / "secrets.yaml").write_text(filled)
    whole.run("secrets", "push", "secrets.yaml", "--yes", variables=known)
    whole.run("sandbox", "image", NAME, "--tag", tag, variables=known)
    assert f"runs {NAME} {tag}" in whole.run("service", "deploy", NAME, "--tag", tag, variables=known)
    assert "1 of 1 tasks run; 1 of 1 targets are healthy" in whole.run("service", "status", NAME, variables=known)


def test_seventh_service_is_an_entry_and_one_command(whole: Whole) -> None:
    assert whole.run("plan", "production", code=2).startswith(
        f"Pulumi.production.yaml: zelly:env.services: {NAME} missing; required are fastify-nova, "
    )
    said = whole.run("service", "add", NAME, "--like", "customer-panel")
    assert said.startswith("Written: Pulumi.production.yaml, Pulumi.staging.yaml.")
    assert _size(whole, "staging")["hostname"] == f"{NAME}.staging.zelly.in"
    assert "every stack file has it" in whole.run("service", "add", NAME, code=2)
    _is_planned_priced_and_drawn(whole)
    _is_made_and_operated(whole)
    command = [sys.executable, "-m", "workbench.documentation"]
    subprocess.run(command, cwd=whole.folder, env=_environment() | {"PYTHONPATH": str(whole.folder)}, check=True)
    for page in ("architecture.md", "reference/config.md", "permissions.md"):
        assert NAME in Path(whole.folder, "docs", page).read_text()
