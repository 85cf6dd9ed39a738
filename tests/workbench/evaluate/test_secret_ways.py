"""Secrets on unusual ways: in replacement triggers and nested lists, echoed in outputs that no SDK marks, in errors."""

import io
import json
from collections.abc import Callable, Iterator

import pulumi
import pulumi_aws as aws
import pytest
from rich.console import Console

from workbench.cli.plan.comparison_view import comparison_view
from workbench.cli.plan.view import full_view
from workbench.evaluate import Created, Evaluation, EvaluationError, Registration, SymbolicBackend, evaluate
from workbench.review.danger.assessment import assess
from workbench.review.difference.comparison import Action, compare
from workbench.review.difference.document import comparison_document
from workbench.review.difference.markdown import comment
from workbench.review.page import render
from workbench.review.plan_document import document, empty, parse

FISH = "swordfish-"


class Echoing(SymbolicBackend):
    """Repeats a parameter's value in a property of another name, within a longer text, and in a map."""

    def create(self, registration: Registration) -> Created:
        created = super().create(registration)
        if registration.type != "aws:ssm/parameter:Parameter":
            return created
        value = registration.inputs["value"]
        outputs = {**created.outputs, "arn": value, "dataType": f"text:{value}", "tagsAll": {"a": f"tag {value}"}}
        return Created(id=created.id, outputs=outputs)


def in_trigger(secret: pulumi.Output[str]) -> None:
    options = pulumi.ResourceOptions(
        replacement_trigger={"keys": [["plain", secret]]}, replace_on_changes=["publicIpv4Pool"]
    )
    aws.ec2.Eip("eip", public_ipv4_pool=secret, opts=options)


def in_nested_lists(secret: pulumi.Output[str]) -> None:
    ingress = aws.ec2.SecurityGroupIngressArgs(
        protocol="tcp", from_port=1, to_port=1, cidr_blocks=["10.0.0.0/8", secret], description=secret
    )
    aws.ec2.SecurityGroup("group", ingress=[ingress], tags={"a.b[0]": secret})
    pulumi.export("lists", {"of": [{"maps": [[secret]]}]})
    component = pulumi.ComponentResource("test:index:Lists", "lists", None)
    component.register_outputs({"of": [{"maps": [[secret]]}]})


def echoed(secret: pulumi.Output[str]) -> None:
    parameter = aws.ssm.Parameter("parameter", type="String", value=secret)
    aws.ec2.Eip("eip", tags={"same": parameter.arn, "within": parameter.data_type})
    pulumi.export("same", parameter.arn)
    pulumi.export("within", parameter.data_type)
    pulumi.export("nested", parameter.tags_all)


def evaluated(program: Callable[[pulumi.Output[str]], None], value: str) -> Evaluation:
    return evaluate(lambda: program(pulumi.Output.secret(value)), backend=Echoing())


def views(old: Evaluation, new: Evaluation) -> Iterator[tuple[str, str]]:
    """Yield each view that a plan has, alone and against another, by its name."""
    before, after = (document(one, "eu-west-1") for one in (old, new))
    yield "record", repr(new) + json.dumps(new.outputs) + json.dumps(new.component_outputs)
    yield "terminal", _printed(*full_view(new, "eu-west-1"))
    yield "page", render(new, "eu-west-1")
    saved = json.dumps(after.as_json())
    assert parse(saved, source="saved") == after
    yield "document", saved
    nothing = empty(new.stack)
    for name, base, plan in (("changed", before, after), ("new", nothing, after), ("gone", after, nothing)):
        assessment = assess(compare(base, plan, base="before"))
        yield f"{name}: terminal", _printed(*comparison_view(assessment, full=True))
        yield f"{name}: markdown", comment(assessment)
        yield f"{name}: document", json.dumps(comparison_document(assessment))


def _printed(*parts: object) -> str:
    console = Console(file=io.StringIO(), width=10_000)
    for part in parts:
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("program", [in_trigger, in_nested_lists, echoed])
def test_no_view_shows_a_secret_on_an_unusual_way(program: Callable[[pulumi.Output[str]], None]) -> None:
    old, new = (evaluated(program, f"{FISH}{number}") for number in (1, 2))
    shown = dict(views(old, new))
    assert [name for name, text in shown.items() if FISH in text] == []
    assert "[secret]" in shown["document"]
    assert "[secret]" in shown["changed: terminal"]


def test_a_secret_trigger_that_changes_replaces() -> None:
    def program(secret: pulumi.Output[str]) -> None:
        aws.ec2.Eip("eip", opts=pulumi.ResourceOptions(replacement_trigger=[secret]))

    plans = [document(evaluated(program, value), "eu-west-1") for value in (f"{FISH}1", f"{FISH}2", f"{FISH}2")]
    (change,) = compare(plans[0], plans[1], base="before").changes
    assert change.action is Action.REPLACED
    assert [(one.name, str(one.old[0]), str(one.new[0])) for one in change.options] == [
        ("replacementTrigger", "[secret]", "[secret]")
    ]
    assert compare(plans[1], plans[2], base="before").changes == ()


def test_what_is_plain_stays_so_beside_a_secret_of_the_same_text() -> None:
    class Repeating(SymbolicBackend):
        def create(self, registration: Registration) -> Created:
            return Created(id="1", outputs={**super().create(registration).outputs, "type": "String"})

    def program() -> None:
        parameter = aws.ssm.Parameter("p", name="p-1", type="String", value=pulumi.Output.secret("String"))
        pulumi.export("type", parameter.type)
        pulumi.export("name", parameter.name)

    assert evaluate(program, backend=Repeating()).outputs == {"type": "String", "name": "p-1"}


def test_a_refusal_does_not_repeat_a_secret() -> None:
    class Refusing(SymbolicBackend):
        def create(self, registration: Registration) -> Created:
            raise ValueError(f"value {registration.inputs['value']} is refused")

    def program() -> None:
        aws.ssm.Parameter("p", type="String", value=pulumi.Output.secret(f"{FISH}1"))

    with pytest.raises(EvaluationError) as caught:
        evaluate(program, backend=Refusing())
    assert [failure.error for failure in caught.value.failures] == ["value [secret] is refused"]
