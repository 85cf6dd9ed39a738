"""A simulated host: its directory, its configuration from the embedded AWS, and the scripts that run on it."""

import json
import re
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from workbench.sandbox.clients import Clients
from workbench.sandbox.ecs.simulation.pace import Pace
from workbench.sandbox.ssm.host import practice_postgresql
from workbench.sandbox.ssm.host.aws_cli import AwsCli
from workbench.sandbox.ssm.host.systemd import Answer, Systemd, base_environment

_CONFIGURATION = re.compile(r"/(?P<platform>[^/]+)/(?P<environment>[^/]+)/host/configuration")
"""The parameter that names a service host's configuration."""
_PROGRAMS = ("aws", "systemctl", "systemd-run")
_PYTHON_PROGRAM = re.compile(r"(^|exec )(/usr/local/sbin/\S+)")
_PACED = ("settle_seconds",)
_BOOT_ID = "proc/sys/kernel/random/boot_id"

_STAND_IN = """#!{python} -ISE
import json, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    server.sendall(json.dumps([{program!r}, *sys.argv[1:]]).encode() + b"\\n")
    answer = b"".join(iter(lambda: server.recv(1 << 16), b""))
code, out, error = json.loads(answer)
sys.stdout.write(out)
sys.stderr.write(error)
sys.exit(code)
"""
"""A program of the host: it has the embedded AWS's own process do what it is asked."""


_NO_USERS = """import os
import shutil

os.chown = shutil.chown = lambda *_, **__: None
"""
"""Python imports it at its start: the users of the host's services are none of this machine's, whose operator need not
be root."""


class NotConfiguredError(Exception):
    """A host for which the program has made no configuration."""


class Machine:
    """One simulated host."""

    def __init__(self, clients: Clients, region: str, name: str) -> None:
        self._clients = clients
        self._region = region
        self._name = name
        self._log: Callable[[str, str], None] | None = None
        self.root = Path(tempfile.mkdtemp(prefix="sandbox-host-"))
        programs = self.root / "stand-ins"
        programs.mkdir()
        self._environment = {
            **base_environment(),
            "PATH": f"{programs}:{base_environment()['PATH']}",
            "PYTHONPATH": str(programs),
            "RELEASE_AGENT_ROOT": str(self.root),
            "PRACTICE_DATABASE": str(self.root / "practice-database"),
            "PRACTICE_POSTGRESQL": str(self.root / "practice-postgresql"),
        }
        self._systemd = Systemd(self.root, self._environment, self._tell)
        self._aws = AwsCli(clients, region)
        self._serve(programs)
        source = Path(practice_postgresql.__file__).read_text(encoding="utf-8")
        for program in practice_postgresql.NAMES:
            self._write(f"usr/bin/{program}", f"#!{sys.executable} -ISE\n{source}", 0o755)
        self._write(_BOOT_ID, f"{uuid4()}\n", 0o444)

    def run(self, script: str, *, say: Callable[[str], None], log: Callable[[str, str], None]) -> Answer:
        """Run a script of Run Command to its end. ``say`` is told each line of its standard error as it comes.

        ``log`` is told what services write, each with its service.

        Raises:
            NotConfiguredError: when the program has made no configuration for the host.
        """
        self._apply_configuration()
        self._log = log
        process = subprocess.Popen(  # noqa: S603 (the program's own document and files)
            ["/bin/sh", "-c", self._below_root(script)],
            cwd=self.root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        lines: list[str] = []

        def listen() -> None:
            for line in process.stderr or ():
                lines.append(line)
                say(line.rstrip("\n"))

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        out = "" if process.stdout is None else process.stdout.read()
        code = process.wait()
        listener.join()
        return code, out, "".join(lines)

    def end(self) -> None:
        """Stop what runs, and remove the directory."""
        self._systemd.end()
        self._server.shutdown()
        shutil.rmtree(self.root, ignore_errors=True)

    def _below_root(self, script: str) -> str:
        """Return a script whose own programs are those below the host's directory, run by this Python."""
        return _PYTHON_PROGRAM.sub(
            lambda found: (
                f"{found[1]}{sys.executable} {self.root}{found[2]}"
                if (self.root / found[2].lstrip("/")).exists()
                else found[0]
            ),
            script,
        )

    def _apply_configuration(self) -> None:
        """Do what the host does at boot and every few minutes: fetch the configuration and write its files."""
        place = self._configuration_place()
        if place is None:
            raise NotConfiguredError(f"{self._name}: there is no parameter with a configuration of this host")
        named = json.loads(self._clients.get("ssm", self._region).get_parameter(Name=place)["Parameter"]["Value"])
        content = self._object(str(named["key"]))
        if content is None:
            raise NotConfiguredError(f"{self._name}: {named['key']} is in no bucket")
        for path, file in json.loads(content)["files"].items():
            text = self._paced(file["content"]) if path.endswith("/host.json") else file["content"]
            self._write(path.lstrip("/"), text, int(file["mode"], 8))

    @staticmethod
    def _paced(content: str) -> str:
        """Return the agent's configuration with waits as long as the sandbox's own; the operator's time is theirs."""
        document = json.loads(content)
        pace = Pace.of_this_process()
        return json.dumps({**document, **{name: pace(document[name]).total_seconds() for name in _PACED}})

    def _configuration_place(self) -> str | None:
        pages = self._clients.get("ssm", self._region).get_paginator("describe_parameters").paginate()
        for parameter in (each for page in pages for each in page["Parameters"]):
            found = _CONFIGURATION.fullmatch(parameter["Name"])
            if found is not None and self._name.startswith(f"{found['platform']}-{found['environment']}-"):
                return parameter["Name"]
        return None

    def _object(self, key: str) -> bytes | None:
        s3 = self._clients.get("s3", self._region)
        for bucket in s3.list_buckets()["Buckets"]:
            with suppress(ClientError):
                return s3.get_object(Bucket=bucket["Name"], Key=key)["Body"].read()
        return None

    def _write(self, path: str, content: str, mode: int) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.unlink()
        target.write_text(content, encoding="utf-8")
        target.chmod(mode)

    def _tell(self, unit: str, line: str) -> None:
        service = self._services().get(unit)
        if service is not None and self._log is not None:
            self._log(service, line)

    def _services(self) -> Mapping[str, str]:
        """Return the services by their units."""
        for file in self.root.glob("etc/*/host.json"):
            document: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return {str(each["unit"]): str(name) for name, each in document["services"].items()}
        return {}

    def _serve(self, programs: Path) -> None:
        answers = {"aws": self._aws.run, "systemctl": self._systemd.systemctl, "systemd-run": self._systemd.systemd_run}

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                program, *words = json.loads(self.rfile.readline())
                try:
                    answer = answers[program](words)
                except Exception as error:
                    answer = (1, "", f"{program}: {type(error).__name__}: {error}\n")
                self.wfile.write(json.dumps(answer).encode())

        address = str(self.root / "stand-ins.sock")
        self._server = socketserver.ThreadingUnixStreamServer(address, Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        for program in _PROGRAMS:
            path = programs / program
            path.write_text(_STAND_IN.format(python=sys.executable, address=address, program=program))
            path.chmod(0o755)
        (programs / "sitecustomize.py").write_text(_NO_USERS)
