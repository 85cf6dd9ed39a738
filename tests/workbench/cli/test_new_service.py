"""A seventh service is an entry in the catalog and one command: every command that a service touches knows it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.new_service import NAME, OWN_SECRET, copy_of_packages
from tests.workbench.cli.conftest import Project
from tests.zelly_infra.stack_files import ROOT

SECRET = f"zelly/{NAME}/env"


@pytest.fixture
def whole(project: Project) -> Project:
    """A copy of the whole program with one more service in its catalog."""
    shutil.copy(ROOT / "__main__.py", project.folder)
    for name in ("policy", "usage", "docs"):
        shutil.copytree(ROOT / name, project.folder / name)
    copy_of_packages(project.folder, secrets=OWN_SECRET)
    return project


def _python(
    project: Project, *arguments: str, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python in the project, where its own packages come before the installed ones."""
    environment = project.environment | {"PYTHONPATH": str(project.folder)} | dict(variables or {})
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def _zelly(project: Project, *arguments: str, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
    ran = _python(project, "-c", "from workbench.cli.main import main; main()", *arguments, variables=variables)
    assert ran.returncode == code, f"{arguments}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
    return ran.stdout if code != 2 else ran.stderr


def _size(project: Project, stack: str) -> dict[str, Any]:
    document: Any = YAML(typ="safe", pure=True).load(project.folder / f"Pulumi.{stack}.yaml")  # pyright: ignore[reportUnknownMemberType]
    return document["config"]["zelly:env"]["services"][NAME]


def _is_planned_priced_and_drawn(whole: Project) -> None:
    for stack, tag in (("production", "prod"), ("staging", "staging")):
        size = _size(whole, stack)
        assert (size["cpu_units"], size["initial_image_tag"]) == (512, f"{tag}-00000000")
        report = json.loads(_zelly(whole, "plan", stack, "--check", "--json"))
        made = {resource["name"] for resource in report["resources"]}
        assert {f"zelly-{stack}-{NAME}-service", f"zelly-{stack}-alb-{NAME}"} <= made
        assert (f"zelly-{stack}-registry-zelly/{NAME}" in made) is (stack == "production")
    found = json.loads(_zelly(whole, "cost", "production", "--json"))
    lines = {line["what"] for line in found["lines"] if line["resource"] == f"{NAME}-service"}
    assert (lines, found["unpriced"]) == ({"Fargate, x86: vCPU", "Fargate, x86: memory"}, [])
    assert f">{NAME}<" in _zelly(whole, "diagram", "staging")


def _is_made_and_operated(whole: Project) -> None:
    _zelly(whole, "sandbox", "up", "staging", "--detach")
    address = json.loads(_zelly(whole, "sandbox", "status", "--json"))["endpoint_url"]
    known = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}
    known["ZELLY_STACK"] = "staging"
    known["ZELLY_SANDBOX_SPEED"] = os.environ["ZELLY_SANDBOX_SPEED"]
    tag = "staging-1a2b3c4d"
    assert f"zelly/{NAME}:staging-00000000 is not in ECR" in _zelly(whole, "doctor", code=1, variables=known)
    assert NAME in _zelly(whole, "status", code=1, variables=known)
    assert f" {NAME} " in _zelly(whole, "service", "list", variables=known)
    assert f"{SECRET} LOYALTY_API_KEY: empty" in _zelly(whole, "secrets", "check", code=1, variables=known)
    filled = _zelly(whole, "secrets", "template", variables=known).replace('""', '"a value"')
    assert f'{SECRET}:\n  LOYALTY_API_KEY: "a value"  # read by {NAME}\n' in filled
    (whole.folder / "secrets.yaml").write_text(filled)
    _zelly(whole, "secrets", "push", "secrets.yaml", "--yes", variables=known)
    _zelly(whole, "sandbox", "image", NAME, "--tag", tag, variables=known)
    assert f"runs {NAME} {tag}" in _zelly(whole, "service", "deploy", NAME, "--tag", tag, variables=known)
    assert "1 of 1 tasks run; 1 of 1 targets are healthy" in _zelly(whole, "service", "status", NAME, variables=known)


def test_seventh_service_is_an_entry_and_one_command(whole: Project) -> None:
    assert _zelly(whole, "plan", "production", code=2).startswith(
        f"Pulumi.production.yaml: zelly:env.services: {NAME} missing; required are fastify-nova, "
    )
    said = _zelly(whole, "service", "add", NAME, "--like", "customer-panel")
    assert said.startswith("Written: Pulumi.production.yaml, Pulumi.staging.yaml.")
    assert _size(whole, "staging")["hostname"] == f"{NAME}.staging.zelly.in"
    assert "every stack file has it" in _zelly(whole, "service", "add", NAME, code=2)
    _is_planned_priced_and_drawn(whole)
    _is_made_and_operated(whole)
    written = _python(whole, "-m", "workbench.documentation")
    assert written.returncode == 0, written.stderr
    for page in ("architecture.md", "reference/config.md", "permissions.md"):
        assert NAME in Path(whole.folder, "docs", page).read_text()
