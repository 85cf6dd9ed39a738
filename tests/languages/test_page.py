"""The page's program in each language, word for word, on the real engine: all make the same."""

import json
import shutil
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.languages.compiled import SDK_OF_TYPESCRIPT, attached, block, go, typescript
from tests.languages.conftest import REGION
from tests.languages.programs import write_project
from tests.support.engine.running import without_checkpoints
from tests.support.engine.stacks import Stack
from tests.zelly_infra.stack_files import ROOT
from workbench.engine.pulumi_cli import Engine, engine_session

YAML_PROJECT: Mapping[str, Any] = YAML(typ="safe", pure=True).load(block("yaml"))  # pyright: ignore[reportUnknownMemberType]
RUNNER = SDK_OF_TYPESCRIPT / "@pulumi" / "pulumi" / "cmd" / "run"


def _project(runtime: str, program: Path) -> str:
    """Return a project with the plugin of the page's, and a program that is compiled already."""
    plugins = YAML_PROJECT["plugins"]
    return json.dumps({"name": "shop", "runtime": runtime, "main": str(program), "plugins": plugins})


@pytest.fixture(scope="module")
def standing(
    engine: Engine, yaml_host: Path, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Mapping[str, Stack]]:
    """The page's program in each language, brought up in an embedded AWS of its own."""
    assert yaml_host.exists()
    with ExitStack() as ends:
        stacks: dict[str, Stack] = {}
        for language in ("yaml", "nodejs", "go"):
            folder = tmp_path_factory.mktemp(language)
            match language:
                case "nodejs":
                    program = typescript(folder)
                    text, host = _project("nodejs", program), [ends.enter_context(attached("nodejs", RUNNER))]
                case "go":
                    program = go(folder)
                    text, host = _project("go", program.parent), [ends.enter_context(attached("go", program))]
                case _:
                    text, host = block("yaml"), []
            root = write_project(folder / "root", text)
            shutil.copytree(ROOT / "components", folder / "components", ignore=shutil.ignore_patterns("__pycache__"))
            session = ends.enter_context(engine_session(root, folder, engine=engine))
            hosts = ",".join((session.environment["PULUMI_DEBUG_LANGUAGES"], *host))
            session = replace(session, environment={**session.environment, "PULUMI_DEBUG_LANGUAGES": hosts})
            stack = Stack(name="dev", session=session, project="shop", config_key="", region=REGION)
            stacks[language] = without_checkpoints(stack)
            stacks[language].initialize()
            stacks[language].run("config", "set", "aws:region", REGION)
            stacks[language].run("up", "--yes", "--skip-preview")
        yield stacks


def _made(stack: Stack) -> Mapping[str, frozenset[str]]:
    """Return what was made, by place and name, with the inputs that it was given."""
    return {
        resource["urn"].split("::", 2)[2]: frozenset(resource.get("inputs", {}))
        for resource in stack.state["resources"]
        if not resource["type"].startswith("pulumi:")
    }


@pytest.mark.parametrize("language", ["nodejs", "go"])
def test_every_language_makes_the_same(language: str, standing: Mapping[str, Stack]) -> None:
    made = _made(standing["yaml"])
    assert len(made) > 25
    assert _made(standing[language]) == made


@pytest.mark.parametrize("language", ["yaml", "nodejs", "go"])
def test_outputs_arrive(language: str, standing: Mapping[str, Stack]) -> None:
    outputs = json.loads(standing[language].run("stack", "output", "--json").stdout)
    assert outputs["cache"].startswith("master.shop-cache-")


def test_a_second_preview_changes_nothing(standing: Mapping[str, Stack]) -> None:
    # The engine compares what the provider makes: after the same inputs, whoever gave them.
    assert set(standing["go"].preview().counts) == {"same"}
