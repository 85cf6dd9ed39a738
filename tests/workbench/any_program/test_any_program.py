"""Programs that fill in no contract are planned, priced, drawn and judged as ours are."""

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.plan.estimates import estimate_of
from workbench.cli.plan.evaluation import AnyStackFile, examined, planned, read_any_stack_file
from workbench.config.plain_stack_file import PlainStackFile
from workbench.errors import OperatorError
from workbench.evaluate import Evaluation
from workbench.review.architecture.model import architecture
from workbench.review.difference.comparison import compare
from workbench.review.picture.svg import svg
from workbench.review.plan_document import document, parse
from workbench.review.timeline import timeline

HERE = Path(__file__).parent
STACK = "dev"


@pytest.fixture(autouse=True)
def no_region_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the region to the programs' files."""
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(variable, raising=False)


@cache
def opened(name: str) -> tuple[AnyStackFile, Evaluation]:
    """Return a program's configuration, and what it makes."""
    file = read_any_stack_file(STACK, HERE / name)
    return file, planned(file, HERE / name)


@pytest.mark.parametrize(
    ("name", "resources", "look_ups"),
    [
        ("website", 6, {"aws:route53/getZone:getZone": 1}),
        ("functions", 5, {}),
        ("servers", 14, {"aws:ec2/getAmi:getAmi": 1, "aws:index/getAvailabilityZones:getAvailabilityZones": 1}),
        ("tables", 2, {}),
    ],
)
def test_program_is_planned(name: str, resources: int, look_ups: dict[str, int]) -> None:
    file, evaluation = opened(name)
    assert len(list(evaluation.custom())) == resources
    assert evaluation.look_ups == look_ups
    text = json.dumps(document(evaluation, file.region).as_json())
    assert parse(text, source="plan").stack == STACK


def test_plain_mappings_and_files_are_inputs() -> None:
    _, evaluation = opened("website")
    record = evaluation.one("aws:route53/record:Record").inputs
    assert record["aliases"] == [
        {"name": "${site.websiteDomain}", "zoneId": "${site.hostedZoneId}", "evaluateTargetHealth": True}
    ]
    page = evaluation.one("aws:s3/bucketObject:BucketObject", "index.html").inputs
    assert page["source"]["asset"] == "www/index.html"
    policy = json.loads(evaluation.one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    assert policy["Statement"][0]["Resource"] == "${site.arn}/*"


def test_configuration_is_that_of_the_files() -> None:
    file, evaluation = opened("functions")
    assert isinstance(file, PlainStackFile)
    assert file.config["functions:memory"] == "256"
    assert json.loads(file.config["functions:limits"]) == {"burst": 20, "rate": 10}
    assert file.secret_keys == ["functions:token"]
    function = evaluation.one("aws:lambda/function:Function")
    assert function.inputs["memorySize"] == 256
    assert function.inputs["environment"] == {"variables": {"TOKEN": "[secret]"}}
    assert evaluation.one("aws:lambda/permission:Permission").inputs["function"] == "${api.id}"


def test_every_evaluation_imports_the_programs_modules_anew() -> None:
    # The role is made by a module of the program's, when it is imported.
    first, second = (planned(opened("functions")[0], HERE / "functions") for _ in range(2))
    assert first.one("aws:iam/role:Role") == second.one("aws:iam/role:Role")


def test_program_is_priced_and_what_has_no_price_is_named() -> None:
    file, evaluation = opened("servers")
    estimate = estimate_of(STACK, file.region, evaluation.resources, HERE / "servers")
    assert {line.resource for line in estimate.lines} >= {"web", "jobs"}
    assert [one.type for one in estimate.unpriced] == ["aws:ec2/instance:Instance"]  # Its disk is the image's.
    file, evaluation = opened("functions")
    unpriced = estimate_of(STACK, file.region, evaluation.resources, HERE / "functions").unpriced
    assert {one.type for one in unpriced} >= {"aws:lambda/function:Function", "aws:apigatewayv2/api:Api"}
    with pytest.raises(OperatorError, match=r"config\.aws:region: missing; prices are those of a region"):
        estimate_of(STACK, "", opened("tables")[1].resources, HERE / "tables")


def test_program_is_drawn_and_judged() -> None:
    file, evaluation = opened("servers")
    drawn = architecture(evaluation, file.region)
    assert [(talk.source, talk.target, talk.ports_text) for talk in drawn.drawn] == [
        ("Internet", "web", ("443",)),
        ("web", "Internet", ("any",)),
    ]
    assert [subnet.public for subnet in drawn.subnets] == [True, True]
    assert "ECS Fargate" in svg(drawn)
    assert timeline(evaluation).seconds > 0
    broken = {finding.rule for finding in examined(evaluation, file, HERE / "servers").broken}
    assert "security-group-rules-stand-alone" in broken


def test_change_of_a_type_that_is_not_known_is_unknown(tmp_path: Path) -> None:
    shutil.copytree(HERE / "functions", tmp_path / "functions")
    handler = tmp_path / "functions" / "handler" / "main.py"
    handler.write_text(handler.read_text(encoding="utf-8") + "# Another line.\n", encoding="utf-8")
    file, before = opened("functions")
    after = planned(read_any_stack_file(STACK, tmp_path / "functions"), tmp_path / "functions")
    (change,) = compare(document(before, file.region), document(after, file.region), base="before").changes
    assert (change.type, change.action) == ("aws:lambda/function:Function", "changed")


_PROJECT = "name: broken\nruntime: python\n"


_MAIN = "__main__.py"

_REFUSALS: list[tuple[str, dict[str, str], str]] = [
    (
        "runtime",
        {"Pulumi.yaml": "name: broken\nruntime: nodejs\n"},
        'Pulumi.yaml: runtime: came "nodejs"; allowed: python',
    ),
    ("no main file", {"Pulumi.yaml": _PROJECT}, "__main__.py: not there; the program's main file is required"),
    ("no name", {"Pulumi.yaml": "runtime: python\n", _MAIN: ""}, "Pulumi.yaml: name: came nothing; the name of"),
    (
        "another stack",
        {"Pulumi.yaml": _PROJECT, _MAIN: "", "Pulumi.live.yaml": "config: {}\n"},
        "stack: dev; allowed: live",
    ),
    (
        "unknown key",
        {"Pulumi.yaml": _PROJECT, _MAIN: "", "Pulumi.dev.yaml": "configs: {}\n"},
        "Pulumi.dev.yaml: configs: unknown key; allowed: config",
    ),
    (
        "value that is declared alone",
        {"Pulumi.yaml": _PROJECT + "config:\n  size:\n    type: integer\n", _MAIN: ""},
        "Pulumi.dev.yaml: config.broken:size: missing; Pulumi.yaml declares it without a default",
    ),
    (
        "value that the program requires",
        {"Pulumi.yaml": _PROJECT, _MAIN: "import pulumi\npulumi.Config().require_secret('token')\n"},
        "Pulumi.dev.yaml: config.broken:token: missing; set it: pulumi config set --secret broken:token VALUE",
    ),
    (
        "value of another type",
        {
            "Pulumi.yaml": _PROJECT + "config:\n  size: many\n",
            _MAIN: "import pulumi\npulumi.Config().require_int('size')\n",
        },
        "Pulumi.dev.yaml: config.broken:size: came many; allowed: int",
    ),
    (
        "package",
        {"Pulumi.yaml": _PROJECT, _MAIN: "import helper\n", "helper.py": "\nimport pulumi_gadgets\n"},
        "helper.py line 2: the package pulumi_gadgets is not installed in ",
    ),
    ("syntax", {"Pulumi.yaml": _PROJECT, _MAIN: "if True\n"}, "__main__.py line 1: the program raised SyntaxError"),
    (
        "exception",
        {
            "Pulumi.yaml": _PROJECT,
            _MAIN: "import helper\nhelper.size({})\n",
            "helper.py": "def size(of):\n    return of['x']\n",
        },
        "helper.py line 2: the program raised KeyError: 'x'",
    ),
    (
        "exit",
        {"Pulumi.yaml": _PROJECT, _MAIN: "raise SystemExit(3)\n"},
        "__main__.py line 1: the program raised SystemExit: 3",
    ),
    (
        "function",
        {"Pulumi.yaml": _PROJECT, _MAIN: "import pulumi\npulumi.runtime.invoke('aws:ec2/getNone:getNone', {})\n"},
        "__main__.py: aws:ec2/getNone:getNone: no function of an installed SDK",
    ),
]


@pytest.mark.parametrize(("files", "line"), [pytest.param(*case[1:], id=case[0]) for case in _REFUSALS])
def test_mistake_is_one_line(tmp_path: Path, files: dict[str, str], line: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    here = Path.cwd()
    with pytest.raises(OperatorError) as caught:
        planned(read_any_stack_file(STACK, tmp_path), tmp_path)
    message: Any = str(caught.value)
    assert line in message
    assert "\n" not in message
    assert Path.cwd() == here
