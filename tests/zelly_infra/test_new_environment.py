"""Another environment's files: copies with values of their own, and all of them written or none."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.zelly_infra.evaluations import STACKS, config_of
from tests.zelly_infra.stack_files import ROOT
from workbench.config.stack_file import stack_names
from workbench.errors import OperatorError
from workbench.operations.stack_files import file_changes
from workbench.operations.stack_files.editing import EditedFile, append
from workbench.operations.stack_files.file_changes import FileChange, write_together
from workbench.review.cost.usage import read_usage
from zelly_infra.new_environment import NewEnvironmentPlan, Wanted, plan_environment
from zelly_infra.program import PROGRAM
from zelly_infra.stack_file import read_stack_file

STAGING = config_of("staging")
STAGINGS_RANGE = str(STAGING.network.cidr)
TAKEN = {str(config_of(stack).network.cidr) for stack in STACKS} | {
    f"{str(STAGING.bastion.vpn_cidr).rsplit('.', 2)[0]}.0.0/16"
}
"""The ranges of both stacks, and the one that the VPN's lies in."""
FREE = [cidr for second in range(256) if (cidr := f"10.{second}.0.0/16") not in TAKEN]


def of_preproduction(name: str | None) -> str:
    """Return a name of staging's as the new environment has it."""
    assert name is not None
    return name.replace(".staging.", ".preproduction.")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("Pulumi.yaml", "Pulumi.production.yaml", "Pulumi.staging.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "usage", tmp_path / "usage")
    return tmp_path


def wanted(**changed: Any) -> Wanted:
    return Wanted(**{"name": "preproduction", "source": "staging", "region": "eu-west-1", **changed})


def refused(project: Path, **changed: Any) -> list[str]:
    with pytest.raises(OperatorError) as caught:
        plan_environment(wanted(**changed), project)
    return list(caught.value.lines)


def differences(project: Path, plan: NewEnvironmentPlan, name: str, source: str) -> list[str]:
    """Return the lines of a new file that what it was copied from does not have."""
    (change,) = (change for change in plan.changes if change.name == name)
    known = (project / source).read_text().splitlines()
    return [line.strip() for line in change.after.splitlines() if line not in known]


def test_stack_file_differs_in_its_own_values_alone(project: Path) -> None:
    plan = plan_environment(wanted(), project)
    found = differences(project, plan, "Pulumi.preproduction.yaml", "Pulumi.staging.yaml")
    assert [new for new in found if "initial_image_tag" not in new] == [
        "# Preproduction, whole: every value that makes this stack what it is. The shape is EnvironmentConfig in "
        "zelly_infra/config.py.",
        "environment: preproduction",
        "region: eu-west-1",
        f"cidr: {FREE[0]}",
        "availability_zones: [eu-west-1a, eu-west-1b, eu-west-1c]",
        f"staging: {STAGING.network.cidr}",
        *[f"hostname: {of_preproduction(size.hostname)}" for size in STAGING.services.values() if size.hostname],
        f"ask_url: {of_preproduction(STAGING.storefront.ask_url)}",
        "ami_id: ami-00000000",
        "availability_zone: eu-west-1a",
        "ami_id: ami-00000000",
        "tag_prefix: preproduction",
        "kept_tag_prefixes: [prod, staging, preproduction]",
    ]
    assert {new for new in found if "initial_image_tag" in new} == {"initial_image_tag: preproduction-00000000"}


def test_ranges_of_the_sources_subnets_are_not_taken_along(project: Path) -> None:
    source = project / "Pulumi.staging.yaml"
    ranges = "{public: [10.1.0.0/24, 10.1.1.0/24, 10.1.2.0/24], private: [10.1.3.0/24, 10.1.4.0/24, 10.1.5.0/24]}"
    source.write_text(source.read_text().replace("subnet_cidrs: null", f"subnet_cidrs: {ranges}"))
    write_together(plan_environment(wanted(), project).changes)
    assert read_stack_file("staging", project).environment.network.subnet_cidrs is not None
    assert read_stack_file("preproduction", project).environment.network.subnet_cidrs is None


def test_usage_file_counts_nothing_that_the_account_has_once(project: Path) -> None:
    plan = plan_environment(wanted(), project)
    write_together(plan.changes)
    usage = read_usage(project / "usage" / "preproduction.yaml")
    assert set(usage.free_per_month.model_dump().values()) == {0}
    assert usage.aurora == read_usage(project / "usage" / "staging.yaml").aurora
    assert "staging's bill" not in (project / "usage" / "preproduction.yaml").read_text()


def test_the_others_learn_of_it_and_change_in_nothing_else(project: Path) -> None:
    plan = plan_environment(wanted(), project)
    assert plan.lines()[3:] == [
        *[
            line
            for stack in ("production", "staging")
            for line in (
                f"  Pulumi.{stack}.yaml:",
                f"    + preproduction: {FREE[0]}",
                "    - kept_tag_prefixes: [prod, staging]",
                "    + kept_tag_prefixes: [prod, staging, preproduction]",
            )
        ],
    ]
    write_together(plan.changes)
    for stack in stack_names(project):
        config = read_stack_file(stack, project).environment
        assert set(config.network.other_environments) == set(stack_names(project)) - {stack}
        assert config.registry.kept_tag_prefixes == ("prod", "staging", "preproduction")


def test_a_copy_of_the_owner_owns_nothing(project: Path) -> None:
    write_together(plan_environment(wanted(source="production"), project).changes)
    config = read_stack_file("preproduction", project).environment
    assert (config.registry.create, config.github.create, config.github.trusted_branches) == (False, False, ())
    assert config.services["fastify-nova"].hostname == of_preproduction(STAGING.services["fastify-nova"].hostname)


def test_what_is_the_owners_or_lies_in_the_sources_region_is_not_copied(project: Path) -> None:
    path = project / "Pulumi.production.yaml"
    text = path.read_text().replace("organization_id: null", "organization_id: 7")
    text = text.replace("repository_ids: {}", "repository_ids: {store-events-consumer: 9}")
    path.write_text(text.replace("s3_buckets: []", "s3_buckets: [zelly-uploads]"))
    assert read_stack_file("production", project).environment.github.organization_id == 7
    plan = plan_environment(wanted(source="production"), project)
    write_together(plan.changes)
    config = read_stack_file("preproduction", project).environment
    assert (config.github.organization_id, config.github.repository_ids, config.network.s3_buckets) == (None, {}, ())
    assert "network.s3_buckets: none; production's are in ap-south-1: zelly-uploads" in [
        remark.line.strip() for remark in plan.to_look_through
    ]


def test_in_an_account_of_its_own_it_owns_what_an_account_has_once(project: Path) -> None:
    plan = plan_environment(wanted(account_id="210987654321"), project)
    write_together(plan.changes)
    config = read_stack_file("preproduction", project).environment
    assert (config.registry.create, config.registry.region, config.github.create) == (True, "eu-west-1", True)
    assert config.github.trusted_branches == ("preproduction",)
    # Of this account's repositories the other account's stacks know nothing.
    assert read_stack_file("production", project).environment.registry.kept_tag_prefixes == ("prod", "staging")
    usage = read_usage(project / "usage" / "preproduction.yaml")
    assert usage.free_per_month == read_usage(project / "usage" / "staging.yaml").free_per_month


def test_in_the_same_region_of_another_account_images_stay(project: Path) -> None:
    plan = plan_environment(wanted(region=None, account_id="210987654321"), project)
    assert plan.region == "ap-southeast-1"
    assert plan.to_fill_in == ()


def test_secrets_of_the_source_are_not_copied(project: Path) -> None:
    path = project / "Pulumi.staging.yaml"
    path.write_text(
        "secretsprovider: awskms://alias/zelly-pulumi\nencryptedkey: AQID\n"
        + path.read_text().replace("config:\n", "config:\n  cloudflare:apiToken:\n    secure: v1:abc\n")
    )
    (change, *_) = plan_environment(wanted(), project).changes
    assert not {"encryptedkey", "secretsprovider", "secure", "apiToken:"} & set(change.after.replace(":", ": ").split())
    assert "v1:abc" not in change.after


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (
            {"name": "staging"},
            "environment: staging; Pulumi.staging.yaml is there already, another name is allowed",
        ),
        (
            {"name": "Pre_Prod"},
            'environment: came "Pre_Prod"; allowed: lower-case letters, digits and single hyphens, e.g. staging',
        ),
        ({"source": "stagin"}, "stack: stagin; allowed: production, staging"),
        (
            {"region": "ap-south-1"},
            "Pulumi.preproduction.yaml: zelly:env.region: ap-south-1 of account 123456789012; taken by "
            "Pulumi.production.yaml: a region of an account holds one environment, another region is allowed",
        ),
        (
            {"region": "Ireland"},
            'Pulumi.preproduction.yaml: zelly:env.region: came "Ireland"; an AWS region such as ap-south-1 is allowed',
        ),
        (
            {"cidr": STAGINGS_RANGE},
            f"Pulumi.preproduction.yaml: zelly:env.network.other_environments.staging: {STAGINGS_RANGE}; a range that "
            f"does not overlap network.cidr ({STAGINGS_RANGE}) is allowed",
        ),
        (
            {"tag_prefix": "prod"},
            "Pulumi.preproduction.yaml: zelly:env.registry.tag_prefix: prod; taken by Pulumi.production.yaml, "
            "another one is allowed",
        ),
        (
            {"tag_prefix": "stagingtwo"},
            "Pulumi.preproduction.yaml: zelly:env.registry.kept_tag_prefixes: came "
            '["prod", "staging", "stagingtwo"]; staging begins stagingtwo; prefixes that do not begin each other are '
            "allowed",
        ),
        (
            {"account_id": "1234"},
            'Pulumi.preproduction.yaml: zelly:env.aws_account_id: came "1234"; allowed: twelve digits in quotes, e.g. '
            '"123456789012"',
        ),
    ],
)
def test_what_is_taken_or_is_none_is_one_line(project: Path, asked: Mapping[str, Any], line: str) -> None:
    assert refused(project, **asked)[:1] == [line]


def test_the_first_free_range_is_taken(project: Path) -> None:
    write_together(plan_environment(wanted(), project).changes)
    plan = plan_environment(wanted(name="demo", region="us-east-1"), project)
    assert f"\n      cidr: {FREE[1]}\n" in plan.changes[0].after


@pytest.fixture
def changes(tmp_path: Path) -> list[FileChange]:
    (tmp_path / "old").write_text("before\n")
    return [
        FileChange(path=tmp_path / "new", name="new", before=None, after="new\n"),
        FileChange(path=tmp_path / "old", name="old", before="before\n", after="after\n"),
    ]


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_files_are_written_together(tmp_path: Path, changes: list[FileChange]) -> None:
    (tmp_path / "old").chmod(0o640)
    write_together(changes)
    assert contents(tmp_path) == {"new": "new\n", "old": "after\n"}
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o640


def test_a_file_that_came_in_the_meantime_stays(tmp_path: Path, changes: list[FileChange]) -> None:
    (tmp_path / "new").write_text("theirs\n")
    with pytest.raises(OperatorError) as caught:
        write_together(changes)
    assert str(caught.value) == "new: there already; nothing was changed"
    assert contents(tmp_path) == {"new": "theirs\n", "old": "before\n"}


def test_a_file_that_changed_in_the_meantime_stays_and_takes_the_others_back(
    tmp_path: Path, changes: list[FileChange]
) -> None:
    (tmp_path / "old").write_text("theirs\n")
    with pytest.raises(OperatorError) as caught:
        write_together(changes)
    assert str(caught.value) == "old: somebody else changed it in the meantime; nothing was changed"
    assert contents(tmp_path) == {"old": "theirs\n"}


def test_a_failure_in_the_middle_takes_back_what_was_written(
    tmp_path: Path, changes: list[FileChange], monkeypatch: pytest.MonkeyPatch
) -> None:
    third = FileChange(path=tmp_path / "third", name="third", before=None, after="third\n")
    place = file_changes.take_place

    def full(change: FileChange, aside: Path) -> None:
        if change is third:
            raise OSError(28, "No space left on device")
        place(change, aside)

    monkeypatch.setattr(file_changes, "take_place", full)
    with pytest.raises(OperatorError) as caught:
        write_together([*changes, third])
    assert str(caught.value) == "third: No space left on device; nothing was changed"
    assert contents(tmp_path) == {"old": "before\n"}


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, changes: list[FileChange]) -> None:
    (tmp_path / "usage").write_text("no folder\n")
    within = FileChange(path=tmp_path / "usage" / "demo.yaml", name="usage/demo.yaml", before=None, after="")
    with pytest.raises(OperatorError, match=r"^usage/demo\.yaml: .*; nothing was changed$"):
        write_together([*changes, within])
    assert contents(tmp_path) == {"old": "before\n", "usage": "no folder\n"}


@pytest.mark.parametrize("name", ["Pulumi.production.yaml", "Pulumi.staging.yaml", "usage/staging.yaml"])
def test_a_file_that_nothing_changes_in_stays_as_it_is(name: str) -> None:
    assert EditedFile(PROGRAM, ROOT / name).text == (ROOT / name).read_text()


def test_what_is_put_behind_the_last_key_stands_before_the_blank_line(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("a:\n  b: 1\n\n# of c\nc: null\n")
    file = EditedFile(PROGRAM, path)
    append(file.document["a"], "new", {"inner": 2})
    assert file.text == "a:\n  b: 1\n  new:\n    inner: 2\n\n# of c\nc: null\n"
