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
from collections import Counter
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import PROGRAM, Project
from tests.zelly_infra.stack_files import ROOT, environment_of, write_stack_file
from workbench.cli.sandbox.bring_up import embedded_aws
from workbench.sandbox.lock import LOCK_FILE, held

DESCRIBE_VPCS = """
import boto3
print(sorted(vpc["CidrBlock"] for vpc in boto3.client("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]))
"""

FAILING_PROGRAM = f"""{PROGRAM}
outside = aws.ec2.Subnet("outside", vpc_id=vpc.id, cidr_block="192.168.0.0/24", opts=options)
aws.ec2.Subnet("elsewhere", vpc_id="vpc-00000000", cidr_block="10.0.0.0/24", opts=options)
aws.ec2.RouteTableAssociation("behind", subnet_id=outside.id, route_table_id="rtb-00000000", opts=options)
"""


EXPORTED = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def vpcs_as_an_operator_sees_them(project: Project, *, region: str) -> str:
    """Run boto3 with the variables that ``zelly sandbox up`` prints."""
    endpoint_url = json.loads(project.run("sandbox", "status", "--json").stdout)["endpoint_url"]
    variables = {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
    }
    command = [sys.executable, "-c", DESCRIBE_VPCS]
    completed = subprocess.run(
        command, env=project.environment | variables, capture_output=True, text=True, check=True, timeout=60
    )
    return completed.stdout.strip()


def planned_by_type(project: Project, stack: str) -> dict[str, int]:
    resources = json.loads(project.run("plan", stack, "--json").stdout)["resources"]
    types = [resource["type"] for resource in resources]
    return Counter(token for token in types if not token.startswith(("zelly-components:", "pulumi:")))


def test_detached_stack_is_there_to_look_at_until_it_is_taken_down(project: Project) -> None:
    completed = project.run("sandbox", "up", "live", "--detach", "--json")
    document = json.loads(completed.stdout)
    assert (completed.exit_code, sorted(document)) == (0, ["endpoint_url", "stacks"])
    live = document["stacks"]["live"]
    assert live["outputs"].pop("vpc_id").startswith("vpc-")
    assert live == {
        "region": "ap-south-1",
        "resources": 2,
        "resources_by_type": {"aws:ec2/vpc:Vpc": 1, "random:index/randomPassword:RandomPassword": 1},
        "outputs": {"password": "[secret]"},
    }
    below = project.folder / "docs"
    below.mkdir()
    assert json.loads(Project(folder=below).run("sandbox", "status", "--json").stdout) == {
        "running": True,
        "endpoint_url": document["endpoint_url"],
        "stacks": ["live"],
    }
    assert vpcs_as_an_operator_sees_them(project, region="ap-south-1") == "['10.20.0.0/16']"

    again = project.run("sandbox", "up", "live")
    assert (again.exit_code, again.stdout, again.stderr) == (
        2,
        "",
        f"live is already up, in the embedded AWS at {document['endpoint_url']}; "
        "--replace ends that one and starts afresh\n",
    )

    assert project.run("sandbox", "down").stderr == "The embedded AWS has ended.\n"
    assert project.run("sandbox", "down").stderr == "No embedded AWS was running.\n"
    assert project.run("sandbox", "status").stdout == "No embedded AWS is running.\n"


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
        status = json.loads(project.run("sandbox", "status", "--json").stdout)
        assert status["stacks"] == ["live"]
        assert f"export AWS_ENDPOINT_URL={status['endpoint_url']} AWS_DEFAULT_REGION=ap-south-1".encode() in shown
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    os.close(terminal)
    assert b"2/2" in shown
    assert re.search(rb"\x1b\[[0-9;]*3[0-7]m", shown) is None, "NO_COLOR is set"
    assert project.run("sandbox", "status").stdout == "No embedded AWS is running.\n"


def test_interrupt_while_things_are_made_ends_everything(project: Project) -> None:
    project.program(f"{PROGRAM}\nfor number in range(300):\n    aws.ec2.Vpc(f'n{{number}}', cidr_block='10.20.0.0/16')")
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


def test_trial_alone_gets_what_live_owns_and_says_so(project: Project) -> None:
    completed = project.run("sandbox", "up", "trial", "--detach")
    assert completed.exit_code == 0
    assert "trial looks up what another stack owns; alone it gets stand-ins, made first:" in completed.stderr
    late = project.run("sandbox", "up", "live")
    assert (late.exit_code, late.stderr) == (
        2,
        "live owns what trial already got as stand-ins; "
        "`zelly sandbox up --all --replace` ends that embedded AWS and makes all of them\n",
    )


def test_all_stacks_share_one_account_owner_first(project: Project) -> None:
    # A name before live's, so that the alphabet cannot stand in for ownership.
    (project.folder / "Pulumi.trial.yaml").unlink()
    write_stack_file(project.folder, "acceptance", environment_of("trial") | {"environment": "acceptance"})
    completed = project.run("sandbox", "up", "--all", "--detach")
    assert (completed.exit_code, "stand-ins" in completed.stderr) == (0, False)
    assert json.loads(project.run("sandbox", "status", "--json").stdout)["stacks"] == ["live", "acceptance"]
    assert vpcs_as_an_operator_sees_them(project, region="ap-south-1") == "['10.20.0.0/16']"
    assert vpcs_as_an_operator_sees_them(project, region="eu-west-1") == "['10.21.0.0/16']"


def test_everything_that_is_planned_for_both_stacks_is_made(project: Project) -> None:
    project.program((ROOT / "__main__.py").read_text())
    completed = project.run("sandbox", "up", "--all", "--json")
    assert completed.exit_code == 0, completed.stderr
    made = {name: stack["resources_by_type"] for name, stack in json.loads(completed.stdout)["stacks"].items()}
    assert made == {stack: planned_by_type(project, stack) for stack in ("live", "trial")}


def test_every_failed_resource_is_listed_with_its_error_and_cause(project: Project) -> None:
    project.program(FAILING_PROGRAM)
    completed = project.run("sandbox", "up", "live", "--detach")
    assert (completed.exit_code, completed.stdout) == (1, "")
    lines = completed.stderr.splitlines()
    assert lines[0] == "live: 2 resources could not be made, 1 more not tried because of that:"
    assert sorted(lines[1:3]) == [
        "  aws:ec2/subnet:Subnet elsewhere: CreateSubnet failed with InvalidVpcID.NotFound: "
        "VpcID vpc-00000000 does not exist. "
        "(likely cause: it refers to something that was never made, or lies in another region)",
        "  aws:ec2/subnet:Subnet outside: CreateSubnet failed with InvalidSubnet.Range: "
        "The CIDR '192.168.0.0/24' is invalid.",
    ]
    assert lines[3:] == [
        "2 of 5 resources of live were made; the embedded AWS ends, and they with it.",
        "To go on, correct the cause and run the same command again.",
    ]
    assert project.run("sandbox", "status").stdout == "No embedded AWS is running.\n"


def test_refused_look_up_is_one_line_with_its_cause(project: Project) -> None:
    project.program(
        f"{PROGRAM}\naws.ecr.get_repository_output(name='gone', opts=pulumi.InvokeOptions(provider=provider))"
    )
    completed = project.run("sandbox", "up", "live")
    assert (completed.exit_code, completed.stdout) == (1, "")
    assert completed.stderr.splitlines()[-3] == (
        "live: aws:ecr/getRepository:getRepository: "
        "DescribeRepositories failed with RepositoryNotFoundException: "
        "The repository with name 'gone' does not exist in the registry with id '123456789012' "
        "(likely cause: it refers to something that was never made, or lies in another region)"
    )


def test_all_adds_the_stacks_that_are_missing(project: Project) -> None:
    assert project.run("sandbox", "up", "live", "--detach").exit_code == 0
    added = project.run("sandbox", "up", "--all")
    assert (added.exit_code, added.stderr.splitlines()[0]) == (0, "Already up: live. To be made: trial.")
    assert added.stdout.startswith("trial is up in eu-west-1: 2 resources\n")
    again = project.run("sandbox", "up", "--all")
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr.startswith("live and trial are already up, in the embedded AWS at http://127.0.0.1:")


def test_failure_in_a_running_embedded_aws_leaves_the_other_stacks(project: Project) -> None:
    assert project.run("sandbox", "up", "live", "--detach").exit_code == 0
    project.program(FAILING_PROGRAM)
    completed = project.run("sandbox", "up", "trial")
    status = json.loads(project.run("sandbox", "status", "--json").stdout)
    assert (completed.exit_code, status["stacks"]) == (1, ["live"])
    assert completed.stderr.splitlines()[-2:] == [
        f"2 of 5 resources of trial were made and are there to look at, at {status['endpoint_url']}.",
        "To go on, end it with `zelly sandbox down`, correct the cause and run the same command again.",
    ]


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


def test_nothing_is_ended_before_the_stack_and_the_program_are_known_to_be_right(project: Project) -> None:
    assert project.run("sandbox", "up", "live", "--detach").exit_code == 0
    before = json.loads(project.run("sandbox", "status", "--json").stdout)

    wrong = project.run("sandbox", "up", "prod", "--replace", "--detach")
    assert (wrong.exit_code, wrong.stderr) == (2, "stack: prod; allowed: live, trial\n")
    project.program("1 / 0")
    assert project.run("sandbox", "up", "live", "--replace", "--detach").exit_code == 1
    assert json.loads(project.run("sandbox", "status", "--json").stdout) == before

    project.program(PROGRAM)
    replaced = project.run("sandbox", "up", "trial", "--replace", "--detach")
    after = json.loads(project.run("sandbox", "status", "--json").stdout)
    assert (replaced.exit_code, replaced.stderr.splitlines()[0]) == (0, "The embedded AWS has ended.")
    assert (after["stacks"], after["endpoint_url"] == before["endpoint_url"]) == (["trial"], False)


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
    project.program(f"{PROGRAM}\nfor number in range(300):\n    aws.ec2.Vpc(f'n{{number}}', cidr_block='10.20.0.0/16')")
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


def test_one_whose_whereabouts_cannot_be_written_down_does_not_stay(tmp_path: Path) -> None:
    with embedded_aws(tmp_path, None, [], port=None, ending="never") as session:
        folder = session.state_file.parent
        folder.rename(tmp_path / "elsewhere")
        folder.touch()
        with pytest.raises(FileExistsError):
            session.add("live", {})
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

    def after(command: str) -> str:
        ran = subprocess.run(
            ["/bin/sh", "-euc", f'eval "$({command})"; {show}'],
            cwd=project.folder,
            env=project.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.stdout

    up = after("zelly sandbox up trial --detach")
    exported = project.run("sandbox", "env", "--json")
    endpoint_url = json.loads(exported.stdout)["AWS_ENDPOINT_URL"]
    assert up == after("zelly sandbox env") == f"eu-west-1 sandbox sandbox {endpoint_url}\n"
    other = project.run("sandbox", "env", "live")
    assert (other.exit_code, other.stderr) == (2, "stack: live is not up; allowed: trial\n")
    assert project.run("sandbox", "env", "--unset").stdout == f"unset {' '.join(EXPORTED)}\n"

    # Whoever still uses the address is told, at once and in one line.
    project.run("sandbox", "down")
    for arguments in (("status", "trial"), ("secrets", "list", "-s", "trial"), ("state", "locks")):
        ended = project.run(*arguments, AWS_ENDPOINT_URL=endpoint_url)
        assert (ended.exit_code, ended.stdout, ended.stderr) == (
            2,
            "",
            f"AWS_ENDPOINT_URL: the embedded AWS at {endpoint_url} has ended; `zelly sandbox up STACK --detach` starts "
            "another, and `unset AWS_ENDPOINT_URL` turns to AWS itself\n",
        )
