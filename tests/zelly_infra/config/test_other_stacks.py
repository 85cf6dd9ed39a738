"""Two environments never want the same: whatever reads either file says so in one line, and stops no third one."""

import shutil
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.zelly_infra.evaluations import config_of
from tests.zelly_infra.stack_files import PREPRODUCTION, ROOT, environment_of, with_changes, write_stack_file
from workbench.aws.account.identity import Caller, Sts
from workbench.cli.shared.environment import open_account, open_environment
from workbench.errors import OperatorError
from workbench.evaluate import evaluate_stack
from zelly_infra.stack_file import PROJECT, read_stack_file

STAGING = config_of("staging")
HALF_OF_STAGINGS = str([*STAGING.network.cidr.subnets()][1])
PRODUCTIONS_API = str(config_of("production").services["fastify-nova"].hostname)
SAME_REGION = {
    "region": STAGING.region,
    "network/availability_zones": [*STAGING.network.availability_zones],
    "clickhouse/availability_zone": STAGING.network.availability_zones[0],
}
ANOTHER_ACCOUNT = {"aws_account_id": "210987654321"}
STAGINGS_TAGS = {
    "registry/tag_prefix": STAGING.registry.tag_prefix,
    **{
        path: f"{STAGING.registry.tag_prefix}-00000000"
        for path, value in PREPRODUCTION.items()
        if value == "preproduction-00000000"
    },
}
MAKES_ALL = {"registry/create": True, "github/create": True, "github/trusted_branches": ["main"]}


def project(folder: Path, changes: Mapping[str, Any]) -> Path:
    """Make a project of both stacks and a third one, whose own values are changed."""
    for name in ("Pulumi.yaml", "Pulumi.production.yaml", "Pulumi.staging.yaml", "__main__.py"):
        shutil.copy(ROOT / name, folder)
    environment = with_changes(deepcopy(environment_of("staging")), {**PREPRODUCTION, **changes})
    write_stack_file(folder, "preproduction", environment)
    return folder


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody of the account."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    account = STAGING.aws_account_id
    caller = Caller(account_id=account, arn=f"arn:aws:iam::{account}:user/asha")
    monkeypatch.setattr(Sts, "caller", lambda _self: caller)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]


def refused(stack: str, folder: Path) -> list[str]:
    """Return the lines that a stack's file is refused with; none when it is taken."""
    try:
        read_stack_file(stack, folder)
    except OperatorError as error:
        return list(error.lines)
    return []


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, []),
        (
            SAME_REGION,
            [
                f"region: {STAGING.region} of account {STAGING.aws_account_id}; taken by Pulumi.staging.yaml: a region "
                "of an account holds one environment, another region is allowed"
            ],
        ),
        (SAME_REGION | ANOTHER_ACCOUNT, []),
        (
            {"network/cidr": HALF_OF_STAGINGS} | ANOTHER_ACCOUNT,
            [
                f"network.cidr: {HALF_OF_STAGINGS}; a range that does not overlap Pulumi.staging.yaml's "
                f"({STAGING.network.cidr}) is allowed"
            ],
        ),
        (
            {"services/storefront/hostname": PRODUCTIONS_API} | ANOTHER_ACCOUNT,
            [
                f"services.storefront.hostname: {PRODUCTIONS_API}; taken by Pulumi.production.yaml, another one is "
                "allowed",
            ],
        ),
        (
            STAGINGS_TAGS,
            [
                f"registry.tag_prefix: {STAGING.registry.tag_prefix}; taken by Pulumi.staging.yaml, another one is "
                "allowed"
            ],
        ),
        (STAGINGS_TAGS | ANOTHER_ACCOUNT, []),
        (STAGINGS_TAGS | {"registry/region": "eu-west-1"}, []),
        (
            MAKES_ALL,
            [
                "registry.create: true; Pulumi.production.yaml makes the repositories in "
                f"{STAGING.registry.region}, false is required",
                "github.create: true; Pulumi.production.yaml makes the identity provider, of which an account has one, "
                "false is required",
            ],
        ),
        (
            MAKES_ALL | {"registry/region": "eu-west-1"},
            [
                "github.create: true; Pulumi.production.yaml makes the identity provider, of which an account has one, "
                "false is required",
            ],
        ),
        (MAKES_ALL | ANOTHER_ACCOUNT, []),
    ],
)
def test_what_another_environment_has_is_refused(changes: Mapping[str, Any], lines: list[str], tmp_path: Path) -> None:
    project(tmp_path, changes)
    assert refused("preproduction", tmp_path) == [f"Pulumi.preproduction.yaml: zelly:env.{line}" for line in lines]


def test_either_file_is_refused_and_a_third_is_not(tmp_path: Path) -> None:
    project(tmp_path, SAME_REGION)
    (line,) = refused("staging", tmp_path)
    assert line == (
        f"Pulumi.staging.yaml: zelly:env.region: {STAGING.region} of account {STAGING.aws_account_id}; taken by "
        "Pulumi.preproduction.yaml: a region of an account holds one environment, another region is allowed"
    )
    assert refused("production", tmp_path) == []


@pytest.mark.usefixtures("credentials")
def test_commands_of_either_stack_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path, SAME_REGION))
    for stack, other in (("staging", "preproduction"), ("preproduction", "staging")):
        with pytest.raises(OperatorError, match=f"taken by Pulumi.{other}.yaml"):
            open_environment(stack)
    assert open_environment("production").stack == "production"
    # Found through its own file alone, though the other two come to blows.
    assert open_account(None).stack == "production"


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("text", ["config: {", "- config", "", "config:\n  zelly:env: 7", "config:\n  zelly:env: {}"])
def test_a_broken_neighbour_stops_nobody_but_itself(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project(tmp_path, {}) / "Pulumi.preproduction.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert refused("staging", tmp_path) == []
    assert open_account(None).stack == "production"
    assert refused("preproduction", tmp_path) != []


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": 7},
        {"network/cidr": "ten"},
        {"services": []},
        {"services/storefront": None},
        {"services/storefront/hostname": 7},
        {"registry": None},
    ],
)
def test_a_neighbours_wrong_value_is_passed_over(wrong: Mapping[str, Any], tmp_path: Path) -> None:
    project(tmp_path, wrong)
    assert refused("staging", tmp_path) == []


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    project(tmp_path, {})
    path = tmp_path / "Pulumi.preproduction.yaml"
    path.unlink()
    path.mkdir()
    assert refused("preproduction", tmp_path) == [
        "Pulumi.preproduction.yaml: Is a directory; a file that can be read is required"
    ]
    assert refused("staging", tmp_path) == []


def test_the_program_itself_refuses(tmp_path: Path) -> None:
    file = read_stack_file("preproduction", project(tmp_path, {}))
    # As it is for the engine, which reads the stack's own file and no other.
    write_stack_file(tmp_path, "staging", with_changes(deepcopy(environment_of("staging")), {"region": "eu-west-1"}))
    with pytest.raises(pulumi.RunError, match=r"^Pulumi\.preproduction\.yaml: .*taken by Pulumi\.staging\.yaml"):
        evaluate_stack(
            tmp_path / "__main__.py",
            project=PROJECT,
            stack="preproduction",
            config=file.config,
            secret_keys=file.secret_keys,
        )
