"""A host that backs a database up: its programs run as processes, with a stand-in for AWS's command line."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.postgresql import RunningPostgres

PROGRAM = Path(__file__).parents[3] / "components/zelly_components/hosts/templates/backup"
AWS = Path(__file__).parent / "aws_stand_in.py"
USER = "nobody"
DATABASE = "shop"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A run that ended: its exit status, its answer, and what it told."""

    status: int
    answer: Mapping[str, Any]
    talk: str

    @property
    def told(self) -> tuple[int, str, str, str]:
        """Exit status, outcome, stage and reason."""
        return self.status, self.answer["outcome"], self.answer["stage"], self.answer["reason"] or ""


@dataclass(frozen=True, kw_only=True)
class BackupHost:
    """A host with its own directories, below one that every user may enter."""

    directory: Path
    database: RunningPostgres
    programs: Path
    """PostgreSQL's, readable by every user."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Other values in its configuration."""
    before: Mapping[str, str] = field(default_factory=dict[str, str])
    """By the name of one of PostgreSQL's programs, shell commands that run in its place: ``$real`` is its path,
    ``$host`` the host's directory."""

    def __post_init__(self) -> None:
        for name in ("bin", "bucket", "state", "run", "calls"):
            (self.directory / name).mkdir()
            if os.geteuid() == 0:
                shutil.chown(self.directory / name, USER)
        self._script("bin/aws", f"#!{python()}\n{AWS.read_text('utf-8')}")
        shutil.copytree(PROGRAM, self.directory / "program", ignore=shutil.ignore_patterns("__pycache__"))
        secret = {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(self.database.port),
            "DB_USER": self.database.user,
            "DB_PASSWORD": self.database.password,
            "DB_NAME": DATABASE,
        }
        self.write("secret", json.dumps(secret))
        configuration = {
            "platform": "shop",
            "environment": "production",
            "region": "eu-west-1",
            "bucket": "shop-backups",
            "dump_name": "shop-prod",
            "secret": "shop/database",
            "ca_bundle": None,
            "user": USER,
            "programs": str(self._wrapped()),
            "minimum_bytes": 1024,
            "state": str(self.directory / "state"),
            "run": str(self.directory / "run"),
            "metrics_namespace": "DatabaseBackups",
            "metrics_database": "shop-production",
            **self.settings,
        }
        self.write("backup.json", json.dumps(configuration))

    def write(self, name: str, text: str) -> None:
        """Write a file that the host reads."""
        (self.directory / name).write_text(text, encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the program."""
        command: Sequence[str | Path] = [python(), "-I", "-B", self.directory / "program", *arguments]
        return subprocess.Popen(
            [*command, "--configuration", self.directory / "backup.json"],
            env={"PATH": f"{self.directory / 'bin'}:{os.environ['PATH']}", "STAND_IN": str(self.directory)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, started: subprocess.Popen[str]) -> Ended:
        """Wait for the program, and return how it ended."""
        answer, talk = started.communicate(timeout=1800)
        assert answer, talk
        return Ended(status=started.returncode, answer=json.loads(answer), talk=talk)

    def run(self, *arguments: str) -> Ended:
        """Run the program."""
        return self.end(self.start(*arguments))

    def kept(self) -> list[str]:
        """Return the keys of the bucket, with the time cut out of them."""
        bucket = self.directory / "bucket"
        found = (str(path.relative_to(bucket)) for path in bucket.rglob("*") if path.is_file())
        return sorted(_without_time(key) for key in found)

    def document(self, ending: str) -> Mapping[str, Any]:
        """Return the only document in the bucket whose key ends so."""
        (path,) = (path for path in (self.directory / "bucket").rglob("*") if str(path).endswith(ending))
        return json.loads(path.read_text(encoding="utf-8"))

    def calls(self) -> list[Mapping[str, Any]]:
        """Return the calls of AWS's command line: arguments and environment."""
        path = self.directory / "calls" / "aws"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def metrics(self) -> Mapping[str, float]:
        """Return the last value of each metric that was published."""
        found: dict[str, float] = {}
        for call in self.calls():
            if call["arguments"][:2] == ["cloudwatch", "put-metric-data"]:
                data = json.loads(call["arguments"][call["arguments"].index("--metric-data") + 1])
                found |= {metric["MetricName"]: metric["Value"] for metric in data}
        return found

    def left(self) -> list[str]:
        """Return the files that runs left in their own directories, but for the lock and the stand-in's record."""
        found = [*(self.directory / "state").iterdir(), *(self.directory / "run").iterdir()]
        return sorted(re.sub(r"\d+", "…", path.name) for path in found if path.name not in {"lock", "report"})

    def _wrapped(self) -> Path:
        if not self.before:
            return self.programs
        wrapped = self.directory / "postgresql"
        wrapped.mkdir()
        for program in self.programs.iterdir():
            (wrapped / program.name).symlink_to(program)
        for name, commands in self.before.items():
            (wrapped / name).unlink()
            text = f"#!/bin/bash\nreal={self.programs / name}\nhost={self.directory}\n{commands}\n"
            self._script(f"postgresql/{name}", text)
        return wrapped

    def _script(self, name: str, text: str) -> None:
        self.write(name, text)
        (self.directory / name).chmod(0o755)


def python() -> str:
    """Return Python 3.9 as on the host, where there is one that every user may run; else the tests' own."""
    return str(Path(sys.executable).resolve()) if os.geteuid() != 0 else "/usr/bin/python3"


def _without_time(key: str) -> str:
    name, _, rest = key.partition("-prod-")
    return f"{name}-prod-…{rest[15:]}" if rest else key
