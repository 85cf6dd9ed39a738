import datetime
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.model import DenormalizedStructureBuilder

from workbench.sandbox.errors import InputTypeError, UnmappedInputError
from workbench.sandbox.making import mapping

STRING = {"type": "string"}
TAG = {"type": "structure", "members": {"Key": STRING, "Value": STRING}}
SHAPE: Any = (
    DenormalizedStructureBuilder()
    .with_members(
        {
            "VpcId": STRING,
            "Port": {"type": "integer"},
            "Capacity": {"type": "double"},
            "Enabled": {"type": "boolean"},
            "Key": {"type": "blob"},
            "SubnetIds": {"type": "list", "member": STRING},
            "Labels": {"type": "map", "key": STRING, "value": STRING},
            "HealthCheckPath": STRING,
            "Configuration": {
                "type": "structure",
                "members": {
                    "Name": STRING,
                    "Rules": {
                        "type": "list",
                        "member": {"type": "structure", "members": {"ID": STRING, "Days": {"type": "integer"}}},
                    },
                },
            },
            "Tags": {"type": "list", "member": TAG},
            "lowerTags": {
                "type": "list",
                "member": {"type": "structure", "members": {"tagKey": STRING, "tagValue": STRING}},
            },
        }
    )
    .build_model()
)


def mapped(
    inputs: Mapping[str, Any], *, renames: Mapping[str, str] | None = None, dropped: tuple[str, ...] = ()
) -> dict[str, Any]:
    mapper = mapping.ParameterMapper(operation="create_thing", renames=renames or {}, dropped=dropped)
    return mapper.structure(SHAPE, inputs)


@pytest.mark.parametrize(
    ("inputs", "parameters"),
    [
        ({"vpcId": "vpc-1"}, {"VpcId": "vpc-1"}),
        ({"port": "3306"}, {"Port": 3306}),
        ({"port": 3306}, {"Port": 3306}),
        ({"vpcId": 8080}, {"VpcId": "8080"}),
        ({"vpcId": True}, {"VpcId": "true"}),
        ({"capacity": 1}, {"Capacity": 1.0}),
        ({"enabled": "true"}, {"Enabled": True}),
        ({"enabled": False}, {"Enabled": False}),
        ({"key": "ssh-ed25519 AAAA"}, {"Key": b"ssh-ed25519 AAAA"}),
        ({"subnetIds": ["a", "b"]}, {"SubnetIds": ["a", "b"]}),
        ({"labels": {"a.b": "c"}}, {"Labels": {"a.b": "c"}}),
        (
            {"configuration": {"rules": [{"id": "x", "days": 3}]}},
            {"Configuration": {"Rules": [{"ID": "x", "Days": 3}]}},
        ),
    ],
)
def test_inputs_reach_the_member_of_their_name_in_its_type(inputs: dict[str, Any], parameters: dict[str, Any]) -> None:
    assert mapped(inputs) == parameters


def test_list_of_one_is_a_structure_and_the_other_way_round() -> None:
    expected = {"Configuration": {"Rules": [{"ID": "x"}]}}
    assert mapped({"configuration": [{"rules": {"id": "x"}}]}) == expected


def test_renames_reach_into_structures_on_both_sides() -> None:
    renames = {"network": "VpcId", "rules": "Configuration.Rules", "rules.expireDays": "Days"}
    assert mapped({"network": "vpc-1", "rules": [{"id": "x", "expireDays": 3}]}, renames=renames) == {
        "VpcId": "vpc-1",
        "Configuration": {"Rules": [{"ID": "x", "Days": 3}]},
    }


@pytest.mark.parametrize("order", [1, -1], ids=["structure first", "part first"])
def test_structure_and_an_input_that_is_a_part_of_it_go_into_one(order: int) -> None:
    inputs = dict([("configuration", {"name": "a"}), ("rules", [{"id": "b"}])][::order])
    renames = {"configuration.name": "Name", "rules": "Configuration.Rules"}
    assert mapped(inputs, renames=renames) == {"Configuration": {"Name": "a", "Rules": [{"ID": "b"}]}}


def test_flattened_structure_gives_its_members_to_the_one_around_it() -> None:
    renames = {"healthCheck": mapping.FLATTENED, "healthCheck.path": "HealthCheckPath"}
    assert mapped({"healthCheck": {"path": "/up", "port": 80}}, renames=renames) == {
        "HealthCheckPath": "/up",
        "Port": 80,
    }


def test_dropped_inputs_go_nowhere_at_any_depth() -> None:
    inputs = {"vpcId": "vpc-1", "forceDestroy": True, "configuration": {"rules": [{"id": "x", "note": "y"}]}}
    assert mapped(inputs, dropped=("forceDestroy", "configuration.rules.note")) == {
        "VpcId": "vpc-1",
        "Configuration": {"Rules": [{"ID": "x"}]},
    }


@pytest.mark.parametrize(
    ("inputs", "renames", "message"),
    [
        (
            {"vpc": "vpc-1"},
            {},
            "input vpc is not mapped; create_thing takes Capacity, Configuration, Enabled, HealthCheckPath, Key, "
            "Labels, Port, SubnetIds, Tags, VpcId, lowerTags",
        ),
        (
            {"configuration": {"rules": [{"colour": "red"}]}},
            {},
            "input configuration.rules.colour is not mapped; create_thing takes Days, ID",
        ),
        ({"network": "vpc-1"}, {"network": "NetworkId"}, "input network is not mapped; create_thing takes "),
    ],
)
def test_unmapped_input_is_named_with_what_is_allowed(
    inputs: dict[str, Any], renames: dict[str, str], message: str
) -> None:
    with pytest.raises(UnmappedInputError) as error:
        mapped(inputs, renames=renames)
    assert f"{error.value}".startswith(message)


_WRONG_TYPES: list[tuple[dict[str, Any], str]] = [
    ({"port": "http"}, "input port: came str; integer is allowed"),
    ({"port": 1.5}, "input port: came float; integer is allowed"),
    ({"enabled": "yes"}, "input enabled: came str; true or false is allowed"),
    ({"vpcId": ["a"]}, "input vpcId: came list; string is allowed"),
    ({"subnetIds": "a"}, "input subnetIds: came str; a list is allowed"),
    ({"configuration": "a"}, "input configuration: came str; a structure is allowed"),
    ({"configuration": [{}, {}]}, "input configuration: came list; a structure is allowed"),
]


@pytest.mark.parametrize(("inputs", "message"), _WRONG_TYPES)
def test_value_of_the_wrong_type_is_refused_without_showing_it(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(InputTypeError) as error:
        mapped(inputs)
    assert f"{error.value}" == message


@pytest.mark.parametrize(
    ("member", "resource_type", "parameters"),
    [
        ("Tags", None, {"Tags": [{"Key": "Name", "Value": "a"}]}),
        ("lowerTags", None, {"lowerTags": [{"tagKey": "Name", "tagValue": "a"}]}),
        ("Labels", None, {"Labels": {"Name": "a"}}),
        ("Any", "vpc", {"Any": [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "a"}]}]}),
    ],
)
def test_tags_are_written_as_the_operation_takes_them(
    member: str, resource_type: str | None, parameters: dict[str, Any]
) -> None:
    assert mapping.tag_parameters(SHAPE, member, resource_type, {"Name": "a"}) == parameters
    assert mapping.tag_parameters(SHAPE, member, resource_type, {}) == {}


@pytest.mark.parametrize(
    ("member", "property_name"),
    [("VpcId", "vpcId"), ("DNSName", "dnsName"), ("ARN", "arn"), ("Arn", "arn"), ("taskDefinition", "taskDefinition")],
)
def test_members_are_spelt_as_the_provider_does(member: str, property_name: str) -> None:
    assert mapping.camel_case(member) == property_name


def test_response_is_written_as_the_provider_does() -> None:
    response = {
        "CreatedTime": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
        "Data": b"\x00\x01",
        "DomainValidationOptions": [{"ResourceRecord": {"Name": "x"}}],
    }
    assert mapping.plain(response) == {
        "createdTime": "2026-01-02T03:04:05Z",
        "data": "AAE=",
        "domainValidationOptions": [{"resourceRecord": {"name": "x"}}],
    }


def test_outputs_are_the_members_of_the_same_name_and_kind() -> None:
    asked = {
        property_.name.casefold(): property_
        for property_ in (
            mapping.OutputProperty(name="dnsName", value_type=str),
            mapping.OutputProperty(name="monitoring", value_type=bool),
            mapping.OutputProperty(name="port", value_type=int),
            mapping.OutputProperty(name="weight", value_type=float),
            mapping.OutputProperty(name="subnets", value_type=str, is_list=True),
            mapping.OutputProperty(name="securityGroups", value_type=str, is_list=True),
            mapping.OutputProperty(name="arn", value_type=str),
        )
    }
    response = {
        "DNSName": "x",
        "Monitoring": {"State": "enabled"},
        "Port": True,
        "Weight": 1,
        "Subnets": ["a"],
        "SecurityGroups": [{"GroupId": "sg-1"}],
        "Unasked": 1,
    }
    assert mapping.outputs(response, asked) == {"dnsName": "x", "weight": 1, "subnets": ["a"]}
