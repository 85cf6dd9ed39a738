"""``zelly sandbox`` beside a stack that is up already, detached."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.workbench.cli.conftest import PROGRAM, Project, project_in
from tests.workbench.cli.test_sandbox import status, vpcs_as_an_operator_sees_them

FAILING_PROGRAM = f"""{PROGRAM}
outside = aws.ec2.Subnet("outside", vpc_id=vpc.id, cidr_block="192.168.0.0/24", opts=options)
aws.ec2.Subnet("elsewhere", vpc_id="vpc-00000000", cidr_block="10.20.0.0/24", opts=options)
aws.ec2.RouteTableAssociation("behind", subnet_id=outside.id, route_table_id="rtb-00000000", opts=options)
"""


@pytest.fixture(scope="module")
def said_of_up() -> dict[str, Any]:
    """What bringing :func:`standing` up printed."""
    return {}


@pytest.fixture(scope="module")
def standing(
    tmp_path_factory: pytest.TempPathFactory, installed: Mapping[str, str], said_of_up: dict[str, Any]
) -> Iterator[Project]:
    """A project whose live stack is up, detached: whoever changes the program puts it back."""
    with project_in(tmp_path_factory.mktemp("standing"), installed) as project:
        completed = project.run("sandbox", "up", "live", "--detach", "--json")
        assert completed.exit_code == 0, completed.stderr
        said_of_up.update(json.loads(completed.stdout))
        yield project


def test_detached_stack_is_there_to_look_at(standing: Project, said_of_up: dict[str, Any]) -> None:
    assert sorted(said_of_up) == ["endpoint_url", "stacks"]
    live = said_of_up["stacks"]["live"]
    assert live["outputs"].pop("vpc_id").startswith("vpc-")
    assert live == {
        "region": "ap-south-1",
        "resources": 2,
        "resources_by_type": {"aws:ec2/vpc:Vpc": 1, "random:index/randomPassword:RandomPassword": 1},
        "outputs": {"password": "[secret]"},
    }
    below = standing.folder / "docs"
    below.mkdir()
    assert status(replace(standing, folder=below)) == {
        "running": True,
        "endpoint_url": said_of_up["endpoint_url"],
        "stacks": ["live"],
    }
    assert vpcs_as_an_operator_sees_them(standing, region="ap-south-1") == "['10.20.0.0/16']"


def test_what_is_up_already_is_told(standing: Project, said_of_up: dict[str, Any]) -> None:
    again = standing.run("sandbox", "up", "live")
    assert (again.exit_code, again.stdout, again.stderr) == (
        2,
        "",
        f"live is already up, in the embedded AWS at {said_of_up['endpoint_url']}; "
        "--replace ends that one and starts afresh\n",
    )
    other = standing.run("sandbox", "env", "trial")
    assert (other.exit_code, other.stderr) == (2, "stack: trial is not up; allowed: live\n")


def test_every_failed_resource_is_listed_and_the_other_stacks_stay(standing: Project) -> None:
    standing.program(FAILING_PROGRAM)
    completed = standing.run("sandbox", "up", "trial", "--detach")
    standing.program(PROGRAM)
    now = status(standing)
    assert (completed.exit_code, completed.stdout, now["stacks"]) == (1, "", ["live"])
    lines = completed.stderr.splitlines()
    start = lines.index("trial: 2 resources could not be made, 1 more not tried because of that:")
    assert sorted(lines[start + 1 : start + 3]) == [
        "  aws:ec2/subnet:Subnet elsewhere: CreateSubnet failed with InvalidVpcID.NotFound: "
        "VpcID vpc-00000000 does not exist. "
        "(likely cause: it refers to something that was never made, or lies in another region)",
        "  aws:ec2/subnet:Subnet outside: CreateSubnet failed with InvalidSubnet.Range: "
        "The CIDR '192.168.0.0/24' is invalid.",
    ]
    assert lines[start + 3 :] == [
        f"2 of 5 resources of trial were made and are there to look at, at {now['endpoint_url']}.",
        "To go on, end it with `zelly sandbox down`, correct the cause and run the same command again.",
    ]


def test_nothing_is_ended_before_the_stack_and_the_program_are_known_to_be_right(standing: Project) -> None:
    before = status(standing)
    wrong = standing.run("sandbox", "up", "prod", "--replace", "--detach")
    assert (wrong.exit_code, wrong.stderr) == (2, "stack: prod; allowed: live, trial\n")
    standing.program("1 / 0")
    with pytest.raises(ZeroDivisionError):
        standing.run("sandbox", "up", "live", "--replace", "--detach")
    standing.program(PROGRAM)
    assert status(standing) == before
