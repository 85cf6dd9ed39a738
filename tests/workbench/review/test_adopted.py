"""What stays as it was made: the file beside the stack file, obeyed by the program and held against it."""

import shutil
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest

from tests.support.sample import FOLDER, read_stack_file
from workbench.cli.plan.evaluation import planned
from workbench.config.adopted import keep_adopted, read_adopted
from workbench.errors import OperatorError
from workbench.evaluate import Evaluation, evaluate
from workbench.review.adopted import check_adopted

ENTRY = """\
- resource: {resource}
  properties: [{properties}]
  reason: Terraform made it so, and AWS never changes it.
"""


def write(folder: Path, *entries: str) -> None:
    (folder / "adopted.test.yaml").write_text("".join(entries))


def evaluated(folder: Path) -> Evaluation:
    class Component(pulumi.ComponentResource):
        def __init__(self, name: str) -> None:
            super().__init__("test:index:Component", name)
            own = pulumi.ResourceOptions(parent=self, ignore_changes=["tags"])
            aws.ec2.SecurityGroup(name, description="The program's", tags={"a": "b"}, opts=own)

    def program() -> None:
        keep_adopted("test", folder)
        Component("shop-sg")
        aws.ec2.SecurityGroup("other-sg", description="The program's")

    return evaluate(program)


def test_program_ignores_what_stays_beside_what_it_ignores_anyway(tmp_path: Path) -> None:
    write(tmp_path, ENTRY.format(resource="shop-sg", properties="description"))
    found = evaluated(tmp_path)
    ignored = {resource.name: set(resource.ignore_changes) for resource in found.custom()}
    assert ignored["shop-sg"] == {"tags", "description"}
    assert ignored["other-sg"] == set()
    assert [one.ignore_changes for one in found.of_type("test:index:Component")] == [()]
    check_adopted(read_adopted("test", tmp_path), found)


def test_without_a_file_nothing_is_ignored(tmp_path: Path) -> None:
    assert read_adopted("test", tmp_path) == ()
    assert evaluated(tmp_path).one("aws:ec2/securityGroup:SecurityGroup", "shop-sg").ignore_changes == ("tags",)


@pytest.mark.parametrize(
    ("resource", "properties", "line"),
    [
        ("gone-sg", "description", "gone-sg: no such resource in the program"),
        ("shop-sg", "desciption", "shop-sg: desciption: its change replaces nothing"),
        ("shop-sg", "tags", "shop-sg: tags: its change replaces nothing"),
    ],
)
def test_stale_entry_is_an_error(tmp_path: Path, resource: str, properties: str, line: str) -> None:
    write(tmp_path, ENTRY.format(resource=resource, properties=properties))
    with pytest.raises(OperatorError, match=line):
        check_adopted(read_adopted("test", tmp_path), evaluated(tmp_path))


def test_program_that_does_not_obey_is_found_out(tmp_path: Path) -> None:
    found = evaluated(tmp_path)
    write(tmp_path, ENTRY.format(resource="other-sg", properties="description"))
    with pytest.raises(OperatorError, match="other-sg: description: the program does not ignore it"):
        check_adopted(read_adopted("test", tmp_path), found)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("resource: a", "a list of entries"),
        ("- [", "line 1: not YAML"),
        ("- resource: a\n  properties: []\n  reason: long enough to be a reason\n", "entry 1: properties: List should"),
        ("- resource: a\n  properties: [b]\n  reason: short\n", "entry 1: reason: String should"),
        (2 * ENTRY.format(resource="a", properties="b"), "a: there twice"),
    ],
)
def test_mistake_is_told_in_one_line(tmp_path: Path, text: str, line: str) -> None:
    write(tmp_path, text)
    with pytest.raises(OperatorError, match=line) as raised:
        read_adopted("test", tmp_path)
    assert str(raised.value).count("\n") == 0


def test_plan_of_a_program_obeys_the_file_and_refuses_a_stale_entry(tmp_path: Path) -> None:
    root = shutil.copytree(FOLDER, tmp_path / "project")
    group = "sample-trial-redis-sg"
    (root / "adopted.trial.yaml").write_text(ENTRY.format(resource=group, properties="description"))
    file = read_stack_file("trial", root)
    found = planned(file, root).one("aws:ec2/securityGroup:SecurityGroup", group)
    assert found.ignore_changes == ("description",)
    (root / "adopted.trial.yaml").write_text(ENTRY.format(resource="gone", properties="description"))
    with pytest.raises(OperatorError, match=r"adopted\.trial\.yaml: gone: no such resource"):
        planned(file, root)
