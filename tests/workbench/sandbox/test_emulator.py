"""Other emulators of AWS: which addresses are taken, and what becomes of what one of them refuses."""

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws
import pytest

from tests.support import sample
from tests.support.held import Remembering, differences
from tests.support.ministack import ministack
from tests.support.servers import LOOPBACK, free_port
from tests.workbench.sandbox.conftest import Sandbox
from workbench.evaluate import EvaluationError, evaluate
from workbench.sandbox.clients import Clients
from workbench.sandbox.emulator import Emulator, PartialBackend
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.loopback import loopback_url


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack(tmp_path_factory.mktemp("ministack")) as url:
        yield url


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
        ("http://localhost:4566/", "http://127.0.0.1:4566"),
        ("http://[::1]:4566", "http://[::1]:4566"),
    ],
)
def test_address_of_this_machine_is_taken(given: str, taken: str) -> None:
    assert loopback_url(given) == taken


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1:4566",
        "http://localhost.example.com:4566",
        "https://127.0.0.1:4566",
        "http://127.0.0.1:4566/path",
        "http://127.0.0.1:none",
        "http://user@127.0.0.1:4566",
        "127.0.0.1:4566",
    ],
)
def test_no_other_address_is_taken(url: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        loopback_url(url)


def test_refused_resource_leaves_placeholders_and_its_error_no_secret(sandbox: Sandbox) -> None:
    def program() -> None:
        options = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-3"))
        vpc = aws.ec2.Vpc("network", cidr_block=pulumi.Output.secret("10.0.0.0/99-secret"), opts=options)
        aws.ssm.Parameter("vpc", name="/emulator/vpc", type="String", value=vpc.id, opts=options)
        aws.ssm.Parameter("other", name="/emulator/other", type="String", value="x", opts=options)

    backend = PartialBackend(sandbox.aws.clients, account_id=sandbox.aws.account_id, region="eu-west-3")
    refusals = backend.refusals(evaluate(program, backend=backend).resources)
    (missing,) = refusals.missing
    assert (missing.type, missing.name) == ("aws:ec2/vpc:Vpc", "network")
    assert "CreateVpc failed with InvalidParameterValue: " in missing.error
    assert "[secret]" in missing.error
    assert "99-secret" not in missing.error
    assert (refusals.left_out, refusals.with_placeholders) == ((), 1)
    ssm = sandbox.client("ssm", "eu-west-3")
    values = [ssm.get_parameter(Name=f"/emulator/{name}")["Parameter"]["Value"] for name in ("vpc", "other")]
    assert values == ["${network.id}", "x"]


def test_emulator_that_has_ended_is_no_emulator_that_lacks_something() -> None:
    def program() -> None:
        aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")

    backend = PartialBackend(Clients(f"http://{LOOPBACK}:{free_port()}"), account_id="1", region="eu-west-3")
    with pytest.raises(EvaluationError, match=r"the AWS at this address has ended"):
        evaluate(program, backend=backend)
    with pytest.raises(SandboxError, match=r"no AWS answers at"):
        Emulator(f"http://{LOOPBACK}:{free_port()}")


LACKING = {
    "aws:appautoscaling/policy:Policy",
    "aws:appautoscaling/target:Target",
    "aws:dlm/lifecyclePolicy:LifecyclePolicy",
    "aws:rds/cluster:Cluster",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:rds/eventSubscription:EventSubscription",
}
"""What MiniStack cannot make: it has no Application Auto Scaling, DLM and event subscriptions of RDS, and knows no
version of Aurora as new as the program's."""

FORGOTTEN = {
    ("aws:ec2/flowLog:FlowLog", "iamRoleArn"),
    ("aws:ec2/flowLog:FlowLog", "logDestination"),
    ("aws:ec2/instance:Instance", "subnetId"),
    ("aws:ec2/instance:Instance", "vpcSecurityGroupIds"),
    ("aws:ec2/natGateway:NatGateway", "allocationId"),
}
"""Inputs that MiniStack takes and does not tell: moto does, so that the rows send them."""


def test_second_emulator_holds_what_was_recorded(endpoint: str) -> None:
    emulator = Emulator(endpoint)
    lacking: set[str] = set()
    forgotten: set[tuple[str, str]] = set()
    for stack in sample.STACKS:
        file = sample.read_stack_file(stack)
        backend = emulator.backend(region=file.region)
        remembering = Remembering(backend)
        evaluation = sample.evaluated(file, remembering)
        missing = {(each.type, each.name) for each in backend.refusals(evaluation.resources).missing}
        made = [stored for stored in remembering.made if (stored.type, stored.name) not in missing]
        lacking |= {type_token for type_token, _ in missing}
        forgotten |= {(type_token, name) for type_token, _, name in differences(emulator.clients, made)}
    assert (lacking, forgotten) == (LACKING, FORGOTTEN)
