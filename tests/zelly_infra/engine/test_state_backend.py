"""What ``zelly state bootstrap`` makes and prints, used by the real engine: states, secrets, and a lock left behind."""

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.zelly_infra.stack_files import ROOT
from workbench.engine.pulumi_cli import Engine, EngineSession, engine_session

BUCKET = "zelly-pulumi-state"
REGION = "ap-south-1"
_DEADLINE_SECONDS = 60


class Backend:
    """An engine whose state lies in the bucket that ``zelly state bootstrap`` made."""

    def __init__(self, session: EngineSession) -> None:
        self._session = session
        own = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
        self.environment = {name: value for name, value in session.environment.items() if name not in own}
        self.commands = self.zelly("state", "bootstrap", "--yes").stdout.splitlines()

    def zelly(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.run(sys.executable, "-c", "from workbench.cli.main import main; main()", *arguments)

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, cwd=self._session.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            cwd=self._session.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def client(self, service: str) -> Any:
        return self._session.aws.clients.get(service, REGION)


@pytest.fixture(scope="module")
def backend(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """The printed commands have been run: logged in, both stacks made."""
    with engine_session(ROOT, tmp_path_factory.mktemp("backend"), engine=engine) as session:
        backend = Backend(session)
        for command in backend.commands:
            done = backend.run(*shlex.split(command))
            assert done.returncode == 0, done.stderr
        yield backend


def test_states_lie_in_the_bucket_encrypted_with_the_key(backend: Backend) -> None:
    s3 = backend.client("s3")
    key = backend.client("kms").describe_key(KeyId="alias/zelly-pulumi")["KeyMetadata"]["Arn"]
    found = {
        item["Key"]: s3.head_object(Bucket=BUCKET, Key=item["Key"]).get("SSEKMSKeyId")
        for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    }
    states = {f".pulumi/stacks/zelly/{stack}.json": key for stack in ("production", "staging")}
    assert {name: found.get(name) for name in states} == states
    assert set(found.values()) == {key}


def test_secrets_in_a_stack_file_are_encrypted_with_the_key(backend: Backend) -> None:
    set_it = backend.run("pulumi", "config", "set", "--secret", "cloudflare:apiToken", "token-1", "--stack", "staging")
    assert set_it.returncode == 0, set_it.stderr
    text = (Path(backend.run("pwd").stdout.strip()) / "Pulumi.staging.yaml").read_text()
    assert "secretsprovider: awskms://alias/zelly-pulumi?region=ap-south-1\n" in text
    assert "token-1" not in text
    read = backend.run("pulumi", "config", "get", "cloudflare:apiToken", "--stack", "staging")
    assert read.stdout == "token-1\n"


def _locks(backend: Backend) -> list[dict[str, Any]]:
    return json.loads(backend.zelly("state", "locks", "--json").stdout)["locks"]


def test_lock_of_a_killed_update_is_released_once_it_is_dead(backend: Backend) -> None:
    update = backend.start("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "staging")
    try:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not (locks := _locks(backend)):
            assert update.poll() is None, "the update ended without a lock"
            assert time.monotonic() < deadline, "the update took no lock"
        alive = backend.zelly("state", "unlock", "--yes")
    finally:
        update.kill()
        update.wait()
    (lock,) = locks
    assert (lock["stack"], lock["pid"]) == ("staging", update.pid)
    assert (alive.returncode, alive.stdout) == (1, "Nothing was released.\n")
    dead = backend.zelly("state", "unlock", "--yes")
    assert (dead.returncode, dead.stdout.endswith(": released\n"), _locks(backend)) == (0, True, [])
