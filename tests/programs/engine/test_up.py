"""What the engine says of a program's first stack as a whole: before it exists, when it stands and when it ends.

Both stacks are one program; what they differ in is compared offline.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pakashop_infra.program import PROGRAM as PAKASHOP
from relay_infra.program import PROGRAM as RELAY
from tests.programs.pakashop import evaluations as pakashop
from tests.programs.relay import evaluations as relay
from tests.support.engine.inventory import KEPT_BY_AWS, inventory
from tests.support.engine.running import engine, quick, without_checkpoints
from tests.support.engine.stacks import Preview, Stack
from workbench.engine.pulumi_cli import Engine, engine_session
from workbench.evaluate import Evaluation
from workbench.program import Program
from workbench.sandbox.prerequisites import prerequisites

__all__ = ["engine"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A program, and the stack of it that is made."""

    program: Program[Any]
    root: Path
    stack: str
    config: Any
    evaluation: Evaluation
    secret: str | None
    """How the name of one of the values ends that nobody may see; None: it makes none."""
    given: Mapping[str, str] = field(default_factory=dict[str, str])
    """The secrets that an operator sets, by key."""


def _pakashop() -> Case:
    return Case(
        program=PAKASHOP,
        root=pakashop.ROOT,
        stack="staging",
        config=pakashop.config_of("staging"),
        evaluation=pakashop.evaluation_of("staging"),
        secret="DB_PASSWORD",
    )


def _relay() -> Case:
    return Case(
        program=RELAY,
        root=relay.ROOT,
        stack="preproduction",
        config=relay.config_of("preproduction"),
        evaluation=relay.evaluation_of("preproduction"),
        secret="AGENT_PRIVATE_KEY",
        given={"relay:pagerEndpoint": "https://pager.invalid/integration/k3y-of-nobody/enqueue"},
    )


CASES = {"pakashop": _pakashop, "relay": _relay}


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A stack that has been previewed, and then made."""

    case: Case
    stack: Stack
    inventory_before: dict[str, list[str]]
    first_preview: Preview
    said: str


@pytest.fixture(scope="module", params=CASES)
def deployed(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    case = CASES[request.param]()
    folder = tmp_path_factory.mktemp(case.stack)
    with engine_session(case.root, folder, engine=quick(engine, folder)) as session:
        shared = case.program.describe(case.config).shared
        if not shared.is_owner:
            prerequisites(
                session.aws.clients,
                repository_names=shared.repositories,
                registry_region=shared.registry_region,
                provider_url=shared.provider_url,
                role_name=shared.role_name,
            )
        stack = Stack(
            name=case.stack,
            session=session,
            project=case.program.name,
            config_key=case.program.config_key,
            region=case.config.region,
        )
        stack.initialize()
        for key, value in case.given.items():
            stack.run("config", "set", "--secret", key, value)
        stack = without_checkpoints(stack)
        yield Deployed(
            case=case,
            stack=stack,
            inventory_before=inventory(stack.client),
            first_preview=stack.preview(),
            said=stack.run("up", "--yes", "--skip-preview").stdout,
        )


def test_first_preview_creates_what_the_evaluation_records(deployed: Deployed) -> None:
    assert deployed.first_preview.counts == {"create": len(deployed.case.evaluation.resources)}


def test_second_up_changes_nothing(deployed: Deployed) -> None:
    before = deployed.stack.ids
    summary = deployed.stack.run("up", "--yes", "--skip-preview").stdout
    assert f"    {len(deployed.case.evaluation.resources)} unchanged\n" in summary
    assert deployed.stack.ids == before


def test_no_secret_is_printed_or_stands_in_the_state(deployed: Deployed) -> None:
    stack = deployed.stack
    written = {
        "up": deployed.said,
        "preview --json": json.dumps(deployed.first_preview.document),
        "stack output": stack.run("stack", "output", "--json").stdout,
        "state": stack.state_file.read_text(),
    }
    secrets = {**stack.secret_values, **deployed.case.given}
    assert deployed.case.secret is None or any(name.endswith(deployed.case.secret) for name in secrets)
    assert [(name, where) for name, value in secrets.items() for where, text in written.items() if value in text] == []


def test_destroyed_it_leaves_the_embedded_aws_as_it_was(deployed: Deployed) -> None:
    # The last that is asked of it. Without what is protected: the account has it for other stacks as well.
    stack, before = deployed.stack, deployed.inventory_before
    stack.run("destroy", "--yes", "--skip-preview", "--exclude-protected")
    protected = {resource.urn for resource in deployed.case.evaluation.custom() if resource.protect}
    assert protected <= stack.ids.keys()
    kept = {stack.ids[urn] for urn in protected}
    left = {kind: [one for one in found if one not in kept] for kind, found in inventory(stack.client).items()}
    assert {kind: left[kind] for kind in left if kind not in KEPT_BY_AWS and left[kind] != before[kind]} == {}
