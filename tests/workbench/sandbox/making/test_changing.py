"""Changing and deleting what was made, as the rows describe it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.workbench.sandbox.conftest import Sandbox, tags_of
from workbench.sandbox.errors import AwsRefusalError, SandboxError, UnchangeableInputError
from workbench.sandbox.making import changing
from workbench.sandbox.making.making import Existing, Made
from workbench.sandbox.making.table import Delete, Irregular, Row, Update

PARAMETER = "aws:ssm/parameter:Parameter"
VPC = "aws:ec2/vpc:Vpc"


class Calls:
    """Stands for the clients: botocore's model of a service, and every call recorded."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.made: list[tuple[str, dict[str, Any]]] = []
        self._sandbox = sandbox

    def get(self, service: str, region: str) -> Any:
        real = self._sandbox.client(service, region)
        calls = self.made

        class Client:
            meta = real.meta

            def __getattr__(self, operation: str) -> Any:
                def call(**parameters: Any) -> dict[str, Any]:
                    calls.append((operation, parameters))
                    return {}

                return call

        return Client()


def existing(sandbox: Sandbox, old: dict[str, Any], new: dict[str, Any], **outputs: Any) -> tuple[Existing, Calls]:
    calls = Calls(sandbox)
    resource = Existing(
        name="store",
        id="store-1",
        inputs=new,
        old_inputs=old,
        outputs={**old, **outputs},
        result={},
        tags={},
        default_tags={},
        region="eu-west-1",
        account_id="123456789012",
        service="rds",
        clients=calls,  # pyright: ignore[reportArgumentType] (all that is used of it)
    )
    return resource, calls


MODIFY = Update(
    operation="modify_db_cluster",
    parameters={"DBClusterIdentifier": "id"},
    renames={"securityGroupIds": "VpcSecurityGroupIds"},
    always=("applyImmediately",),
    constants={"EnableHttpEndpoint": False},
)


def row(**fields: Any) -> Row:
    return Row(service="rds", operation="create_db_cluster", id="x", **fields)


def test_inputs_with_an_equal_update_go_along_in_one_call(sandbox: Sandbox) -> None:
    resource, calls = existing(
        sandbox,
        {"backupRetentionPeriod": 1, "port": 3306, "securityGroupIds": ["sg-1"], "applyImmediately": True},
        {"backupRetentionPeriod": 7, "port": 3306, "securityGroupIds": ["sg-2"], "applyImmediately": True},
    )

    changing.update(
        "a:b/c:D",
        resource,
        row(update=dict.fromkeys(("backupRetentionPeriod", "port"), MODIFY) | {"securityGroupIds": MODIFY}),
    )

    assert calls.made == [
        (
            "modify_db_cluster",
            {
                "DBClusterIdentifier": "store-1",
                "BackupRetentionPeriod": 7,
                "VpcSecurityGroupIds": ["sg-2"],
                "ApplyImmediately": True,
                "EnableHttpEndpoint": False,
            },
        )
    ]


def test_a_function_of_the_row_gets_the_new_value_and_none_when_it_is_gone(sandbox: Sandbox) -> None:
    got: list[Any] = []

    def change(_: Existing, value: Any) -> dict[str, Any]:
        got.append(value)
        return {"version": len(got)}

    irregular = Irregular(
        make=lambda _: ("", {}), service="rds", handles=frozenset({"a", "b"}), update={"a": change, "b": change}
    )
    resource, calls = existing(sandbox, {"a": 1, "b": 1}, {"a": 2})

    assert changing.update("a:b/c:D", resource, irregular) == {"version": 2}
    assert (got, calls.made) == ([2, None], [])


def test_a_step_of_the_creation_runs_again_for_its_input_alone(sandbox: Sandbox) -> None:
    ran: list[tuple[str, Any]] = []

    def step(made: Made, value: Any) -> None:
        ran.append((made.id, value))

    def untouched(made: Made, value: Any) -> None:
        raise AssertionError((made, value))

    steps = row(then={"a": step, "b": untouched})
    resource, _ = existing(sandbox, {"a": 1, "b": 1}, {"a": 2, "b": 1})

    changing.update("a:b/c:D", resource, steps)

    assert ran == [("store-1", 2)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"engine": "a"}, {"engine": "b"}, "input engine of a a:b/c:D cannot be changed in the embedded AWS"),
        ({"port": 1}, {}, "input port of a a:b/c:D cannot be taken away again in the embedded AWS"),
    ],
)
def test_what_no_row_can_change_is_refused_before_anything_is_changed(
    sandbox: Sandbox, old: dict[str, Any], new: dict[str, Any], told: str
) -> None:
    resource, calls = existing(sandbox, {"backupRetentionPeriod": 1, **old}, {"backupRetentionPeriod": 7, **new})

    with pytest.raises(UnchangeableInputError) as refused:
        changing.update("a:b/c:D", resource, row(update=dict.fromkeys(("backupRetentionPeriod", "port"), MODIFY)))

    assert (f"{refused.value}", calls.made) == (told, [])


def test_a_change_of_what_is_only_recorded_calls_nothing(sandbox: Sandbox) -> None:
    resource, calls = existing(
        sandbox, {"flag": True, "rules": [{"id": "a", "note": "x"}]}, {"rules": [{"id": "a", "note": "y"}]}
    )

    changing.update("a:b/c:D", resource, row(dropped={"flag": "says nothing", "rules.note": "says nothing"}))

    assert calls.made == []


def test_a_delete_takes_its_parameters_from_the_state(sandbox: Sandbox) -> None:
    resource, calls = existing(sandbox, {"settings": {"port": 80}}, {}, arn="arn:x")
    resource = replace(resource, service="elbv2")
    operation = Delete(
        service="ec2",
        operation="delete_flow_logs",
        parameters={"FlowLogIds": "settings.port", "DryRun": "absent.deep"},
        constants={"DryRun": False},
    )

    changing.delete("a:b/c:D", resource, row(delete=operation))

    assert calls.made == [("delete_flow_logs", {"FlowLogIds": ["80"], "DryRun": False})]


def test_what_is_not_there_any_more_counts_as_deleted(sandbox: Sandbox) -> None:
    def gone(_: Existing) -> None:
        raise AwsRefusalError(operation="DeleteVpc", code="InvalidVpcID.NotFound", message="no")

    def used(_: Existing) -> None:
        raise AwsRefusalError(operation="DeleteVpc", code="DependencyViolation", message="in use")

    resource, _ = existing(sandbox, {}, {})

    changing.delete("a:b/c:D", resource, row(delete=gone))
    changing.delete("a:b/c:D", resource, row(deleted_with="the VPC"))
    with pytest.raises(AwsRefusalError, match="DependencyViolation"):
        changing.delete("a:b/c:D", resource, row(delete=used))
    with pytest.raises(SandboxError, match=r"^the embedded AWS does not know how to delete a a:b/c:D$"):
        changing.delete("a:b/c:D", resource, row())


def test_a_parameter_is_changed_and_deleted(sandbox: Sandbox) -> None:
    client = sandbox.client("ssm")
    made = sandbox.create(PARAMETER, "changing", type="String", value="one", tags={"a": "1", "b": "2"})

    outputs = sandbox.update(PARAMETER, "changing", type="String", value="two", tags={"b": "3", "c": "4"})

    assert outputs["tagsAll"] == {"Project": "shop", "b": "3", "c": "4"}
    assert client.get_parameter(Name=made.id)["Parameter"]["Value"] == "two"
    listed = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=made.id)["TagList"]
    assert tags_of(listed) == {"Project": "shop", "b": "3", "c": "4"}
    sandbox.delete(PARAMETER, "changing")
    sandbox.delete(PARAMETER, "changing")
    assert client.get_parameters(Names=[made.id])["Parameters"] == []


def test_a_vpc_is_changed_by_the_steps_that_made_it(sandbox: Sandbox) -> None:
    client = sandbox.client("ec2")
    made = sandbox.create(VPC, "changing", cidrBlock="10.77.0.0/16", enableDnsHostnames=True)

    sandbox.update(VPC, "changing", cidrBlock="10.77.0.0/16", enableDnsHostnames=False)

    attribute = client.describe_vpc_attribute(VpcId=made.id, Attribute="enableDnsHostnames")
    assert attribute["EnableDnsHostnames"] == {"Value": False}
    sandbox.delete(VPC, "changing")
    assert client.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": [made.id]}])["Vpcs"] == []


def test_what_is_made_by_half_is_deleted_again(sandbox: Sandbox) -> None:
    client = sandbox.client("ec2")
    of_range = [{"Name": "cidr", "Values": ["10.78.0.0/16"]}]

    with pytest.raises(AwsRefusalError, match=r"^modify_vpc_attribute failed with ParamValidation: "):
        sandbox.create(VPC, "half", cidrBlock="10.78.0.0/16", enableDnsSupport="perhaps")

    assert client.describe_vpcs(Filters=of_range)["Vpcs"] == []
