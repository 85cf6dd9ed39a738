"""What the engine says of staging as a whole: before it exists, when it stands and when it ends.

Both stacks are one program; what they differ in is compared offline.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pakashop_infra.program import PROGRAM
from tests.programs.pakashop.evaluations import ROOT, config_of, evaluation_of
from tests.support.engine.inventory import inventory
from tests.support.engine.running import engine, quick, without_checkpoints
from tests.support.engine.stacks import Preview, Stack
from workbench.engine.pulumi_cli import Engine, engine_session
from workbench.sandbox.prerequisites import prerequisites

__all__ = ["engine"]

STACK = "staging"


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A stack that has been previewed, and then made."""

    stack: Stack
    inventory_before: dict[str, list[str]]
    first_preview: Preview
    said: str


@pytest.fixture(scope="module")
def deployed(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp(STACK)
    with engine_session(ROOT, folder, engine=quick(engine, folder)) as session:
        # Owned by live.
        shared = PROGRAM.describe(config_of(STACK)).shared
        prerequisites(
            session.aws.clients,
            repository_names=shared.repositories,
            registry_region=shared.registry_region,
            provider_url=shared.provider_url,
            role_name=shared.role_name,
        )
        stack = Stack(
            name=STACK,
            session=session,
            project=PROGRAM.name,
            config_key=PROGRAM.config_key,
            region=config_of(STACK).region,
        )
        stack.initialize()
        stack = without_checkpoints(stack)
        yield Deployed(
            stack=stack,
            inventory_before=inventory(stack.client),
            first_preview=stack.preview(),
            said=stack.run("up", "--yes", "--skip-preview").stdout,
        )


def test_first_preview_creates_what_the_evaluation_records(deployed: Deployed) -> None:
    assert deployed.first_preview.counts == {"create": len(evaluation_of(STACK).resources)}


def test_second_up_changes_nothing(deployed: Deployed) -> None:
    before = deployed.stack.ids
    summary = deployed.stack.run("up", "--yes", "--skip-preview").stdout
    assert f"    {len(evaluation_of(STACK).resources)} unchanged\n" in summary
    assert deployed.stack.ids == before


def test_no_secret_is_printed_or_stands_in_the_state(deployed: Deployed) -> None:
    stack = deployed.stack
    written = {
        "up": deployed.said,
        "preview --json": json.dumps(deployed.first_preview.document),
        "stack output": stack.run("stack", "output", "--json").stdout,
        "state": stack.state_file.read_text(),
    }
    secrets = stack.secret_values
    assert any(name.endswith("DB_PASSWORD") for name in secrets)
    assert [(name, where) for name, value in secrets.items() for where, text in written.items() if value in text] == []


def test_destroyed_it_leaves_the_embedded_aws_as_it_was(deployed: Deployed) -> None:
    # The last that is asked of it.
    deployed.stack.run("destroy", "--yes", "--skip-preview")
    left = inventory(deployed.stack.client)
    assert left == deployed.inventory_before
