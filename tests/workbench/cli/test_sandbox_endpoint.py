"""``zelly sandbox up --endpoint``: a stack in MiniStack, which lacks a part of it."""

import json
from collections.abc import Iterator

import pytest

from tests.support.ministack import ministack
from tests.workbench.cli.conftest import PROGRAM, Project

SNAPSHOTS = f"""{PROGRAM}
policy = aws.dlm.LifecyclePolicy(
    "snapshots",
    description="Nightly",
    execution_role_arn="arn:aws:iam::000000000000:role/x",
    policy_details={{
        "resource_types": ["VOLUME"],
        "target_tags": {{"a": "b"}},
        "schedules": [{{"name": "nightly", "create_rule": {{"interval": 24}}, "retain_rule": {{"count": 7}}}}],
    }},
    opts=options,
)
aws.ssm.Parameter("policy", type="String", value=policy.arn, opts=options)
aws.ssm.Parameter("vpc", type="String", value=vpc.id, opts=options)
"""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("ministack")) as url:
        yield url


def test_command_makes_what_the_emulator_can_and_names_what_it_lacks(project: Project, endpoint: str) -> None:
    project.program(SNAPSHOTS)
    completed = project.run("sandbox", "up", "trial", "--endpoint", endpoint)
    assert completed.exit_code == 3
    assert completed.stdout.splitlines()[0] == f"trial is up in eu-west-1, at {endpoint}: 4 of 5 resources"
    assert completed.stderr.splitlines()[-4:] == [
        "trial: the emulator could not make 1 resource:",
        "  aws:dlm/lifecyclePolicy:LifecyclePolicy snapshots: CreateLifecyclePolicy failed with 400: "
        "Unsupported service: dlm (likely cause: this operation is not emulated)",
        "trial: made with placeholders, as they refer to those: 1 resource",
        f"What was made lies in the emulator at {endpoint} alone: it goes when that is reset or ended.",
    ]
    assert project.run("sandbox", "status").exit_code == 1
    exported = json.loads(project.run("sandbox", "env", "trial", "--json", "--endpoint", endpoint).stdout)
    assert (exported["AWS_ENDPOINT_URL"], exported["AWS_DEFAULT_REGION"]) == (endpoint, "eu-west-1")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ["--endpoint", "http://10.0.0.1:4566"],
            "--endpoint: came http://10.0.0.1:4566; allowed: an address of this machine, e.g. http://127.0.0.1:4566",
        ),
        (
            ["--endpoint", "http://127.0.0.1:9", "--detach"],
            "--endpoint: came with --detach, which is for the embedded AWS; one of the two is allowed",
        ),
        (
            ["--endpoint", "http://127.0.0.1:9"],
            "--endpoint: no AWS answers at http://127.0.0.1:9: "
            'Could not connect to the endpoint URL: "http://127.0.0.1:9/"',
        ),
    ],
)
def test_bad_endpoint_is_said_in_one_line(project: Project, arguments: list[str], error: str) -> None:
    completed = project.run("sandbox", "up", "trial", *arguments)
    assert (completed.exit_code, completed.stdout, completed.stderr) == (2, "", f"{error}\n")
