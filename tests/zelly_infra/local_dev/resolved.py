"""The compose file as compose itself reads it: in a folder with an environment file for every example."""

import functools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.programs import require_built
from tests.zelly_infra.stack_files import ROOT
from workbench.local_dev.files import files
from workbench.local_dev.model import FOLDER, LocalPlatform
from zelly_infra.local_dev.platform import local_platform

PROFILES = ("", "apps", "tools", "edge", "apps,edge", "apps,tools,edge")


@functools.cache
def platform() -> LocalPlatform:
    return local_platform(ROOT)


@functools.cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    # It goes when the process does.
    folder = tempfile.TemporaryDirectory(prefix="local-dev-")
    for name, text in files(platform()).items():
        path = Path(folder.name) / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".example":
            shutil.copy(path, path.with_suffix(""))
    return folder


@functools.cache
def services(profiles: str | None = None, **variables: str) -> Mapping[str, Any]:
    """Return the services of some profiles; None: of all."""
    compose = require_built("compose-config", target="compose")
    chosen = {} if profiles is None else {"COMPOSE_PROFILES": profiles}
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_UPSTREAM")}
    ran = subprocess.run(
        [compose, f"{_folder().name}/{FOLDER}/compose.yaml"],
        env={**environment, **chosen, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    # What compose warns of, such as a variable that is not set, is a fault too.
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)["services"]
