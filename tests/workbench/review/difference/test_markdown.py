"""The comment of a pull request: what stands where, and what happens when there is too much of it."""

import json
import re

import pulumi
import pulumi_aws as aws
import pytest

from tests.support.sample import OTHER, OWNER, evaluation_of
from tests.workbench.review.plans import Program, compared, network
from workbench.review.danger.assessment import Assessment, assess
from workbench.review.difference.comparison import compare
from workbench.review.difference.document import comparison_document
from workbench.review.difference.markdown import LIMIT, comment, marker
from workbench.review.plan_document import PlanDocument, document, empty

REGION = "eu-west-1"


def assessed(before: Program, after: Program) -> Assessment:
    return assess(compared(before, after))


def whole() -> PlanDocument:
    """Return the plan of a large stack: what the sample's two make, together."""
    owner, other = (document(evaluation_of(stack), REGION) for stack in (OWNER, OTHER))
    return owner.model_copy(update={"resources": [*owner.resources, *other.resources]})


def everything_new() -> Assessment:
    return assess(compare(empty(OWNER), whole(), base="nothing"))


def everything_gone() -> Assessment:
    return assess(compare(whole(), empty(OWNER), base="everything"))


def test_a_comment_without_changes_is_short() -> None:
    assert comment(assessed(network, network)) == (
        "<!-- zelly plan test -->\n"
        "\n"
        "## ✅ test: no changes, 2 unchanged\n"
        "\n"
        "The same. Against before, in eu-west-1; evaluated offline.\n"
    )


def test_a_comment_says_each_thing_where_it_belongs() -> None:
    def program(cidr: str, mode: str) -> None:
        network(cidr)
        aws.efs.FileSystem("files", performance_mode=mode)
        aws.cloudwatch.Dashboard("board", dashboard_name="b", dashboard_body=json.dumps({"start": cidr, "end": 1}))

    found = assessed(lambda: program("10.0.0.0/16", "a"), lambda: program("10.1.0.0/16", "b"))
    assert comment(found, ["### Cost: +1 USD a month\n\nmore"]) == (
        "<!-- zelly plan test -->\n"
        "\n"
        "## 🛑 test: 3 replaced, 1 changed, 0 unchanged\n"
        "\n"
        "**DESTROYS DATA OR STATE: 1**. Against before, in eu-west-1; evaluated offline.\n"
        "\n"
        "- 🔴 **DESTROYS DATA OR STATE** `files` (`aws:efs/fileSystem:FileSystem`): replaced because performanceMode "
        "changed: the new one is made before the old one is deleted. Lost: every file on it, such as certificates that "
        "were issued <sub>EFS User Guide, Deleting file systems</sub>\n"
        "- 🔴 **DESTROYED AND MADE ANEW** `net` (`aws:ec2/vpc:Vpc`): replaced because cidrBlock changed: the new one "
        "is made before the old one is deleted\n"
        "- 🔴 **DESTROYED AND MADE ANEW** 1 more that follow from what is replaced: 1 aws:ec2/subnet:Subnet\n"
        "\n"
        "### Cost: +1 USD a month\n"
        "\n"
        "more\n"
        "\n"
        "<details><summary><b>outside of the components</b>: 3 replaced, 1 changed</summary>\n"
        "\n"
        "- **changed** `board` (`aws:cloudwatch/dashboard:Dashboard`)\n"
        "  ```diff\n"
        '  - dashboardBody → start: "10.0.0.0/16"\n'
        '  + dashboardBody → start: "10.1.0.0/16"\n'
        "  ```\n"
        "- **replaced** `sub` (`aws:ec2/subnet:Subnet`), because vpcId follows net\n"
        "  ```diff\n"
        "  ! vpcId: another value of ${net.id}, from net (replaces)\n"
        "  ```\n"
        "- **replaced** `net` (`aws:ec2/vpc:Vpc`), because cidrBlock changed\n"
        "  ```diff\n"
        '  - cidrBlock: "10.0.0.0/16"\n'
        '  + cidrBlock: "10.1.0.0/16" (replaces)\n'
        "  ```\n"
        "- **replaced** `files` (`aws:efs/fileSystem:FileSystem`), because performanceMode changed\n"
        "  ```diff\n"
        '  - performanceMode: "a"\n'
        '  + performanceMode: "b" (replaces)\n'
        "  ```\n"
        "\n"
        "</details>\n"
    )


def test_secrets_are_only_said_to_have_changed() -> None:
    def program(value: str) -> None:
        aws.ssm.Parameter("p", name="/p", type="SecureString", value=pulumi.Output.secret(value))

    text = comment(assessed(lambda: program("swordfish-1"), lambda: program("swordfish-2")))
    assert "  ! value: [secret] changed\n" in text
    assert "swordfish" not in text


def test_a_number_is_shown_as_it_was_and_as_it_will_be() -> None:
    def program(size: int) -> None:
        aws.ebs.Volume("disk", availability_zone="a", size=size)

    assert "  - size: 20\n  + size: 30\n" in comment(assessed(lambda: program(20), lambda: program(30)))


def test_a_value_cannot_leave_its_block() -> None:
    def program(value: str) -> None:
        aws.sns.Topic("t", display_name=value)

    text = comment(assessed(lambda: program("a"), lambda: program("```\n</details><b>@all")))
    (block,) = re.findall(r"  (`{4,})diff\n(.*?)\n  \1\n", text, flags=re.DOTALL)
    assert block[1].splitlines() == ['  - displayName: "a"', '  + displayName: "```\\n</details><b>@all"']


@pytest.mark.parametrize("assessment", [everything_new(), everything_gone()], ids=["all new", "all gone"])
def test_three_hundred_changed_resources_fit_into_a_comment(assessment: Assessment) -> None:
    assert len(assessment.changes) > 300
    text = comment(assessment, ["### Rules\n\n" + "x" * 14_000], full=True)
    assert len(text) <= LIMIT
    assert text.startswith(marker(OWNER))
    assert text.count("<details>") == text.count("</details>")
    # Every component is there, whatever had to be left out in it.
    shown = re.findall(r"^(?:- |<details><summary>)<b>(.*?)</b>: ", text, flags=re.MULTILINE)
    components = {change.components[0] for change in assessment.comparison.changes if change.components}
    assert components <= set(shown)
    assert len(shown) == len(set(shown))


def test_what_is_left_out_for_length_is_counted() -> None:
    text = comment(everything_new(), full=True)
    detailed = len(re.findall(r"^- \*\*added\*\* .*\n  ```", text, flags=re.MULTILINE))
    listed = len(re.findall(r"^- \*\*added\*\*", text, flags=re.MULTILINE))
    (left_out,) = re.findall(r"^Left out for length: the properties of (\d+) resources; ", text, flags=re.MULTILINE)
    without_inputs = sum(not change.resource.inputs for change in everything_new().comparison.changes)
    assert listed == len(everything_new().changes)
    assert detailed > 0
    assert int(left_out) + detailed + without_inputs >= listed >= int(left_out) + detailed


def test_a_component_that_is_new_is_one_line_with_its_cost() -> None:
    text = comment(everything_new(), cost_of=lambda names: f"{len(list(names))} USD a month")
    lines = [line for line in text.splitlines() if line.startswith("- ") and "pulumi:providers:" not in line]
    assert (
        "- **EcsCluster** `sample-live-cluster`: 2 resources (1 Cluster, 1 ClusterCapacityProviders), 2 USD a month"
    ) in lines
    components = {change.components[0] for change in everything_new().comparison.changes if change.components}
    assert len(lines) == len(components)


def test_thousands_of_dangers_and_resources_still_fit() -> None:
    def program(zone: str) -> None:
        for number in range(600):
            aws.ebs.Volume(f"disk-{number:04}-{'x' * 150}", availability_zone=zone, size=1)

    text = comment(assessed(lambda: program("a"), lambda: program("b")))
    assert len(text) <= LIMIT
    assert re.search(r"… and \d+ more such lines, left out for length", text)
    assert re.search(r"Left out for length: the names of 600 resources; `zelly plan test --against …`", text)


def test_a_section_that_is_too_long_is_left_out_and_said_to_be() -> None:
    text = comment(assessed(network, network), ["### Rules: 900 broken\n\n" + "x" * 70_000])
    assert "### Rules: 900 broken\n\nLeft out for length: 70023 characters.\n" in text


CIDR_CHANGE: dict[str, object] = {
    "path": "cidrBlock",
    "kind": "changed",
    "old": "10.0.0.0/16",
    "new": "10.1.0.0/16",
    "replaces": True,
    "follows": [],
}


def test_the_document_for_programs_has_a_stable_shape() -> None:
    def program(cidr: str) -> None:
        aws.ec2.Vpc("net", cidr_block=cidr)

    found = comparison_document(assessed(lambda: program("10.0.0.0/16"), lambda: program("10.1.0.0/16")))
    assert found == {
        "format": "zelly comparison",
        "version": 1,
        "stack": "test",
        "region": "eu-west-1",
        "base": "before",
        "result": "destructive",
        "exit_code": 4,
        "counts": {"replaced": 1, "removed": 0, "changed": 0, "added": 0, "unchanged": 0},
        "changes": [
            {
                "action": "replaced",
                "urn": "urn:pulumi:test::test::aws:ec2/vpc:Vpc::net",
                "former_urn": None,
                "type": "aws:ec2/vpc:Vpc",
                "name": "net",
                "components": [],
                "properties": [CIDR_CHANGE],
                "options": [],
                "reasons": "cidrBlock changed",
                "order": "create first",
                "known": True,
                "harmless": None,
                "refusals": [],
                "findings": [
                    {
                        "severity": "replaces",
                        "words": "replaced because cidrBlock changed: the new one is made before the old one is "
                        "deleted",
                        "source": None,
                    }
                ],
            }
        ],
        "dangers": ["urn:pulumi:test::test::aws:ec2/vpc:Vpc::net"],
        "ignored": [],
        "outputs": [],
    }


def test_the_document_for_programs_is_json_with_masked_secrets() -> None:
    text = json.dumps(comparison_document(everything_gone())) + json.dumps(comparison_document(everything_new()))
    assert "digest" not in text
