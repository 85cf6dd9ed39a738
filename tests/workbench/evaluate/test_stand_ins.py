"""Texts that stand for values which nobody knows yet: the program computes with them, and no plan shows them."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from workbench.evaluate import evaluate
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
