import json
import re

import pytest

from workbench.evaluate import Evaluation, evaluate
from zelly_components.release_document import (
    ACTIONS,
    PARAMETERS,
    ReleaseDocument,
    ReleaseDocumentArgs,
    document_content,
)

DOCUMENT = "aws:ssm/document:Document"


def record() -> Evaluation:
    def program() -> None:
        args = ReleaseDocumentArgs(
            document_name="shop-release", record_name="/shop/release", region="eu-west-1", account_id="123456789012"
        )
        ReleaseDocument("shop-release", args).grant_send("release", "shop-pipeline", host_name="shop-host")

    return evaluate(program)


def is_taken(parameter: str, value: str) -> bool:
    """Tell whether Run Command takes a value: one of the allowed, or one that the pattern is found in."""
    rule = PARAMETERS[parameter]
    if "allowedValues" in rule:
        return value in rule["allowedValues"]
    return re.search(rule["allowedPattern"], value) is not None


GOOD = {
    "action": list(ACTIONS),
    "release": ["0123456789abcdef", "none"],
    "service": ["all", "web", "web-2"],
    "environment": ["staging", "live"],
}

ATTACKS = [
    "",
    "'",
    "a'; reboot; '",
    "$(reboot)",
    "`reboot`",
    "a b",
    "a\nreboot",
    "../../etc/passwd",
    "a/b",
    "..",
    "-rf",
    "--release",
    "A",
    "{{ssm:key}}",
    "a|b",
    "a&b",
    "a;b",
    'a"b',
    "a\\b",
    "a" * 64,
    "\u0430\u0431\u0432",
]


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_parameters_take_what_is_meant_and_no_attack(parameter: str) -> None:
    assert [value for value in GOOD[parameter] if not is_taken(parameter, value)] == []
    assert [attack for attack in ATTACKS if is_taken(parameter, attack)] == []


def test_patterns_are_anchored_at_both_ends() -> None:
    # A pattern that is only found somewhere in a value would take anything around it.
    patterns = [rule["allowedPattern"] for rule in PARAMETERS.values() if "allowedPattern" in rule]
    assert [pattern for pattern in patterns if not (pattern.startswith("^") and pattern.endswith("$"))] == []


def test_document_is_one_call_of_the_agent_with_every_parameter_in_quotes() -> None:
    document = record().one(DOCUMENT).inputs
    assert (document["name"], document["documentType"], document["targetType"]) == (
        "shop-release",
        "Command",
        "/AWS::EC2::Instance",
    )
    content = json.loads(document["content"])
    assert content == document_content()
    (step,) = content["mainSteps"]
    assert step["action"] == "aws:runShellScript"
    assert step["inputs"] == {
        "timeoutSeconds": "1800",
        "runCommand": [
            "exec /usr/local/sbin/release-agent '{{ action }}' --release '{{ release }}' "
            "--service '{{ service }}' --environment '{{ environment }}'"
        ],
    }


def test_whoever_may_release_may_send_one_document_to_hosts_of_one_name() -> None:
    policy = json.loads(record().one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    sending = [each for each in policy["Statement"] if "ssm:SendCommand" in each["Action"]]
    assert [(each["Resource"], each.get("Condition")) for each in sending] == [
        (["${shop-release.arn}"], None),
        (
            ["arn:aws:ec2:eu-west-1:123456789012:instance/*"],
            {"StringEquals": {"ssm:resourceTag/Name": "shop-host"}},
        ),
    ]


def test_record_begins_empty_and_is_never_written_by_the_program() -> None:
    record_of = record().one("aws:ssm/parameter:Parameter")
    assert (record_of.inputs["name"], record_of.plain_inputs["value"]) == ("/shop/release", "{}")
    assert record_of.ignore_changes == ("value",)
