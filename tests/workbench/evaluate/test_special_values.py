"""Files, resources that are given as a whole, outputs of other stacks, and programs of dynamic providers."""

from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

from workbench.evaluate import Evaluation, evaluate
from workbench.evaluate.monitor import UnsupportedError

OBJECT = "aws:s3/bucketObject:BucketObject"
FUNCTION = "aws:lambda/function:Function"


def with_file(path: Path, content: str) -> Evaluation:
    """Evaluate a function of a folder with one file."""
    path.mkdir(exist_ok=True)
    (path / "main.py").write_text(content, encoding="utf-8")

    def program() -> None:
        archive = pulumi.AssetArchive({"code": pulumi.FileArchive(f"{path}"), "note": pulumi.StringAsset("hush-hush")})
        aws.lambda_.Function("api", role="arn:role", code=archive, runtime="python3.13", handler="main.handler")

    return evaluate(program)


def test_archive_is_shown_by_the_digest_of_what_it_holds(tmp_path: Path) -> None:
    (first, same, other) = [
        with_file(tmp_path / "code", content).one(FUNCTION).inputs["code"] for content in ("a", "a", "b")
    ]
    assert first["archive"]["code"]["archive"] == f"{tmp_path}/code"
    assert first == same
    assert first != other
    assert "hush-hush" not in f"{first}"


def test_file_that_is_missing_is_refused_with_its_name() -> None:
    def program() -> None:
        aws.s3.BucketObject("page", bucket="site", source=pulumi.FileAsset("nowhere/index.html"))

    with pytest.raises(UnsupportedError, match=f"{OBJECT} page: nowhere/index.html: No such file or directory"):
        evaluate(program)


def test_resource_that_is_given_as_a_whole_stands_as_its_id() -> None:
    def program() -> None:
        bucket: Any = aws.s3.Bucket("site")
        aws.s3.BucketObject("page", bucket=bucket, content="")

    page = evaluate(program).one(OBJECT)
    assert page.inputs["bucket"] == "${site.id}"
    assert page.property_dependencies["bucket"]


def test_output_of_another_stack_is_a_placeholder() -> None:
    def program() -> None:
        other = pulumi.StackReference("acme/network/production")
        pulumi.export("all", other.outputs["vpcId"])
        pulumi.export("one", other.get_output("vpcId"))
        pulumi.export("required", other.require_output("vpcId"))

    assert set(evaluate(program).outputs.values()) == {"${stack acme/network/production.vpcId}"}


class _Nothing(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("id", props)


class _Schema(Resource):
    address: pulumi.Output[str]

    def __init__(self, name: str, database: str) -> None:
        super().__init__(_Nothing(), name, {"database": database, "address": None})


def test_dynamic_resource_has_its_inputs_and_a_placeholder_for_each_output() -> None:
    evaluation = evaluate(lambda: pulumi.export("address", _Schema("schema", "shop").address))
    assert evaluation.one("pulumi-python:dynamic:Resource").inputs == {"database": "shop"}
    assert evaluation.outputs == {"address": "${schema.address}"}
