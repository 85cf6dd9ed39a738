"""The evaluation keeps the engine's promises: names, order, secrets, every failure, nothing left behind."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

from workbench.evaluate import Created, EvaluationError, Invocation, Registration, SymbolicBackend, evaluate
from workbench.evaluate.look_ups import UnknownFunctionError
from workbench.evaluate.monitor import DuplicateUrnError
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"


class Refusing(SymbolicBackend):
    """Refuses some resources by name and notes the order in which it made the others."""

    def __init__(self, *refused: str) -> None:
        self.made: list[str] = []
        self._refused = refused

    def create(self, registration: Registration) -> Created:
        if registration.name in self._refused:
            raise ValueError(f"{registration.name} is refused")
        self.made.append(registration.name)
        return super().create(registration)

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        self.made.append(invocation.token)
        return super().invoke(invocation)


def network() -> None:
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/20")
    aws.ec2.Eip("eip")
    pulumi.export("subnet", subnet.arn)


def test_inputs_outputs_and_dependencies_are_recorded() -> None:
    evaluation = evaluate(network)
    subnet = evaluation.one(SUBNET)
    assert subnet.inputs == {"vpcId": "${vpc.id}", "cidrBlock": "10.0.0.0/20"}
    assert subnet.depends_on == (evaluation.one(VPC).urn,)
    assert evaluation.outputs == {"subnet": "${subnet.arn}"}


def test_urns_are_the_engines() -> None:
    def program() -> None:
        SecurityGroup("api", SecurityGroupArgs(vpc_id="vpc-1", description="API"))

    evaluation = evaluate(program, project="shop", stack="production")
    assert [resource.urn for resource in evaluation.resources] == [
        "urn:pulumi:production::shop::pulumi:pulumi:Stack::shop-production",
        "urn:pulumi:production::shop::zelly-components:index:SecurityGroup$aws:ec2/securityGroup:SecurityGroup::api",
        "urn:pulumi:production::shop::zelly-components:index:SecurityGroup::api",
    ]


def test_options_are_recorded() -> None:
    def program() -> None:
        aws.ec2.Eip(
            "eip",
            opts=pulumi.ResourceOptions(
                protect=True, retain_on_delete=True, delete_before_replace=True, ignore_changes=["public_ipv4_pool"]
            ),
        )

    eip = evaluate(program).one("aws:ec2/eip:Eip")
    assert (eip.protect, eip.retain_on_delete, eip.delete_before_replace) == (True, True, True)
    assert eip.ignore_changes == ("publicIpv4Pool",)


def test_two_resources_of_one_name_are_refused() -> None:
    def program() -> None:
        aws.ec2.Eip("eip")
        aws.ec2.Eip("eip")

    with pytest.raises(DuplicateUrnError, match=r"duplicate resource URN '.*::aws:ec2/eip:Eip::eip'"):
        evaluate(program)


def test_every_failure_is_told_and_what_depends_on_one_is_skipped() -> None:
    backend = Refusing("vpc", "eip")
    with pytest.raises(EvaluationError) as caught:
        evaluate(network, backend=backend)
    failures = caught.value.failures
    # The order of registration differs from run to run; what was only skipped comes last.
    assert sorted((failure.name, failure.error, failure.skipped) for failure in failures) == [
        ("eip", "eip is refused", False),
        ("subnet", "not tried: vpc failed", True),
        ("vpc", "vpc is refused", False),
    ]
    assert failures[-1].name == "subnet"
    assert backend.made == []


def test_what_does_not_depend_on_a_failure_is_still_made() -> None:
    backend = Refusing("vpc")
    with pytest.raises(EvaluationError):
        evaluate(network, backend=backend)
    assert backend.made == ["eip"]


def test_program_that_trips_behind_a_refusal_shows_the_refusal() -> None:
    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        vpc.arn.apply(int)

    with pytest.raises(EvaluationError, match="vpc is refused"):
        evaluate(program, backend=Refusing("vpc"))


def test_error_of_the_program_itself_is_not_hidden() -> None:
    def program() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        evaluate(program)


def secret_program() -> None:
    password = random.RandomPassword("password", length=20)
    aws.secretsmanager.SecretVersion(
        "version", secret_id="secret", secret_string=pulumi.Output.json_dumps({"password": password.result})
    )
    aws.ssm.Parameter("parameter", type="SecureString", value=pulumi.Output.secret("plain"))
    pulumi.export("password", {"nested": password.result})
    pulumi.export("length", password.length)


def test_secrets_are_masked_in_inputs_and_outputs() -> None:
    evaluation = evaluate(secret_program)
    assert evaluation.one("aws:secretsmanager/secretVersion:SecretVersion").inputs["secretString"] == "[secret]"
    assert evaluation.one("aws:ssm/parameter:Parameter").inputs["value"] == "[secret]"
    assert evaluation.outputs == {"password": "[secret]", "length": 20}


def test_backend_gets_secrets_in_plain_text() -> None:
    seen: dict[str, Any] = {}

    class Reading(SymbolicBackend):
        def create(self, registration: Registration) -> Created:
            seen[registration.name] = dict(registration.inputs)
            return super().create(registration)

    evaluate(secret_program, backend=Reading())
    assert seen["version"]["secretString"] == '{"password": "${password.result}"}'
    assert seen["parameter"]["value"] == "plain"
    assert seen["password"]["length"] == 20
    assert isinstance(seen["password"]["length"], int)


def test_secret_input_stays_secret_where_the_backend_echoes_it() -> None:
    class Echoing(SymbolicBackend):
        def create(self, registration: Registration) -> Created:
            return Created(id="1", outputs={"value": registration.inputs["value"]})

    def program() -> None:
        parameter = aws.ssm.Parameter("parameter", type="String", value=pulumi.Output.secret("plain"))
        pulumi.export("value", parameter.value)

    assert evaluate(program, backend=Echoing()).outputs == {"value": "[secret]"}


def test_secret_is_in_no_printed_form_of_a_record() -> None:
    evaluation = evaluate(secret_program)
    assert all("${password.result}" not in repr(resource) for resource in evaluation.resources)


def test_evaluations_leave_nothing_behind() -> None:
    evaluate(network)
    second = evaluate(lambda: pulumi.export("only", 1))
    assert second.outputs == {"only": 1}
    assert [resource.type for resource in second.resources] == ["pulumi:pulumi:Stack"]


def test_existing_resource_is_read_not_made() -> None:
    def program() -> None:
        pulumi.export("arn", aws.ec2.Vpc.get("vpc", "vpc-123").arn)

    read: list[str | None] = []

    class Noting(SymbolicBackend):
        def create(self, registration: Registration) -> Created:
            read.append(registration.read_id)
            return super().create(registration)

    assert evaluate(program, backend=Noting()).outputs == {"arn": "${vpc.arn}"}
    assert read == ["vpc-123"]


def test_explicit_providers_inputs_reach_the_backend() -> None:
    regions: dict[str, str | None] = {}

    class Noting(SymbolicBackend):
        def create(self, registration: Registration) -> Created:
            regions[registration.name] = registration.provider_inputs.get("region")
            return super().create(registration)

    def program() -> None:
        provider = aws.Provider("mumbai", region="ap-south-1")
        options = pulumi.ResourceOptions(provider=provider)
        aws.ec2.Eip("direct", opts=options)
        SecurityGroup("inherited", SecurityGroupArgs(vpc_id="vpc-1", description="API"), options)
        aws.ec2.Eip("default")

    evaluate(program, backend=Noting())
    assert regions == {"mumbai": None, "direct": "ap-south-1", "inherited": "ap-south-1", "default": None}


class Gadget(pulumi.CustomResource):
    def __init__(self, name: str) -> None:
        super().__init__("aws:ec2/gadget:Gadget", name, {})


def test_unknown_type_is_an_error_that_names_it() -> None:
    with pytest.raises(EvaluationError, match=r"aws:ec2/gadget:Gadget one: .* no resource class Gadget in pulumi_aws"):
        evaluate(lambda: pulumi.export("urn", Gadget("one").urn))


def test_unknown_function_is_an_error_that_names_it() -> None:
    def program() -> None:
        pulumi.runtime.invoke("aws:index/getGadgets:getGadgets", {})

    with pytest.raises(UnknownFunctionError, match="aws:index/getGadgets:getGadgets: no function of an installed SDK"):
        evaluate(program)


def test_text_made_of_an_output_is_an_error_not_a_value() -> None:
    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        aws.ec2.Eip("eip", tags={"Name": f"{vpc.id}-eip"})

    with pytest.raises(Exception, match="Calling __str__ on an Output"):
        evaluate(program)
