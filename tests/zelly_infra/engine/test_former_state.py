"""A stack that was brought up before the tools and the components had their present places: nothing of it changes.

``former_states/staging.json.gz`` is the state of such a staging, as ``pulumi stack export --show-secrets`` wrote it in
an embedded AWS. The components' type tokens in it are the former ones. Taken out of it is what no preview reads
(times, places in the source, property dependencies), and in the place of every secret stands a text of the same kind.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.engine.running import quick, without_checkpoints
from tests.support.engine.stacks import Preview, Stack
from tests.zelly_infra.engine.stack import prepared
from tests.zelly_infra.stack_files import ROOT
from workbench.engine.pulumi_cli import Engine, engine_session
from workbench.sandbox.making.naming import is_named_by_the_provider
from workbench.sandbox.services import RESOURCES

FORMER = Path(__file__).with_name("former_states") / "staging.json.gz"


def _state() -> dict[str, Any]:
    """Return the state with the names among the inputs, as the real providers note them and the attached did not."""
    state: dict[str, Any] = json.loads(gzip.decompress(FORMER.read_bytes()))
    for resource in state["deployment"]["resources"]:
        row = RESOURCES.get(resource["type"])
        if row is not None and row.name is not None and is_named_by_the_provider(resource["inputs"], row.name):
            name = row.name.property
            resource["inputs"] |= {name: resource["outputs"][name], "__defaults": [name]}
    return state


def _make_parameters(stack: Stack, state: dict[str, Any]) -> None:
    """Make what the program reads back: the deployed images."""
    for resource in state["deployment"]["resources"]:
        outputs = resource.get("outputs", {})
        if resource["type"] == "aws:ssm/parameter:Parameter" and "value" in outputs:
            value = json.loads(outputs["value"]["plaintext"])
            stack.client("ssm").put_parameter(Name=outputs["name"], Value=value, Type="String")


def _salt(stack: Stack) -> str:
    """Return what the engine wrote into the stack file."""
    text = (stack.session.folder / f"Pulumi.{stack.name}.yaml").read_text()
    return YAML(typ="safe", pure=True).load(text)["encryptionsalt"]  # pyright: ignore[reportUnknownMemberType]


@pytest.fixture(scope="module")
def preview(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Preview:
    folder, state = tmp_path_factory.mktemp("former"), _state()
    with engine_session(ROOT, folder, engine=quick(engine, folder)) as session:
        stack = without_checkpoints(prepared("staging", session))
        _make_parameters(stack, state)
        # In it secrets lie encrypted with the new stack's passphrase.
        state["deployment"]["secrets_providers"] = {"type": "passphrase", "state": {"salt": _salt(stack)}}
        file = folder / "state.json"
        file.write_text(json.dumps(state))
        stack.run("stack", "import", "--file", str(file))
        # Nothing but the parameters stands in this embedded AWS: the state alone is compared.
        return Preview(document=json.loads(stack.run("preview", "--json", "--refresh=false").stdout))


def test_former_tokens_stand_in_the_state() -> None:
    tokens = {resource["type"] for resource in _state()["deployment"]["resources"] if not resource["custom"]}
    assert {"components:index:Vpc", "components:index:EcsService"} <= tokens
    assert not any(token.startswith("zelly-components:") for token in tokens)


def test_nothing_that_stands_is_changed(preview: Preview) -> None:
    assert preview.steps == set()
    assert set(preview.counts) == {"same"}
