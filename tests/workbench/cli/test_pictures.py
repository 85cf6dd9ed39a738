"""``zelly diagram``, ``zelly plan --html`` and ``zelly plan --timeline``: what they write, and what they refuse."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.workbench.cli.conftest import Project

TWO_NETWORKS = """
import pulumi_aws as aws
aws.ec2.Vpc("first", cidr_block="10.20.0.0/16")
aws.ec2.Vpc("second", cidr_block="10.21.0.0/16")
"""


def test_diagram_is_svg_on_stdout(project: Project) -> None:
    completed = project.run("diagram", "live")
    assert (completed.exit_code, completed.stderr) == (0, "")
    root = ET.fromstring(completed.stdout)  # noqa: S314 (our own)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "VPC 10.20.0.0/16" in [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_diagram_is_mermaid_in_a_file(project: Project) -> None:
    completed = project.run("diagram", "trial", "--format", "mermaid", "--output", "chart.mmd")
    assert (completed.exit_code, completed.stdout, completed.stderr) == (0, "", "Wrote chart.mmd\n")
    assert (project.folder / "chart.mmd").read_text(encoding="utf-8").splitlines() == [
        "flowchart TB",
        'subgraph vpc["trial, eu-west-1: VPC 10.21.0.0/16"]',
        "end",
    ]


def test_program_with_two_networks_cannot_be_drawn(project: Project) -> None:
    project.program(TWO_NETWORKS)
    completed = project.run("diagram", "live")
    assert (completed.exit_code, completed.stdout) == (2, "")
    assert completed.stderr == (
        "live: cannot be drawn: aws:ec2/vpc:Vpc: 2 found; of this type there are: first, second; "
        "exactly one VPC is needed\n"
    )


def test_page_is_written_also_without_a_picture(project: Project) -> None:
    project.program(TWO_NETWORKS)
    completed = project.run("plan", "live", "--html", "plan.html")
    assert (completed.exit_code, completed.stdout, completed.stderr) == (0, "", "Wrote plan.html\n")
    page = (project.folder / "plan.html").read_text(encoding="utf-8")
    assert "<title>live: plan</title>" in page
    assert 'id="picture"' not in page
    assert "<p>Not estimated: there is no usage/live.yaml.</p>" in page


def test_timeline_tells_the_chain_that_decides(project: Project) -> None:
    completed = project.run("plan", "live", "--timeline")
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert completed.stdout.splitlines() == [
        "live: A first up takes 11 s at least (11 s): its critical path. The slowest single chain, up to "
        "network, takes 11 s of that. One after the other, everything would take 11 s.",
        "",
        "Critical path: what begins when, and takes how long",
        "     0 s    11 s  network  aws:ec2/vpc:Vpc",
        "",
        "What takes 10 s or more (█ on the critical path)",
        f"  network  {'█' * 48}    0 to  11 s",
    ]


def test_timeline_as_json(project: Project) -> None:
    completed = project.run("plan", "live", "--timeline", "--json")
    document = json.loads(completed.stdout)
    assert (document["stack"], document["seconds"], document["seconds_in_sequence"]) == ("live", 11, 11)
    assert document["slowest_chain"] == {"name": "network", "seconds": 11}
    assert document["critical_path"] == ["urn:pulumi:live::sample::aws:ec2/vpc:Vpc::network"]
    assert [(step["name"], step["start"], step["seconds"]) for step in document["steps"]] == [
        ("password", 0, 0),
        ("network", 0, 11),
    ]


def test_timeline_and_page_together(project: Project) -> None:
    completed = project.run("plan", "live", "--timeline", "--html", "plan.html")
    assert (completed.exit_code, completed.stderr) == (0, "Wrote plan.html\n")
    assert completed.stdout.startswith("live: A first up takes 11 s")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("plan", "--timeline", "--against", "HEAD"), "--timeline: came with --against; one of the two is allowed"),
        (("plan", "--html", "p.html", "--json"), "--html: came with --json; one of the two is allowed"),
        (("plan", "--html", "nowhere/p.html"), "--html: nowhere/p.html: No such file or directory"),
        (("diagram", "--output", "nowhere/a.svg"), "--output: nowhere/a.svg: No such file or directory"),
    ],
)
def test_what_cannot_be_is_one_line(project: Project, arguments: tuple[str, ...], line: str) -> None:
    completed = project.run(arguments[0], "live", *arguments[1:])
    assert (completed.exit_code, completed.stdout, completed.stderr) == (2, "", f"{line}\n")


def test_nothing_is_written_where_something_is_refused(project: Project) -> None:
    project.run("plan", "live", "--html", "plan.html", "--json")
    assert not (Path(project.folder) / "plan.html").exists()
