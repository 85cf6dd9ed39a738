"""The docker command line: builds images, and pushes them without leaving credentials behind."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from workbench.aws.ecr.registry import RegistryLogin
from workbench.errors import OperatorError

_STDERR = 2
"""Docker's progress is talk; stdout is the command's own."""

_KEPT_SETTINGS = ("currentContext", "proxies")
_KEPT_FOLDERS = ("contexts", "cli-plugins")


class DockerError(Exception):
    """A docker command failed; the text says which and how."""


class Docker:
    """Docker's commands. Their output goes to stderr."""

    def __init__(self, program: str) -> None:
        self._program = program

    @classmethod
    def find(cls) -> "Docker":
        """Find docker on the PATH.

        Raises:
            OperatorError: when there is none, or one without buildx.
        """
        program = shutil.which("docker")
        if program is None:
            raise OperatorError("docker: not on PATH; install Docker, or let CI build the image")
        arguments = [program, "buildx", "version"]
        if subprocess.run(arguments, capture_output=True, check=False).returncode != 0:  # noqa: S603
            raise OperatorError("docker: without buildx; install Docker's buildx plugin")
        return cls(program)

    def build(self, reference: str, *, context: Path, dockerfile: Path | None, platform: str) -> None:
        """Build a folder into an image of one platform, e.g. ``linux/arm64``, in the engine's own store.

        With the operator's own configuration: base images may come from other registries.

        Raises:
            DockerError: when it fails.
        """
        file = [] if dockerfile is None else ["--file", str(dockerfile)]
        self._run(
            "buildx",
            "build",
            "--platform",
            platform,
            # Otherwise what is pushed is an index of the image and an untagged attestation: two digests for one image.
            "--provenance=false",
            "--load",
            "--tag",
            reference,
            *file,
            str(context),
        )

    def inspect(self, name: str) -> "LocalImage":
        """Return an image that is on this machine.

        Raises:
            DockerError: when there is none of that name.
        """
        ran = subprocess.run(  # noqa: S603 (the program that was looked for)
            [self._program, "image", "inspect", name], capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            raise DockerError(
                f"docker image inspect {name} ended with exit code {ran.returncode}: {ran.stderr.strip()}"
            )
        (found,) = json.loads(ran.stdout)
        return LocalImage(id=found["Id"], platform=f"{found['Os']}/{found['Architecture']}")

    def tag(self, name: str, reference: str) -> None:
        """Give an image on this machine another name.

        Raises:
            DockerError: when it fails.
        """
        self._run("tag", name, reference)

    @contextmanager
    def logged_in(self, registry: str, login: RegistryLogin) -> Generator["LoggedIn"]:
        """Log in to a registry for the block: with a configuration of its own that is removed at its end.

        Raises:
            DockerError: when the registry refuses.
        """
        with _configuration(registry) as folder:
            environment = {**os.environ, "DOCKER_CONFIG": str(folder)}
            ran = subprocess.run(  # noqa: S603 (the program that was looked for)
                [self._program, "login", "--username", login.username, "--password-stdin", registry],
                input=login.password,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if ran.returncode != 0:
                said = " ".join(ran.stderr.split()).replace(login.password, "***")
                raise DockerError(f"docker login to {registry} ended with exit code {ran.returncode}: {said}")
            yield LoggedIn(self, environment)

    def _run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        ran = subprocess.run(  # noqa: S603 (the program that was looked for)
            [self._program, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=_STDERR, check=False
        )
        if ran.returncode != 0:
            words = [argument for argument in arguments[:2] if argument.isalpha()]
            raise DockerError(f"docker {' '.join(words)} ended with exit code {ran.returncode}")

    def push(self, reference: str, *, environment: Mapping[str, str]) -> None:
        """Push an image with the configuration that the environment names.

        Raises:
            DockerError: when it fails.
        """
        self._run("push", reference, environment=environment)

    def pull(self, reference: str, *, environment: Mapping[str, str]) -> None:
        """Pull an image with the configuration that the environment names.

        Raises:
            DockerError: when it fails.
        """
        self._run("pull", reference, environment=environment)


@dataclass(frozen=True, kw_only=True)
class LocalImage:
    """An image in the engine's own store."""

    id: str
    """The digest of its manifest, or of its configuration: which of the two depends on the engine's store."""
    platform: str
    """E.g. ``linux/arm64``."""


class LoggedIn:
    """Docker while it is logged in to a registry."""

    def __init__(self, docker: Docker, environment: Mapping[str, str]) -> None:
        self._docker = docker
        self._environment = environment

    def push(self, reference: str) -> None:
        """Push an image to the registry.

        Raises:
            DockerError: when it fails.
        """
        self._docker.push(reference, environment=self._environment)

    def pull(self, reference: str) -> None:
        """Pull an image from the registry.

        Raises:
            DockerError: when it fails.
        """
        self._docker.pull(reference, environment=self._environment)


@contextmanager
def _configuration(registry: str) -> Generator[Path]:
    """Make a private folder for docker's configuration, and remove it after the block.

    It leads to the operator's engine, and holds no credentials.
    """
    theirs = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    with tempfile.TemporaryDirectory(prefix="docker-config-") as name:
        folder = Path(name)
        for kept in _KEPT_FOLDERS:
            if (theirs / kept).is_dir():
                (folder / kept).symlink_to((theirs / kept).resolve())
        settings = _settings(theirs / "config.json")
        # An entry, if an empty one: without any, docker would keep the password in the system's keychain
        # (docker/cli, cli/config, "LoadDefaultConfigFile").
        document: dict[str, Any] = {
            **{key: settings[key] for key in _KEPT_SETTINGS if key in settings},
            "auths": {registry: {}},
        }
        (folder / "config.json").write_text(json.dumps(document), encoding="utf-8")
        yield folder


def _settings(file: Path) -> Mapping[str, Any]:
    try:
        document: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast(Mapping[str, Any], document) if isinstance(document, dict) else {}
