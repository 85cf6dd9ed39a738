"""``zelly sandbox``: up, looked at, down; and what it says when something is in the way."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.workbench.cli.conftest import PROGRAM, Project
from workbench.cli.sandbox.bring_up import embedded_aws
from workbench.sandbox.lock import LOCK_FILE, held

DESCRIBE_VPCS = """
import boto3
print(sorted(vpc["CidrBlock"] for vpc in boto3.client("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]))
"""

LONG_PROGRAM = f"""{PROGRAM}
for number in range(300):
    aws.ec2.Vpc(f"n{{number}}", cidr_block="10.0.0.0/16")
"""

EXPORTED = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def status(project: Project) -> dict[str, Any]:
    return json.loads(project.run("sandbox", "status", "--json").stdout)


def vpcs_as_an_operator_sees_them(project: Project, *, region: str) -> str:
    """Run boto3 with the variables that ``zelly sandbox up`` prints."""
    variables = dict(zip(EXPORTED, (status(project)["endpoint_url"], region, "sandbox", "sandbox"), strict=True))
    command = [sys.executable, "-c", DESCRIBE_VPCS]
    completed = subprocess.run(
        command, env=project.environment | variables, capture_output=True, text=True, check=True, timeout=60
    )
    return completed.stdout.strip()


def test_without_a_terminal_it_ends_when_everything_is_made(project: Project) -> None:
    completed = project.run("sandbox", "up", "live")
    assert completed.exit_code == 0
    assert re.sub("vpc-[0-9a-f]+", "vpc-…", completed.stdout).splitlines() == [
        "live is up in ap-south-1: 2 resources",
        "  password: [secret]",
        "  vpc_id: vpc-…",
    ]
    assert "\x1b" not in completed.stdout + completed.stderr
    assert completed.stderr.splitlines()[-1] == (
        "The embedded AWS ends here, as this is no terminal; --detach leaves it running."
    )
    assert project.run("sandbox", "status").stdout == "No embedded AWS is running.\n"


def test_on_a_terminal_it_stays_until_interrupted(project: Project) -> None:
    terminal, its_other_side = pty.openpty()
    with subprocess.Popen(
        project.command("sandbox", "up", "live"),
        cwd=project.folder,
        env=project.environment | {"NO_COLOR": "1", "TERM": "xterm"},
        stdin=its_other_side,
        stdout=its_other_side,
        stderr=its_other_side,
    ) as process:
        os.close(its_other_side)
        shown = b""
        while b"It stays until Ctrl-C." not in shown:
            shown += os.read(terminal, 4096)
        now = status(project)
        assert now["stacks"] == ["live"]
        assert f"export AWS_ENDPOINT_URL={now['endpoint_url']} AWS_DEFAULT_REGION=ap-south-1".encode() in shown
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    os.close(terminal)
    assert b"2/2" in shown
    assert re.search(rb"\x1b\[[0-9;]*3[0-7]m", shown) is None, "NO_COLOR is set"
    assert project.run("sandbox", "status").stdout == "No embedded AWS is running.\n"


def test_interrupt_while_things_are_made_ends_everything(project: Project) -> None:
    project.program(LONG_PROGRAM)
    with subprocess.Popen(
        project.command("sandbox", "up", "live", "--detach"),
        cwd=project.folder,
        env=project.environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("live: 50 of 302, last ")
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert (process.wait(timeout=30), "300 of" in said, "Traceback" in said) == (130, False, False)
    assert project.run("sandbox", "status").stdout == "No embedded AWS is running.\n"


def test_all_stacks_share_one_account_owner_first_and_those_that_are_missing_are_added(project: Project) -> None:
    trial = project.folder / "Pulumi.trial.yaml"
    # A name before the owner's, so that the alphabet cannot stand in for ownership.
    other = {"region": "eu-central-1", "network__availability_zones": ["eu-central-1a", "eu-central-1b"]}
    project.change("trial", environment="acceptance", clickhouse__availability_zone="eu-central-1a", **other)
    text = trial.read_text()
    trial.unlink()
    completed = project.run("sandbox", "up", "--all", "--detach")
    assert (completed.exit_code, "stand-ins" in completed.stderr) == (0, False)
    assert status(project)["stacks"] == ["live", "acceptance"]
    assert vpcs_as_an_operator_sees_them(project, region="eu-central-1") == "['10.21.0.0/16']"

    trial.write_text(text)
    added = project.run("sandbox", "up", "--all")
    assert (added.exit_code, added.stderr.splitlines()[0]) == (
        0,
        "Already up: live and acceptance. To be made: trial.",
    )
    assert added.stdout.startswith("trial is up in eu-west-1: 2 resources\n")
    again = project.run("sandbox", "up", "--all")
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr.startswith(
        "live, acceptance and trial are already up, in the embedded AWS at http://127.0.0.1:"
    )


def test_refused_look_up_is_one_line_with_its_cause_and_leaves_nothing(project: Project) -> None:
    project.program(
        f"{PROGRAM}\naws.ecr.get_repository_output(name='gone', opts=pulumi.InvokeOptions(provider=provider))"
    )
    completed = project.run("sandbox", "up", "live", "--detach")
    assert (completed.exit_code, completed.stdout) == (1, "")
    line, made, go_on = completed.stderr.splitlines()[-3:]
    assert line == (
        "live: aws:ecr/getRepository:getRepository: "
        "DescribeRepositories failed with RepositoryNotFoundException: "
        "The repository with name 'gone' does not exist in the registry with id '123456789012' "
        "(likely cause: it refers to something that was never made, or lies in another region)"
    )
    assert re.fullmatch(r"\d of 2 resources of live were made; the embedded AWS ends, and they with it\.", made)
    assert go_on == "To go on, correct the cause and run the same command again."
    assert project.run("sandbox", "status").stdout == "No embedded AWS is running.\n"


def test_taken_port_is_one_line(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        completed = project.run("sandbox", "up", "live", "--port", str(port))
    (line,) = completed.stderr.splitlines()
    assert (completed.exit_code, completed.stdout) == (2, "")
    assert line.startswith(f"the embedded AWS did not start: port {port}")


def test_all_takes_no_stack(project: Project) -> None:
    completed = project.run("sandbox", "up", "trial", "--all")
    assert (completed.exit_code, completed.stderr) == (
        2,
        "--all: came with trial; allowed: either one stack or --all\n",
    )
    completed = project.run("sandbox", "up")
    assert (completed.exit_code, completed.stderr) == (
        2,
        "stack: missing; allowed: --stack or ZELLY_STACK with one of live, trial, or `pulumi stack select`\n",
    )


def test_second_maker_in_a_folder_is_told_who_the_first_is(project: Project) -> None:
    with held(project.folder / LOCK_FILE, command="zelly sandbox up trial --detach"):
        for arguments in (("sandbox", "up", "live", "--detach"), ("sandbox", "down")):
            refused = project.run(*arguments)
            assert (refused.exit_code, refused.stdout) == (2, "")
            assert re.fullmatch(
                rf"process {os.getpid()} \(`zelly sandbox up trial --detach`, since .* UTC\) is at work in "
                r"the project's embedded AWS; wait for it, or end it first\n",
                refused.stderr,
            )
    assert project.run("sandbox", "status").stdout == "No embedded AWS is running.\n"


def test_killed_maker_leaves_neither_a_server_nor_a_lock(project: Project) -> None:
    project.program(LONG_PROGRAM)
    port = _free_port()
    with subprocess.Popen(
        project.command("sandbox", "up", "live", "--detach", "--port", str(port)),
        cwd=project.folder,
        env=project.environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("live: 50 of 302, last ")
        process.kill()
    _wait_until_nothing_listens(port)
    assert project.run("sandbox", "down").stderr == "No embedded AWS was running.\n"


def test_one_whose_whereabouts_cannot_be_written_down_does_not_stay(project: Project) -> None:
    with embedded_aws(project.folder, None, [], port=None, ending="never") as session:
        folder = session.state_file.parent
        folder.rename(project.folder / "elsewhere")
        folder.touch()
        with pytest.raises(FileExistsError):
            session.add("live", {})
    folder.unlink()
    _wait_until_nothing_listens(session.aws.state.port)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def _wait_until_nothing_listens(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        assert time.monotonic() < deadline, f"something still listens on {port}"
        time.sleep(0.05)


def test_shell_takes_the_exports_of_up_and_of_env_and_forgets_them_again(project: Project) -> None:
    before = project.run("sandbox", "env")
    assert (before.exit_code, before.stdout, before.stderr) == (
        2,
        "",
        "no embedded AWS is running; start one with `zelly sandbox up STACK --detach`\n",
    )
    show = 'echo "$AWS_DEFAULT_REGION $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_ENDPOINT_URL"'

    def after(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-euc", f'eval "$({" ".join(project.command("sandbox", *command))})"; {show}'],
            cwd=project.folder,
            env=project.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    up = after("up", "trial", "--detach")
    endpoint_url = json.loads(project.run("sandbox", "env", "--json").stdout)["AWS_ENDPOINT_URL"]
    assert up.stdout == after("env").stdout == f"eu-west-1 sandbox sandbox {endpoint_url}\n"
    assert project.run("sandbox", "env", "--unset").stdout == f"unset {' '.join(EXPORTED)}\n"

    assert "trial looks up what another stack owns; alone it gets stand-ins, made first:" in up.stderr
    late = project.run("sandbox", "up", "live")
    assert (late.exit_code, late.stderr) == (
        2,
        "live owns what trial already got as stand-ins; "
        "`zelly sandbox up --all --replace` ends that embedded AWS and makes all of them\n",
    )
    replaced = project.run("sandbox", "up", "live", "--replace", "--detach")
    assert (replaced.exit_code, replaced.stderr.splitlines()[0]) == (0, "The embedded AWS has ended.")
    now = status(project)
    assert (now["stacks"], now["endpoint_url"] == endpoint_url) == (["live"], False)

    assert project.run("sandbox", "down").stderr == "The embedded AWS has ended.\n"
    assert project.run("sandbox", "down").stderr == "No embedded AWS was running.\n"
    # Whoever still uses the address is told, at once and in one line.
    for arguments in (("status", "trial"), ("secrets", "list", "-s", "trial"), ("state", "locks")):
        ended = project.run(*arguments, AWS_ENDPOINT_URL=endpoint_url)
        assert (ended.exit_code, ended.stdout, ended.stderr) == (
            2,
            "",
            f"AWS_ENDPOINT_URL: the embedded AWS at {endpoint_url} has ended; `zelly sandbox up STACK --detach` starts "
            "another, and `unset AWS_ENDPOINT_URL` turns to AWS itself\n",
        )
