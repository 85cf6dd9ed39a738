"""``zelly cost``: what it prints, what it refuses, what it compares."""

import json
import shutil
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.support import sample
from tests.workbench.aws.test_pricing import listed
from tests.workbench.cli.conftest import Project

PROGRAM = """
import pulumi
import pulumi_aws as aws

from sample_infra.load import load

environment = load()
options = pulumi.ResourceOptions(provider=aws.Provider("aws", region=environment.region))
disk = aws.ebs.Volume(
    "sample-live-data",
    availability_zone="ap-south-1a",
    size=50,
    type="gp3",
    opts=options,
)
"""


@pytest.fixture
def priced(project: Project) -> Project:
    project.program(PROGRAM)
    shutil.copytree(sample.FOLDER / "usage", project.folder / "usage")
    return project


def test_lines_are_below_their_component_and_add_up(priced: Project) -> None:
    sums = priced.run("cost", "live")
    assert [" ".join(line.split()) for line in sums.stdout.splitlines()] == [
        "live in ap-south-1, USD a month low expected high",
        "stack 4.56 4.56 4.56",
        "",
        "total 4.56 4.56 4.56",
        "",
        "The documents say about 200; expected is -195.44:",
        "-195.44 in what they name, 4.56: Compute 4.56",
        "+0.00 in what they do not name: nothing",
        "",
        "730 hours a month, on demand, without tax, prices of 2026-09-25 to 2026-09-25.",
        "--lines shows every quantity and price.",
    ]
    completed = priced.run("cost", "live", "--lines")
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert [" ".join(line.split()) for line in completed.stdout.splitlines()] == [
        "live in ap-south-1, USD a month expected quantity at low expected high",
        "stack 4.56 4.56 4.56",
        "data: gp3 disk 50.00 GB-month 0.0912 4.56 4.56 4.56",
        "",
        "total 4.56 4.56 4.56",
        "",
        "The documents say about 200; expected is -195.44:",
        "-195.44 in what they name, 4.56: Compute 4.56",
        "+0.00 in what they do not name: nothing",
        "",
        "730 hours a month, on demand, without tax, prices of 2026-09-25 to 2026-09-25.",
    ]


def test_json_is_the_only_thing_on_stdout(priced: Project) -> None:
    completed = priced.run("cost", "live", "--json")
    document = json.loads(completed.stdout)
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert (document["stack"], document["monthly_usd"], document["currency"]) == ("live", 4.56, "USD")
    assert document["unpriced"] == []
    (line,) = document["lines"]
    assert (line["resource"], line["monthly_usd"], line["price"]["usd"]) == ("data", 4.56, 0.0912)
    assert (line["price"]["confidence"], line["price"]["verified"]) == ("extract", True)


def test_what_has_no_price_is_named(priced: Project) -> None:
    priced.program(f'{PROGRAM}\naws.sqs.Queue("jobs", opts=options)')
    completed = priced.run("cost", "live")
    assert "unpriced: jobs (aws:sqs/queue:Queue): the type has no price, and no reason to have none" in (
        completed.stdout.splitlines()
    )


def test_saved_plan_is_compared_line_by_line(priced: Project) -> None:
    plan = priced.run("plan", "live", "--json").stdout
    (priced.folder / "before.json").write_text(plan)
    priced.program(PROGRAM.replace("size=50", "size=25"))
    completed = priced.run("cost", "live", "--against", "before.json")
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert [" ".join(line.split()) for line in completed.stdout.splitlines()] == [
        "live against before.json, USD a month before after change",
        "stack, data: gp3 disk 4.56 2.28 -2.28",
        "",
        "total 4.56 2.28 -2.28",
        "total, at the least 4.56 2.28 -2.28",
        "total, at the most 4.56 2.28 -2.28",
        "",
        "730 hours a month, on demand, without tax, prices of 2026-09-25 to 2026-09-25.",
    ]


def test_another_usage_file_is_taken_and_a_missing_one_told(priced: Project) -> None:
    shutil.move(priced.folder / "usage" / "live.yaml", priced.folder / "busy.yaml")
    missing = priced.run("cost", "live")
    assert missing.exit_code == 2
    assert missing.stderr.splitlines() == [
        f"usage file {priced.folder}/usage/live.yaml: No such file or directory; --usage FILE names another one"
    ]
    assert priced.run("cost", "live", "--usage", "busy.yaml").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nowhere"], "stack: nowhere; allowed: live, trial"),
        (
            ["live", "--savings", "--against", "HEAD"],
            "--savings: came with --against; one of the two is allowed",
        ),
        (["live", "--lines", "--savings"], "--lines: came with --savings; one of the two is allowed"),
    ],
)
def test_mistake_is_one_line(priced: Project, arguments: list[str], line: str) -> None:
    completed = priced.run("cost", *arguments)
    assert (completed.exit_code, completed.stdout, completed.stderr.splitlines()) == (2, "", [line])


def test_stack_comes_from_the_environment_and_options_may_come_first(priced: Project) -> None:
    completed = priced.run("cost", "--json", ZELLY_STACK="live")
    assert json.loads(completed.stdout)["stack"] == "live"


class _PriceList(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        usage_type = next(one["Value"] for one in asked["Filters"] if one["Field"] == "usagetype")
        found = [listed("NAT", ("0", "0.0570000000"))] if usage_type == "APS3-NatGateway-Hours" else []
        body = json.dumps({"FormatVersion": "aws_v1", "PriceList": found}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        pass


@pytest.fixture
def price_list() -> Generator[str]:
    server = HTTPServer(("127.0.0.1", 0), _PriceList)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_refresh_shows_what_differs_and_a_dry_run_writes_nothing(project: Project, price_list: str) -> None:
    table = sample.ROOT / "workbench" / "review" / "cost" / "prices.json"
    before = table.read_bytes()
    completed = project.run(
        "cost",
        "refresh",
        "--region",
        "ap-south-1",
        "--dry-run",
        AWS_ENDPOINT_URL_PRICING=price_list,
        AWS_ACCESS_KEY_ID="nobody",
        AWS_SECRET_ACCESS_KEY="nothing",
    )
    lines = completed.stdout.splitlines()
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert lines[0] == "ap-south-1 nat.hour: 0.056 -> 0.057 USD, hour"
    assert lines[1].startswith("1 price differs, 0 are confirmed, ")
    assert table.read_bytes() == before
