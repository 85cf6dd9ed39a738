"""What a program looks up is a placeholder in the shape of the SDK's type, or computed where that needs nobody."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from workbench.evaluate import evaluate
from workbench.placeholders import is_placeholder

SUBNET = "aws:ec2/subnet:Subnet"


def exported(program: Callable[[], Any], **config: str) -> Any:
    """Return what a program that exports one value exports."""
    configured = {f"aws:{key}": value for key, value in config.items()}
    return evaluate(lambda: pulumi.export("value", program()), config=configured).outputs["value"]


def test_text_is_a_placeholder_that_differs_by_the_arguments() -> None:
    default = exported(lambda: aws.ec2.get_vpc(default=True).id)
    assert is_placeholder(default)
    assert default.startswith("${ec2/getVpc(")
    assert default.endswith(").id}")
    assert default == exported(lambda: aws.ec2.get_vpc_output(default=True).id)
    assert default != exported(lambda: aws.ec2.get_vpc(tags={"Name": "main"}).id)


def test_arguments_are_not_in_the_placeholder_since_one_may_be_secret() -> None:
    def program() -> pulumi.Output[str]:
        tags = pulumi.Output.secret("swordfish").apply(lambda secret: {"Name": secret})
        return aws.ec2.get_vpc_output(tags=tags).id

    evaluation = evaluate(lambda: pulumi.export("value", pulumi.Output.unsecret(program())))
    assert "swordfish" not in json.dumps(evaluation.outputs)


def test_result_repeats_its_arguments() -> None:
    assert exported(lambda: aws.ec2.get_vpc(id="vpc-1", tags={"Name": "main"}).tags["Name"]) == "main"
    # Some programs give a text where the provider has a switch.
    assert exported(lambda: aws.ec2.get_ami(most_recent="true", owners=["amazon"]).owners) == ["amazon"]  # pyright: ignore[reportArgumentType]


def test_lists_and_objects_can_be_looked_into() -> None:
    assert exported(lambda: aws.get_availability_zones().names[2]) == "${getAvailabilityZones().names[2]}"
    device = exported(lambda: aws.ec2.get_ami(owners=["amazon"]).block_device_mappings[0].device_name)
    assert device.endswith(".blockDeviceMappings[0].deviceName}")
    assert exported(lambda: aws.ec2.get_vpc(default=True).enable_dns_support) is False


def test_loop_over_zones_makes_a_resource_for_each_that_stands_for_them() -> None:
    def program() -> None:
        for position, zone in enumerate(aws.get_availability_zones(state="available").names):
            aws.ec2.Subnet(
                f"subnet-{position}", vpc_id="vpc-1", cidr_block=f"10.0.{position}.0/24", availability_zone=zone
            )

    zones = [subnet.inputs["availabilityZone"] for subnet in evaluate(program).of_type(SUBNET)]
    assert len(set(zones)) == 3


def test_region_and_partition_are_known() -> None:
    assert exported(lambda: aws.get_region().region, region="eu-west-1") == "eu-west-1"
    assert exported(lambda: aws.get_partition().partition, region="cn-north-1") == "aws-cn"
    assert exported(lambda: aws.get_partition().dns_suffix, region="eu-west-1") == "amazonaws.com"
    assert exported(lambda: aws.get_region().region) == "${getRegion().region}"


def test_parameter_that_the_program_makes_has_its_value_and_stays_secret() -> None:
    def program() -> None:
        made = aws.ssm.Parameter("made", name="/app/made", type="String", value="plain")
        options = pulumi.InvokeOutputOptions(depends_on=[made])
        value = aws.ssm.get_parameter_output(name="/app/made", opts=options).value
        pulumi.export("own", value)
        pulumi.export("unmarked", pulumi.Output.unsecret(value))
        pulumi.export("other", aws.ssm.get_parameter(name="/aws/service/ami").value)

    assert evaluate(program).outputs == {
        "own": "[secret]",
        "unmarked": "plain",
        "other": "${parameter /aws/service/ami.value}",
    }


def test_function_of_a_module_that_python_has_a_word_for_is_found() -> None:
    assert exported(lambda: aws.lambda_.get_function(function_name="api").arn).startswith("${lambda/getFunction(")


@pytest.mark.parametrize("known", ["document", "unknown"])
def test_policy_document_is_computed_where_all_of_it_is_known(known: str) -> None:
    def program() -> str:
        other = '{"Statement": []}' if known == "document" else aws.iam.get_policy(name="other").policy
        return aws.iam.get_policy_document(source_policy_documents=[other]).json

    found = exported(program)
    assert is_placeholder(found) if known == "unknown" else json.loads(found) == {"Version": "2012-10-17"}
