"""The table of creation times: every number has a range, and says what it stands on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest

from workbench.evaluate import evaluate
from workbench.providers import creation_times
from workbench.providers.creation_times import CreationTime, creation_time

TABLE = json.loads(Path(creation_times.__file__).with_suffix(".json").read_text(encoding="utf-8"))
ENTRIES: list[dict[str, Any]] = TABLE["types"]
NAMES = [f"{entry['type'].rsplit(':', 1)[1]} {entry.get('when', '')}".strip() for entry in ENTRIES]


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_number_lies_in_its_range_and_has_the_samples_that_it_claims(entry: dict[str, Any]) -> None:
    lowest, highest = entry["range"]
    assert lowest <= entry["seconds"] <= highest
    claims = {"log": entry["samples"] >= 3, "log-thin": 1 <= entry["samples"] <= 2}
    assert claims.get(entry["confidence"], entry["samples"] == 0)
    assert bool(entry.get("sources")) == (entry["confidence"] in claims)


def test_special_case_stands_before_the_general_one() -> None:
    general: set[str] = set()
    for entry in ENTRIES:
        assert entry["type"] not in general, f"{entry['type']}: never reached"
        if "when" not in entry:
            general.add(entry["type"])
    assert general == {entry["type"] for entry in ENTRIES}


def endpoint(kind: str) -> Callable[[], object]:
    return lambda: aws.ec2.VpcEndpoint("it", vpc_id="vpc-1", service_name="s3", vpc_endpoint_type=kind)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (lambda: aws.lb.LoadBalancer("it"), CreationTime(seconds=156, confidence="log")),
        (lambda: aws.lb.LoadBalancer("it", load_balancer_type="network"), CreationTime(seconds=157, confidence="log")),
        (endpoint("Gateway"), CreationTime(seconds=6, confidence="log")),
        (endpoint("Interface"), CreationTime(seconds=43, confidence="log")),
        (lambda: aws.sns.Topic("it"), CreationTime(seconds=2, confidence="default")),
        (lambda: aws.Provider("it"), CreationTime(seconds=0, confidence="none needed")),
    ],
)
def test_time_depends_on_type_and_inputs(program: Callable[[], object], expected: CreationTime) -> None:
    def run() -> None:
        program()

    (resource,) = (one for one in evaluate(run).resources if one.name == "it")
    assert creation_time(resource) == expected
