"""What the engine is told of mistakes: it shows what came beside each property, and cannot show what is unknown."""

import pytest

from zelly_components.access_log_bucket import AccessLogBucket
from zelly_components.package.conversion import Mistake
from zelly_components.package.host import refusal, refusal_of
from zelly_components.package.values import Unknown, Value

KNOWN = Value(content=80.5)
WAITED = Value(content=(Value(content="subnet-1"), Value(content=Unknown())))


def test_a_mistake_in_what_is_unknown_stands_in_the_message() -> None:
    error = refusal(
        {"ports": KNOWN, "subnetIds": WAITED},
        [
            Mistake(path="ports[0]", reason="came the number 80.5; allowed a whole number"),
            Mistake(path="subnetIds[0]", reason="came a text; allowed another"),
            Mistake(path="vpcId", reason="is missing"),
        ],
    )
    assert error.errors == [
        {"property_path": "ports[0]", "reason": "came the number 80.5; allowed a whole number"},
        {"property_path": "vpcId", "reason": "is missing"},
    ]
    assert error.message == "\n\t\t- property subnetIds[0] has a problem: came a text; allowed another"


@pytest.mark.parametrize(
    ("text", "message", "errors"),
    [
        ("account_id: came '12'; allowed twelve digits", "", [("accountId", "came '12'; allowed twelve digits")]),
        (
            "retention_days: came 0; allowed 1 with force_destroy",
            "",
            [("retentionDays", "came 0; allowed 1 with forceDestroy")],
        ),
        (
            "account_id, retention_days: came both; allowed one",
            "accountId, retentionDays: came both; allowed one",
            [],
        ),
        ("no such thing", "no such thing", []),
    ],
)
def test_what_a_component_refuses_has_the_schema_s_names(
    text: str, message: str, errors: list[tuple[str, str]]
) -> None:
    error = refusal_of(AccessLogBucket, {}, text)
    told = [(each["property_path"], each["reason"]) for each in error.errors or []]
    assert (error.message, told) == (message, errors)
