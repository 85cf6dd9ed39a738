"""A developer's machine: a checkout of the sample program, its siblings, and a docker that records how it is called."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sample_infra.local_platform import local_platform
from tests.support import sample
from tests.support.fake_docker import FakeDocker, install_fake_docker
from tests.support.operators import Completed
from tests.workbench.cli.conftest import run_sample
from workbench.local_dev.model import FOLDER
from workbench.local_dev.writing import differences, write

SECRETS = ("PASSWORD", "SESSION_KEY")
"""What the names of variables have whose values nobody may see."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    root: Path
    """The checkout."""
    docker: FakeDocker
    installed: Mapping[str, str]

    def run(self, *arguments: str, **variables: str) -> Completed:
        path = os.pathsep.join([str(self.docker.folder), os.environ["PATH"]])
        return run_sample(self.root, *arguments, **{"PATH": path, "HOME": str(self.root.parent), **variables})

    def dev(self, *arguments: str, **variables: str) -> Completed:
        return self.run("dev", *arguments, **variables)

    def run_apart(self, *command: str, typed: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
        path = os.pathsep.join([str(self.docker.folder), self.installed["PATH"]])
        return subprocess.run(
            command,
            cwd=self.root,
            env={**os.environ, **self.installed, "PATH": path, **variables},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def folder(self) -> Path:
        return self.root / FOLDER

    def values(self, name: str) -> dict[str, str]:
        """Return the variables of an environment file."""
        lines = (self.folder / "env" / f"{name}.env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    @property
    def secrets(self) -> set[str]:
        """Every secret that is written down."""
        named = [pair for path in self.folder.glob("env/*.env") for pair in self.values(path.stem).items()]
        return {value for name, value in named if value and any(word in name for word in SECRETS)}


@pytest.fixture
def machine(tmp_path: Path, installed: Mapping[str, str]) -> Machine:
    """A checkout with everything beside it, and a docker that is new enough and runs nothing."""
    root = tmp_path / "all" / "shop"
    for folder in ("shop/images/proxy", "shop-web/app", "shop-worker"):
        (root.parent / folder).mkdir(parents=True)
    shutil.copy(sample.FOLDER / "Pulumi.yaml", root)
    write(differences(local_platform(root), root), root)
    (tmp_path / "bin").mkdir()
    docker = install_fake_docker(tmp_path / "bin", sample.ROOT)
    docker.says(**READY)
    return Machine(root=root, docker=docker, installed=installed)


READY = {"version": "28.2.2", "compose_version": "2.40.3", "info": str(8 * 2**30)}
