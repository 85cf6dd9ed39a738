"""A docker that records how it is called, pushes into the embedded registry and says what it is told to say.

There is no engine to build with, or to run containers.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_SCRIPT = """#!{python}
import json, os, pathlib, sys

folder = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
fails = json.loads((folder / "fails.json").read_text())
configuration = os.environ.get("DOCKER_CONFIG")
stdin = sys.stdin.read() if "--password-stdin" in arguments else ""
words = arguments[:2] if arguments[0] in ("buildx", "volume") else arguments[:1]
if arguments[0] == "compose":
    rest = arguments[1:]
    while rest[0] == "--profile":
        rest = rest[2:]
    words = ["compose", rest[0]]
if any(argument.startswith("publish=") for argument in arguments):
    words.append("publish")
step = " ".join(words)
call = {{
    "arguments": arguments,
    "stdin": stdin,
    "configuration": configuration,
    "files": {{}},
    "folder": os.getcwd(),
    "variables": {{name: value for name, value in os.environ.items() if name.startswith(("COMPOSE_", "AWS_"))
                  or name.endswith("_UPSTREAM")}},
    "process_list": pathlib.Path("/proc/self/cmdline").read_text().replace("\\0", " "),
}}
if configuration is not None and pathlib.Path(configuration).is_dir():
    for file in pathlib.Path(configuration).iterdir():
        call["files"][file.name] = file.read_text() if file.is_file() else str(file.resolve())
    call["mode"] = oct(pathlib.Path(configuration).stat().st_mode & 0o777)
with (folder / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps(call) + "\\n")
answers = json.loads((folder / "answers.json").read_text())
if step in answers and step not in fails:
    print(answers[step])
if step in fails:
    print(f"refused, and here is what you said: {{stdin}}", file=sys.stderr)
    raise SystemExit(fails[step])
if arguments[:2] == ["image", "inspect"]:
    print(json.dumps([{{"Id": "sha256:" + "0" * 64, "Os": "linux", "Architecture": "amd64"}}]))
if step == "login":
    # As docker keeps a password when it knows no better place.
    auths = {{"auths": {{arguments[-1]: {{"auth": stdin}}}}}}
    (pathlib.Path(configuration) / "config.json").write_text(json.dumps(auths))
if step == "push" and "nothing pushed" not in fails:
    sys.path.insert(0, {root!r})
    import boto3
    from workbench.sandbox.ecr.images import Behaviour, sandbox_image
    from workbench.sandbox.ecr.pushing import put_image

    name, _, tag = arguments[-1].rpartition(":")
    registry, _, repository = name.partition("/")
    ecr = boto3.client("ecr", region_name=registry.split(".")[3])
    put_image(ecr, repository, tag, sandbox_image(tag, Behaviour(), "X86_64"))
"""


@dataclass(frozen=True, kw_only=True)
class FakeDocker:
    """The docker on PATH, and what became of it."""

    folder: Path

    def fails(self, **steps: int) -> None:
        """Let steps end with an exit code: ``buildx_version``, ``login``, ``push``, ``compose_up``, …

        ``nothing_pushed`` lets a push say that it succeeded, and push nothing.
        """
        document = {step.replace("_", " "): code for step, code in steps.items()}
        (self.folder / "fails.json").write_text(json.dumps(document))

    def says(self, **steps: str) -> None:
        """Let steps print something, and others nothing: ``version``, ``compose_version``, ``ps``, ``volume_ls``."""
        document = {step.replace("_", " "): text for step, text in steps.items()}
        (self.folder / "answers.json").write_text(json.dumps(document))

    @property
    def calls(self) -> Sequence[dict[str, Any]]:
        """Every call, the first one first."""
        file = self.folder / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def arguments(self) -> list[list[str]]:
        """The arguments of every call."""
        return [call["arguments"] for call in self.calls]


def install_fake_docker(folder: Path, root: Path) -> FakeDocker:
    """Put a docker into a folder; ``root`` is the project's."""
    docker = folder / "docker"
    docker.write_text(_SCRIPT.format(python=sys.executable, root=str(root)))
    docker.chmod(0o755)
    made = FakeDocker(folder=folder)
    made.fails()
    made.says()
    return made


def only_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing on PATH but what the folder holds."""
    monkeypatch.setenv("PATH", str(folder))
