"""ECS Exec: a shell or a command in a running container, through AWS's Session Manager plugin."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType

from workbench.aws.ecs.tasks import EcsTasks, ExecuteCommandSession, Task
from workbench.errors import OperatorError

PLUGIN = "session-manager-plugin"

RESPONSE_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
"""The plugin reads the session from the environment variable whose name it is given instead of the session itself."""

LAST_VERSION_WITHOUT_VARIABLE = (1, 2, 497, 0)
"""The newest plugin that takes the session, with its token, as an argument only (the AWS CLI's own check,
``awscli/customizations/ecs/executecommand.py``). Arguments stand in the process list, for every user to read."""

_VERSION = re.compile(r"\d+(\.\d+){1,3}")
_VERSION_TIMEOUT_SECONDS = 10
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Target:
    """The container that a command is executed in."""

    cluster: str
    task: Task
    container: str
    runtime_id: str

    @property
    def session_manager_name(self) -> str:
        """The container's name in Session Manager."""
        return f"ecs:{self.cluster}_{self.task.id}_{self.runtime_id}"


def find_plugin() -> str:
    """Find a Session Manager plugin that keeps the session's token out of the process list.

    Raises:
        OperatorError: when there is none, or an older one.
    """
    path = shutil.which(PLUGIN)
    if path is None:
        raise OperatorError(
            f"{PLUGIN}: not on PATH; install the Session Manager plugin (AWS Systems Manager User Guide, "
            '"Install the Session Manager plugin for the AWS CLI")'
        )
    try:
        ran = subprocess.run(  # noqa: S603 (the program that was looked for)
            [path, "--version"], capture_output=True, text=True, check=False, timeout=_VERSION_TIMEOUT_SECONDS
        )
        version = ran.stdout.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        version = str(error)
    newest_refused = ".".join(map(str, LAST_VERSION_WITHOUT_VARIABLE))
    if _VERSION.fullmatch(version) is None or _numbers(version) <= LAST_VERSION_WITHOUT_VARIABLE:
        raise OperatorError(
            f"{PLUGIN}: version {version or 'unknown'}; allowed: later than {newest_refused}, "
            "since older ones show the session's token in the process list"
        )
    return path


def choose_target(service: str, *, cluster: str, container: str, task_id: str | None, tasks: EcsTasks) -> Target:
    """Return the container in the named task of a service, by default in its newest running task.

    ``task_id`` may be the beginning of an id. Tasks that were run beside the service count too.

    Raises:
        OperatorError: when there is none, or ECS Exec cannot reach it.
    """
    task = _chosen(service, tasks.of_family(service), task_id)
    if not task.execute_command:
        raise OperatorError(
            f"task {task.id}: ECS Exec is off; with containers.execute_command: true in the stack file, "
            "`pulumi up` turns it on for the tasks that are started from then on"
        )
    found = task.container(container)
    if found is None or found.status != "RUNNING" or found.runtime_id is None:
        state = "not one of its containers" if found is None else found.status
        raise OperatorError(f"task {task.id}: {container} is {state}; a running container is required")
    if found.execute_command_agent != "RUNNING":
        raise OperatorError(
            f"task {task.id}, {container}: the agent of ECS Exec is {found.execute_command_agent or 'not there'}; it "
            "starts some seconds after the container, and needs the task role's permission and a way to Session Manager"
        )
    return Target(cluster=cluster, task=task, container=container, runtime_id=found.runtime_id)


def converse(
    plugin: str, session: ExecuteCommandSession, target: Target, *, region: str, profile: str, endpoint_url: str
) -> int:
    """Hand the terminal to the plugin until the session ends, and return the plugin's exit code.

    ``endpoint_url`` is Session Manager's, where the plugin resumes and ends the session.
    """
    arguments = [
        plugin,
        RESPONSE_VARIABLE,
        region,
        "StartSession",
        profile,
        json.dumps({"Target": target.session_manager_name}),
        endpoint_url,
    ]
    response = {"SessionId": session.id, "StreamUrl": session.stream_url, "TokenValue": session.token}
    environment = {**os.environ, RESPONSE_VARIABLE: json.dumps(response)}
    with _left_to_the_plugin():
        return _exit_code(subprocess.run(arguments, env=environment, check=False).returncode)  # noqa: S603


def command_line(words: Sequence[str]) -> str:
    """Return words as one line for ExecuteCommand, quoted if needed."""
    return shlex.join(words)


def _chosen(service: str, running: Sequence[Task], task_id: str | None) -> Task:
    meant = [task for task in running if task.status == "RUNNING" and task.id.startswith(task_id or "")]
    if not meant or (task_id is not None and len(meant) > 1):
        ids = ", ".join(sorted(task.id for task in running if task.status == "RUNNING")) or "none"
        asked = "no task runs" if task_id is None else f"--task: came {task_id}"
        raise OperatorError(f"{asked}; running tasks of {service}: {ids}")
    return max(meant, key=lambda task: (task.created_at or _LONG_AGO, task.id))


def _pass_over(_number: int, _frame: FrameType | None) -> None:
    """Do nothing. Unlike an ignored signal, a handled one has its default action in the plugin again."""


@contextmanager
def _left_to_the_plugin() -> Generator[None]:
    """Handle the terminal's signals without effect: Ctrl-C is for the shell at the other end."""
    numbers = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
    before = {number: signal.signal(number, _pass_over) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit_code(returned: int) -> int:
    # Ended by a signal: as shells count.
    return 128 - returned if returned < 0 else returned


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
