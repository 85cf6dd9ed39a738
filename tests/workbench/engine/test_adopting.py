"""What stands is imported on the real engine: the names that Pulumi made, and what was changed by hand since."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.support.engine.running import quick, without_checkpoints
from tests.support.engine.stacks import Preview, Stack, Step
from workbench.engine.pulumi_cli import Engine, engine_session

REGION = "eu-west-1"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
PASSWORD = "random:index/randomPassword:RandomPassword"

PROGRAM = """\
import pulumi
import pulumi_aws as aws
import pulumi_random as random

provider = aws.Provider("shop", region="eu-west-1")
options = pulumi.ResourceOptions(provider=provider)
vpc = aws.ec2.Vpc("net", cidr_block="10.9.0.0/16", opts=options)
aws.ec2.SecurityGroup("web", description="web", vpc_id=vpc.id, opts=options)
aws.cloudwatch.LogGroup("logs", name="/shop/web", retention_in_days=30, opts=options)
password = random.RandomPassword("password", length=20, special=False)
secret = aws.secretsmanager.Secret("secret", name="shop/password", opts=options)
aws.secretsmanager.SecretVersion("version", secret_id=secret.id, secret_string=password.result, opts=options)
"""


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """What was seen of a stack that was made, forgotten, and imported from what stands."""

    drifted: Preview
    """With a change by hand, and something gone."""
    imported: "CompletedProcess[str]"
    state: dict[str, Any] = field(repr=False)
    """As the import left it, secrets in plain text."""
    unedited: Preview
    edited: Preview
    again: "CompletedProcess[str]"
    """A second import of the same file."""


@pytest.fixture(scope="module")
def adopted(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adopted]:
    folder = tmp_path_factory.mktemp("adopted")
    program = folder / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (program / "__main__.py").write_text(PROGRAM)
    with engine_session(program, folder / "session", engine=quick(engine, folder)) as session:
        stack = without_checkpoints(
            Stack(name="test", session=session, project="shop", config_key="shop:env", region=REGION)
        )
        stack.initialize()
        stack.run("up", "--yes", "--skip-preview")
        drifted = _drifted(stack)
        file = _import_file(stack, folder)
        session.run("stack", "rm", "--force", "--yes", "--preserve-config", stack.name)
        stack.initialize()
        arguments = ("import", "--file", str(file), "--yes", "--generate-code=false", "--protect=false")
        imported, state, unedited = stack.run(*arguments), _exported(stack), stack.preview()
        _note_names_as_the_providers(stack, folder)
        yield Adopted(
            drifted=drifted,
            imported=imported,
            state=state,
            unedited=unedited,
            edited=stack.preview(),
            again=stack.run(*arguments),
        )


def _drifted(stack: Stack) -> Preview:
    ec2, logs = stack.client("ec2"), stack.client("logs")
    (group,) = (one for one in ec2.describe_security_groups()["SecurityGroups"] if one["Description"] == "web")
    ec2.delete_security_group(GroupId=group["GroupId"])
    logs.put_retention_policy(logGroupName="/shop/web", retentionInDays=7)
    preview = Preview(document=json.loads(stack.run("preview", "--refresh", "--json").stdout))
    stack.run("up", "--refresh", "--yes", "--skip-preview")
    return preview


def _exported(stack: Stack) -> dict[str, Any]:
    return json.loads(stack.run("stack", "export", "--show-secrets").stdout)


def _by_name(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["urn"].rpartition("::")[2]: one for one in state["deployment"]["resources"]}


def _import_file(stack: Stack, folder: Path) -> Path:
    """Write how each resource is imported: by its id, and a random value with what it is."""
    stands = _by_name(_exported(stack))
    resources: list[dict[str, Any]] = [
        {"type": "pulumi:providers:aws", "name": "shop", "version": "7.51.1", "inputs": {"region": REGION}}
    ]
    for name in ("net", "web", "logs", "secret", "version", "password"):
        made = stands[name]
        entry: dict[str, Any] = {"type": made["type"], "name": name, "id": made["id"]}
        if made["type"] == PASSWORD:
            entry |= {"inputs": {"length": 20, "special": False}, "outputs": made["outputs"]}
        else:
            entry["provider"] = "shop"
        resources.append(entry)
    file = folder / "import.json"
    file.write_text(json.dumps({"nameTable": {}, "resources": resources}))
    return file


def _note_names_as_the_providers(stack: Stack, folder: Path) -> None:
    """Edit the state, so that the bridge keeps the names that Pulumi made."""
    state = json.loads(stack.run("stack", "export").stdout)
    _by_name(state)["web"]["inputs"]["__defaults"] = ["name"]
    file = folder / "edited.json"
    file.write_text(json.dumps(state))
    stack.run("stack", "import", "--file", str(file))


def _of_resources(preview: Preview) -> set[Step]:
    """Return the steps without the provider's: the SDK adds its version."""
    return {step for step in preview.steps if not step.type.startswith("pulumi:")}


def test_change_by_hand_is_seen_and_what_is_gone_is_made_again(adopted: Adopted) -> None:
    assert adopted.drifted.steps == {
        Step(operation="create", type=GROUP, name="web"),
        Step(operation="update", type=LOG_GROUP, name="logs"),
    }
    assert adopted.drifted.changed_properties("logs") == ["retentionInDays"]


def test_import_brings_what_stands_with_its_secrets_marked(adopted: Adopted) -> None:
    resources = _by_name(adopted.state)
    assert "= 6 imported" in adopted.imported.stdout
    assert resources["web"]["inputs"]["__defaults"] == []
    assert resources["web"]["inputs"]["name"].startswith("web-")
    secret, result = resources["version"]["inputs"]["secretString"], resources["password"]["outputs"]["result"]
    assert secret["plaintext"] == result["plaintext"]


def test_name_that_pulumi_made_is_lost_by_an_import_and_kept_by_the_edit(adopted: Adopted) -> None:
    assert _of_resources(adopted.unedited) == {Step(operation="replace", type=GROUP, name="web")}
    assert _of_resources(adopted.edited) == set()


def test_second_import_of_the_same_file_changes_nothing(adopted: Adopted) -> None:
    assert "unchanged" in adopted.again.stdout
    assert "imported" not in adopted.again.stdout.split("Resources:")[1]
