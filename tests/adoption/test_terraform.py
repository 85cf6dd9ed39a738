"""The state files are Terraform's: the real program lists them, and takes out of them what it is told to."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.adoption.estate import Options
from tests.adoption.estates import VARIANTS, state_of


@pytest.fixture(scope="module")
def terraform() -> str:
    path = shutil.which("terraform")
    if path is None:
        # It is a witness, and not ours to install.
        pytest.skip("terraform is not on PATH")
    return path


def run(terraform: str, *arguments: str) -> list[str]:
    """Run a command of Terraform's that needs no provider; return the lines that it prints."""
    completed = subprocess.run(
        [terraform, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
    )
    assert completed.returncode == 0, completed.stderr
    return completed.stdout.splitlines()


def instances(state: dict[str, Any], *modes: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the instances of a state file with their addresses, as Terraform writes them."""
    for resource in state["resources"]:
        if resource["mode"] not in modes:
            continue
        data = ["data"] if resource["mode"] == "data" else []
        parts = [*([resource["module"]] if "module" in resource else []), *data, resource["type"], resource["name"]]
        for instance in resource["instances"]:
            key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
            if "deposed" not in instance:
                yield ".".join(parts) + key, instance


def written(state: dict[str, Any], folder: Path) -> Path:
    path = folder / "terraform.tfstate"
    path.write_text(json.dumps(state))
    return path


LISTED = {**VARIANTS, "tainted-and-deposed": Options(tainted=True, deposed=True)}


@pytest.mark.parametrize("options", LISTED.values(), ids=LISTED)
def test_terraform_lists_what_is_in_it(terraform: str, options: Options, tmp_path: Path) -> None:
    state = state_of(options)
    listed = run(terraform, "state", "list", f"-state={written(state, tmp_path)}")
    assert sorted(listed) == sorted(address for address, _ in instances(state, "managed", "data"))


def removed(terraform: str, state: dict[str, Any], addresses: Sequence[str], folder: Path) -> dict[str, Any]:
    """Return the state file after Terraform has forgotten some of it."""
    path = written(state, folder)
    run(terraform, "state", "rm", f"-state={path}", *addresses)
    return json.loads(path.read_text())


def test_terraform_writes_it_back_as_it_was_but_for_what_it_forgets(terraform: str, tmp_path: Path) -> None:
    state = state_of()
    forgotten = [
        "module.redis.aws_elasticache_replication_group.this",
        "module.vpc.aws_subnet.public[0]",
        'module.ecs.aws_ecs_service.this["storefront"]',
    ]
    after = removed(terraform, state, forgotten, tmp_path)
    before = dict(instances(state, "managed", "data"))
    assert list(instances(after, "managed", "data")) == [
        (address, instance) for address, instance in before.items() if address not in forgotten
    ]
    assert (after["serial"], after["lineage"]) == (state["serial"] + 1, state["lineage"])


def test_terraform_that_forgets_all_that_it_manages_keeps_what_it_looks_up(terraform: str, tmp_path: Path) -> None:
    state = state_of()
    after = removed(terraform, state, [address for address, _ in instances(state, "managed")], tmp_path)
    assert list(instances(after, "managed", "data")) == list(instances(state, "data"))
