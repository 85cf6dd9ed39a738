"""What a change gives anew and Pulumi ignores: it is said, with what takes it over."""

import re
import shlex

import pulumi
import pulumi_aws as aws
import pytest

from tests.support.sample import OTHER, OWNER, STACKS, evaluation_of, evaluation_with, names_of
from tests.tools.commands import refused_by_zelly
from tests.workbench.review.plans import compared
from workbench.review.danger.assessment import ExitCode, assess
from workbench.review.difference.comparison import compare
from workbench.review.difference.document import comparison_document
from workbench.review.difference.ignored import TAKEN_OVER
from workbench.review.difference.markdown import comment
from workbench.review.difference.wording import ignored_lines, summary
from workbench.review.plan_document import document

_VALUES = {"SERVICE": "web", "TAG": "live-1a2b3c4d", "COUNT": "2", "SECRET": "sample/web/env"}


_NOT_OF_THE_SAMPLE = {
    ("aws:autoscaling/group:Group", "desiredCapacity"),
    ("aws:autoscaling/group:Group", "protectFromScaleIn"),
    ("aws:ecs/service:Service", "loadBalancers"),
    ("aws:lb/listenerRule:ListenerRule", "actions"),
}
"""What others change of agents, and ECS of a service with two target groups, whether or not the sample has them."""


def test_every_ignored_path_of_a_stack_has_something_that_takes_it_over() -> None:
    found = {
        (resource.type, path)
        for stack in STACKS
        for resource in evaluation_of(stack).resources
        for path in resource.ignore_changes
    }
    assert found | _NOT_OF_THE_SAMPLE == TAKEN_OVER.keys()


@pytest.mark.usefixtures("planner")
def test_every_command_that_takes_over_is_one_that_there_is() -> None:
    texts = [row({"name": names_of(OTHER).name("web")}, names_of(OTHER)) for row in TAKEN_OVER.values()]
    commands = [match[1] for text in texts if (match := re.search(r": zelly (.*)$", text))]
    assert len(commands) == 5
    words = [[_VALUES.get(word, word) for word in shlex.split(command)] for command in commands]
    assert {refused_by_zelly(arguments) for arguments in words} == {None}


def test_a_new_image_of_a_host_is_no_change_and_said_to_be_ignored() -> None:
    def program(ami: str) -> None:
        options = pulumi.ResourceOptions(ignore_changes=["ami"])
        aws.ec2.Instance("host", ami=ami, instance_type="t3.micro", opts=options)

    found = assess(compared(lambda: program("ami-1"), lambda: program("ami-2")))
    assert (found.changes, found.exit_code) == ((), ExitCode.SAME)
    assert summary(found) == "no changes, 1 unchanged, 1 ignored value"
    words = "a host keeps what it was made with: docs/recovery.md#renewing-a-host makes it anew"
    (line,) = ignored_lines(found)
    assert (line.name, line.change, line.taken_over) == ("host", "ami ami-1 → ami-2", words)
    assert f"- ⚪ **IGNORED** `host` (`aws:ec2/instance:Instance`): ami ami-1 → ami-2: {words}\n" in comment(found)
    assert comparison_document(found)["ignored"] == [
        {
            "urn": "urn:pulumi:test::test::aws:ec2/instance:Instance::host",
            "path": "ami",
            "old": "ami-1",
            "new": "ami-2",
            "follows": [],
            "taken_over": words,
        }
    ]


def test_services_run_an_earlier_revision_until_somebody_deploys() -> None:
    after = evaluation_with(OWNER, {"services/web/cpu_units": 1024, "services/web/memory_mib": 2048})
    before = document(evaluation_of(OWNER), "eu-west-1")
    found = assess(compare(before, document(after, "eu-west-1"), base="before"))
    (line,) = ignored_lines(found)
    assert (line.name, line.change, line.taken_over) == (
        "sample-live-web-service",
        "taskDefinition, another one from sample-live-web-task-definition",
        "the next deploy takes it along: zelly service deploy web --tag TAG --stack live",
    )


def test_what_has_no_row_is_said_to_be_unknown() -> None:
    def program(name: str) -> None:
        aws.sns.Topic("topic", display_name=name, opts=pulumi.ResourceOptions(ignore_changes=["displayName"]))

    (line,) = ignored_lines(assess(compared(lambda: program("a"), lambda: program("b"))))
    assert line.taken_over == "what takes it over is not known"
