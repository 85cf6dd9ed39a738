"""Policy documents are written as the AWS provider writes them."""

import json
from typing import Any

import pytest

from workbench.evaluate.policy_document import policy_document

ALLOW_ALL = '{"Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}'


def of(*statements: dict[str, Any], **arguments: Any) -> Any:
    """Return the document of some statements."""
    return json.loads(policy_document({"statements": list(statements), **arguments})["json"])


def test_document_is_written_in_the_providers_order() -> None:
    statement = {
        "resources": ["arn:aws:s3:::b/home/&{aws:username}"],
        "actions": ["s3:GetObject", "s3:PutObject", "s3:GetObject"],
        "principals": [{"type": "AWS", "identifiers": ["arn:1"]}, {"type": "AWS", "identifiers": ["arn:2"]}],
        "conditions": [
            {"test": "StringLike", "variable": "s3:prefix", "values": ["a"]},
            {"test": "StringLike", "variable": "s3:prefix", "values": ["<b>"]},
            {"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]},
        ],
        "sid": "Own",
    }
    assert policy_document({"policyId": "p", "statements": [statement]})["minifiedJson"] == (
        '{"Version":"2012-10-17","Id":"p","Statement":[{"Sid":"Own","Effect":"Allow",'
        '"Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::b/home/${aws:username}",'
        '"Principal":{"AWS":["arn:1","arn:2"]},"Condition":{"Bool":{"aws:SecureTransport":"true"},'
        '"StringLike":{"s3:prefix":["a","\\u003cb\\u003e"]}}}]}'
    )


def test_everybody_is_one_star() -> None:
    (statement,) = of({"principals": [{"type": "*", "identifiers": ["*"]}], "not_actions": ["s3:*"]})["Statement"]
    assert statement == {"Effect": "Allow", "NotAction": "s3:*", "Principal": "*"}


def test_statements_of_the_same_sid_are_replaced() -> None:
    source = {"sourcePolicyDocuments": [ALLOW_ALL]}
    own = {"sid": "All", "effect": "Deny", "actions": ["*"], "resources": ["*"]}
    assert [statement["Effect"] for statement in of(own, **source)["Statement"]] == ["Deny"]
    assert [each["Effect"] for each in of(own, overridePolicyDocuments=[ALLOW_ALL])["Statement"]] == ["Allow"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"version": "2013-10-17"}, "version: came 2013-10-17; allowed: 2008-10-17, 2012-10-17"),
        ({"statements": [{"action": ["*"]}]}, r"statements\[0\].action: unknown key; allowed: sid, effect, actions"),
        ({"statements": [{"sid": "A"}, {"sid": "A"}]}, "statements: Sid A occurs twice"),
        ({"sourcePolicyDocuments": ["{"]}, r"sourcePolicyDocuments\[0\]: not JSON"),
        (
            {"version": "2008-10-17", "statements": [{"resources": ["&{aws:username}"]}]},
            "policy variables need version 2012-10-17",
        ),
    ],
)
def test_what_the_provider_refuses_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        policy_document(arguments)
