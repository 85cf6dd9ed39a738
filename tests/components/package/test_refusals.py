"""What the engine is told of mistakes: it shows what came beside each property, and cannot show what is unknown."""

from zelly_components.package.conversion import Mistake
from zelly_components.package.host import refusal
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
