"""What the engine says of each whole stack: before it exists, while it is made, when it stands and when it ends."""

import json

import pytest

from tests.support.engine.inventory import KEPT_BY_AWS, inventory
from tests.support.engine.stacks import AS_IT_WAS_MADE
from tests.zelly_infra.engine.conftest import Deployed
from tests.zelly_infra.evaluations import evaluation_of
from workbench.cli.shared.stack import selected_stack


def test_preview_of_an_empty_state_creates_what_the_evaluation_records(deployed: Deployed) -> None:
    # Nothing exists yet, so that every id, address and ARN is unknown to the program.
    evaluation = evaluation_of(deployed.stack.name)
    assert deployed.first_preview.counts == {"create": len(evaluation.resources)}


def test_up_makes_everything_under_the_urns_that_the_evaluation_records(deployed: Deployed) -> None:
    default_providers = "pulumi:providers:cloudflare::default", "pulumi:providers:random::default"
    urns = {resource["urn"] for resource in deployed.stack.state["resources"]}
    made = {urn for urn in urns if not urn.split("::", 2)[2].startswith(default_providers)}
    assert made == {resource.urn for resource in evaluation_of(deployed.stack.name).resources}


@pytest.mark.parametrize("deployed", ["staging"], indirect=True)
def test_stack_that_is_selected_is_the_commands_default(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    session = deployed.stack.session
    deployed.stack.run("stack", "select")
    for variable in ("PULUMI_HOME", "PULUMI_BACKEND_URL"):
        monkeypatch.setenv(variable, session.environment[variable])
    assert selected_stack(None, session.folder) == deployed.stack.name


def test_second_up_changes_nothing(deployed: Deployed) -> None:
    stack = deployed.stack
    before = stack.ids
    summary = stack.run("up", "--yes", "--skip-preview").stdout
    assert f"    {len(evaluation_of(stack.name).resources)} unchanged\n" in summary
    assert stack.ids == before


SECRETS = [
    "zelly/aurora/master.DB_PASSWORD",
    "zelly/clickhouse/credentials.CLICKHOUSE_PASSWORD",
    "zelly/redis/auth.REDIS_PASSWORD",
    "zelly/wireguard/server.WIREGUARD_PRIVATE_KEY",
]


def test_state_file_holds_no_secret_in_plain_text(deployed: Deployed) -> None:
    secrets = deployed.stack.secret_values
    assert sorted(secrets) == SECRETS
    stored = deployed.stack.state_file.read_text()
    assert [name for name, value in secrets.items() if value in stored] == []


def test_no_command_prints_a_secret(deployed: Deployed) -> None:
    stack = deployed.stack
    printed = {
        "up": deployed.up.stdout,
        # A changed ACU shows the whole cluster, with its password's place, and the new peer the peers' keys.
        "preview --diff": stack.diff_with(
            {"aurora/maximum_capacity_acu": 13.5, "bastion/peers/newcomer": {"address": "10.10.0.77"}}
        ),
        "preview --json": json.dumps(deployed.first_preview.document),
        "stack output": stack.run("stack", "output", "--json").stdout,
    }
    assert [
        (name, command)
        for name, value in stack.secret_values.items()
        for command, text in printed.items()
        if value in text
    ] == []


@pytest.mark.parametrize("deployed", ["staging"], indirect=True)
def test_error_of_the_configuration_is_one_line_for_the_operator(deployed: Deployed) -> None:
    with deployed.stack.stack_file({"aurora/maximum_capacity_acu": "many"}):
        failed = deployed.stack.session.run("preview", *AS_IT_WAS_MADE, "--stack", deployed.stack.name)
    assert failed.returncode != 0
    _, diagnostics = failed.stdout.split("\nDiagnostics:\n")
    (line,) = (line.strip() for line in diagnostics.splitlines() if "maximum_capacity_acu" in line)
    source = f"Pulumi.{deployed.stack.name}.yaml"
    assert line == (
        f"error: {source}: zelly:env.aurora.maximum_capacity_acu: "
        'came "many"; allowed: ACUs from 0 to 256 in steps of 0.5'
    )
    assert "Traceback" not in failed.stdout


@pytest.mark.parametrize("deployed", ["staging"], indirect=True)
def test_destroyed_staging_leaves_the_embedded_aws_as_it_was(deployed: Deployed) -> None:
    # The last that is asked of staging: no file behind this one uses it.
    standing = inventory(deployed.stack.client)
    assert [kind for kind, found in standing.items() if not found] == []
    deployed.stack.run("destroy", "--yes", "--skip-preview")
    left = inventory(deployed.stack.client)
    assert {
        kind: sorted(set(left[kind]) - set(deployed.inventory_before[kind]))
        for kind in left
        if kind not in KEPT_BY_AWS and left[kind] != deployed.inventory_before[kind]
    } == {}
