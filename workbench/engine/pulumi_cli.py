"""Finding a Pulumi CLI, and running it with the program, the providers and a state that all live on this machine."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from workbench.cloudflare import TOKEN_VARIABLE
from workbench.errors import OperatorError
from workbench.sandbox.clients import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from workbench.sandbox.embedded import EmbeddedAws
from workbench.sandbox.server import process as server

REPOSITORY = Path(__file__).parent.parent.parent

BUILT_ENGINE = Path(".engine/bin")
"""The folder of what ``make engine`` builds, relative to the repository."""

_PINNED_IN = Path("tools/engine/go.mod")
_PINNED_MODULE = "require github.com/pulumi/pulumi/pkg/v3 v"
_RUNNER = "pulumi-language-python-exec"
_LANGUAGE_HOST = "workbench.engine.language_host"
_PROVIDERS = "workbench.engine.provider"
_STOP_TIMEOUT_SECONDS = 5

_OPERATORS_OWN = ("AWS_", "CLOUDFLARE_", "PULUMI_")
"""Variables of the operator's that could lead to a real account or another state: not passed on."""

_PROGRAM_VARIABLES: Mapping[str, str] = {
    # The program asks that there is a token; nothing here ever shows it to Cloudflare.
    TOKEN_VARIABLE: "sandbox",
    # An Output in an f-string is then an error instead of a text about it.
    "PULUMI_ERROR_OUTPUT_STRING": "true",
}
"""The environment variables of the program: it is the language host's, not the CLI's."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Pulumi CLI of the pinned version."""

    pulumi: Path
    runner: Path
    """Pulumi's script that starts a Python program; it is installed beside the CLI."""


@dataclass(frozen=True, kw_only=True)
class EngineSession:
    """A folder in which ``pulumi`` commands reach an embedded AWS and nothing else."""

    engine: Engine
    aws: EmbeddedAws
    folder: Path
    """The project: the stack files lie here as copies, since the CLI writes into them."""
    environment: Mapping[str, str]
    """The whole environment of each command."""

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one command to its end; whether it succeeded is for the caller to see."""
        return subprocess.run(  # noqa: S603 (the CLI that was found)
            self._command(arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start one command, with its output to be read while it goes on."""
        return subprocess.Popen(  # noqa: S603 (the CLI that was found)
            self._command(arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run_on_terminal(self, *arguments: str) -> int:
        """Run one command for the operator's eyes, who may be asked; return its exit code."""
        command = [str(self.engine.pulumi), *arguments]
        return subprocess.run(command, cwd=self.folder, env=self.environment, check=False).returncode  # noqa: S603

    def _command(self, arguments: Sequence[str]) -> Sequence[str]:
        return [str(self.engine.pulumi), *arguments, "--non-interactive", "--color", "never"]


def pinned_version(repository: Path) -> str:
    """Return the version of the engine that the program is run on, e.g. ``3.276.0``."""
    lines = (repository / _PINNED_IN).read_text(encoding="utf-8").splitlines()
    (version,) = (line.removeprefix(_PINNED_MODULE) for line in lines if line.startswith(_PINNED_MODULE))
    return version


def find_engine(repository: Path) -> Engine:
    """Return the CLI on PATH if it has the pinned version, else the one that ``make engine`` built.

    Raises:
        OperatorError: when there is neither.
    """
    version = pinned_version(repository)
    for folders in (os.environ.get("PATH", os.defpath), str(repository / BUILT_ENGINE)):
        pulumi, runner = shutil.which("pulumi", path=folders), shutil.which(_RUNNER, path=folders)
        if pulumi is not None and runner is not None and _version_of(pulumi) == f"v{version}":
            return Engine(pulumi=Path(pulumi), runner=Path(runner))
    raise OperatorError(f"pulumi: no {version} on PATH and none in {BUILT_ENGINE}; `make engine` builds it (needs Go)")


def _version_of(pulumi: str) -> str:
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    command = [pulumi, "version"]
    completed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    return completed.stdout.strip()


def copy_project(root: Path, folder: Path) -> None:
    """Copy what is read of a project: its file, the stacks' files, what they adopted, and the entry point.

    The packages that the program imports are the installed ones, so that a change to them is seen at once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*root.glob("Pulumi*.yaml"), *root.glob("adopted.*.yaml"), root / "__main__.py"):
        shutil.copy(path, folder)


@contextmanager
def engine_session(
    root: Path,
    folder: Path,
    *,
    engine: Engine | None = None,
    aws: EmbeddedAws | None = None,
    plugins: Collection[str] = (),
) -> Generator[EngineSession]:
    """Start everything that ``pulumi`` commands need, and end it with the block, also on an error.

    ``folder`` holds the project, its state and the CLI's own home, so that nothing of the operator's is touched.
    Without ``aws`` an embedded AWS is started, which ends with the block, too. ``plugins`` names the packages whose
    real plugins are used, which Pulumi downloads and keeps in the operator's home; the others' providers are attached.

    Raises:
        OperatorError: when there is no engine, or something does not start.
    """
    engine = engine or find_engine(REPOSITORY)
    project, state, home = folder / "project", folder / "state", folder / "home"
    copy_project(root, project)
    bin_ = folder / "bin"
    for made in (state, home, bin_):
        made.mkdir(exist_ok=True)
    _pretend_language_plugin(bin_)
    with ExitStack() as stack:
        aws = aws or stack.enter_context(EmbeddedAws.start())
        host = stack.enter_context(_helper(folder, _LANGUAGE_HOST, str(engine.runner), environment=_PROGRAM_VARIABLES))
        token = {server.TOKEN_VARIABLE: aws.state.token}
        providers = stack.enter_context(_helper(folder, _PROVIDERS, "--endpoint", aws.endpoint_url, environment=token))
        environment = {
            **_harmless_environment(),
            "PATH": os.pathsep.join([f"{engine.pulumi.parent}", f"{bin_}", os.environ.get("PATH", os.defpath)]),
            "AWS_ENDPOINT_URL": aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            # Else a real plugin asks the machine that it runs on for credentials.
            "AWS_EC2_METADATA_DISABLED": "true",
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(16),
            "PULUMI_DEBUG_LANGUAGES": f"python:{host.ready()}",
            "PULUMI_DEBUG_PROVIDERS": _without(plugins, providers.ready()),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **({} if plugins else {"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true", "PULUMI_HOME": str(home)}),
        }
        yield EngineSession(engine=engine, aws=aws, folder=project, environment=environment)


def _pretend_language_plugin(folder: Path) -> None:
    """Put a plugin of Python's on the PATH, which never runs.

    The engine only asks whether there is one before it lets a policy pack be run; then it turns to the attached host.
    """
    path = folder / "pulumi-language-python"
    path.write_text("#!/bin/sh\necho 'the language host is attached' >&2\nexit 1\n")
    path.chmod(0o755)


def _without(plugins: Collection[str], attached: str) -> str:
    return ",".join(provider for provider in attached.split(",") if provider.partition(":")[0] not in plugins)


def _harmless_environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_OPERATORS_OWN)}


@dataclass(frozen=True, kw_only=True)
class _Helper:
    """A process of this package that the engine attaches to."""

    module: str
    log: Path
    process: "subprocess.Popen[str]"

    def ready(self) -> str:
        """Wait for the line in which it says where it listens."""
        line = self.process.stdout.readline().strip() if self.process.stdout is not None else ""
        if not line:
            raise OperatorError(f"{self.module} did not start: {_last_line(self.log)}")
        return line

    def stop(self) -> None:
        """Let it end; closing its standard input asks for that."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self.process.wait(timeout=_STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def _helper(folder: Path, module: str, *arguments: str, environment: Mapping[str, str]) -> Generator[_Helper]:
    log = folder / f"{module.rpartition('.')[2]}.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 (this interpreter, this package's own module)
            [sys.executable, "-m", module, *arguments],
            env={**_harmless_environment(), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            # Ctrl-C in the terminal is for `pulumi`, which then still needs it.
            start_new_session=True,
        )
    helper = _Helper(module=module, log=log, process=process)
    try:
        yield helper
    finally:
        helper.stop()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else "it said nothing"
