"""Texts that stand for values which nobody knows yet: the program computes with them, and no plan shows them."""

import base64
import hashlib
import json

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of, evaluation_with
from workbench.evaluate import evaluate, symbolic
from workbench.review.plan_document import document
from zelly_components.hosts.wireguard import private_key, public_key


def test_a_key_pair_is_written_as_placeholders() -> None:
    def program() -> None:
        private = random.RandomBytes("key", length=32).base64.apply(private_key)
        public = pulumi.Output.unsecret(private.apply(public_key))
        aws.ssm.Parameter("peers", type="String", insecure_value=public.apply(lambda key: json.dumps([{"key": key}])))
        pulumi.export("public", public)
        pulumi.export("private", private)

    evaluation = evaluate(program)
    peers = evaluation.one("aws:ssm/parameter:Parameter", "peers")
    assert peers.inputs["insecureValue"] == '[{"key": "${key.publicKey}"}]'
    assert evaluation.outputs == {"public": "${key.publicKey}", "private": "[secret]"}
    assert evaluation.plain_outputs["private"] == "${key.privateKey}"


@pytest.mark.parametrize("stack", STACKS)
def test_another_stand_in_changes_nothing_in_a_plan(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the program makes of one: a text that got into the plan would be another one."""

    def other(name: str) -> str:
        return base64.b64encode(hashlib.sha256(f"other {name}".encode()).digest()).decode()

    usual = document(evaluation_of(stack), "anywhere").as_json()
    monkeypatch.setattr(symbolic, "key_stand_in", other)
    assert document(evaluation_with(stack, {}), "anywhere").as_json() == usual
