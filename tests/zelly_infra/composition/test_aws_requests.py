"""What the program sends is what the services take: every request of both stacks, against botocore's own models.

The requests are those that make the stacks in the embedded AWS, which itself checks neither patterns nor lengths.
"""

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import botocore.session
import pytest

from tests.zelly_infra.evaluations import STACKS, evaluated, evaluation_of
from tests.zelly_infra.stack_files import ROOT, environment_of, with_changes, write_stack_file
from workbench.sandbox.backend import EmbeddedBackend
from workbench.sandbox.clients import Clients
from workbench.sandbox.embedded import EmbeddedAws
from zelly_components.identity.github_subjects import trust_policy_text
from zelly_components.limits.sizes import INLINE_POLICIES
from zelly_infra.composition.access import granted_size
from zelly_infra.github_subjects import github_subjects
from zelly_infra.stack_file import read_stack_file

LONGEST_NAME = "twenty-letters-names"
"""As long as an environment's name may be."""

EC2_TEXT = r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}"
RDS_IDENTIFIER = r"(?=.{1,63}$)[a-z](-?[a-z0-9])*"
GROUP_NAME = r"(?=.{1,255}$)[a-z](-?[a-z0-9])*"
BALANCER_NAME = r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?"

DOCUMENTED_PATTERNS: Mapping[str, str] = {
    "ec2.CreateSecurityGroup.GroupName": rf"(?!sg-){EC2_TEXT}",
    "ec2.CreateSecurityGroup.Description": EC2_TEXT,
    "ec2.AuthorizeSecurityGroupIngress.IpPermissions[].IpRanges[].Description": EC2_TEXT,
    "ec2.AuthorizeSecurityGroupIngress.IpPermissions[].UserIdGroupPairs[].Description": EC2_TEXT,
    "ec2.AuthorizeSecurityGroupEgress.IpPermissions[].IpRanges[].Description": EC2_TEXT,
    "ec2.AuthorizeSecurityGroupEgress.IpPermissions[].UserIdGroupPairs[].Description": EC2_TEXT,
    "ec2.ImportKeyPair.KeyName": r"[\x20-\x7e]{1,255}",
    "elbv2.CreateLoadBalancer.Name": BALANCER_NAME,
    "elbv2.CreateTargetGroup.Name": BALANCER_NAME,
    "rds.CreateDBCluster.DBClusterIdentifier": RDS_IDENTIFIER,
    "rds.CreateDBCluster.MasterUsername": r"[a-z][a-z0-9]{0,15}",
    "rds.CreateDBCluster.MasterUserPassword": r"[A-Za-z0-9]{8,41}",
    "rds.CreateDBInstance.DBInstanceIdentifier": RDS_IDENTIFIER,
    "rds.CreateDBSubnetGroup.DBSubnetGroupName": GROUP_NAME,
    "rds.CreateDBClusterParameterGroup.DBClusterParameterGroupName": GROUP_NAME,
    "elasticache.CreateReplicationGroup.ReplicationGroupId": r"(?=.{1,40}$)[a-z](-?[a-z0-9])*",
    "elasticache.CreateReplicationGroup.AuthToken": r"[A-Za-z0-9]{16,128}",
    "elasticache.CreateCacheSubnetGroup.CacheSubnetGroupName": GROUP_NAME,
    "elasticache.CreateCacheParameterGroup.CacheParameterGroupName": GROUP_NAME,
    "s3.CreateBucket.Bucket": r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    # A name that ends like the six random characters of an ARN is found by the wrong ones ("CreateSecret").
    "secretsmanager.CreateSecret.Name": r"(?!.*-[A-Za-z0-9]{6}$)[A-Za-z0-9/_+=.@-]{1,512}",
    "ssm.PutParameter.Name": r"(?!/(?:aws|ssm))(?:/[A-Za-z0-9_.-]+){1,15}",
    "ssm.PutParameter.Value": r"[\s\S]{1,4096}",
}
"""What the services' API references say of members for which botocore's models have no pattern, or a laxer one."""

Request = tuple[Any, Mapping[str, Any]]
"""botocore's model of an operation, and its parameters."""


class WatchedClients(Clients):
    """Clients that note every request before it is sent."""

    def __init__(self, endpoint_url: str) -> None:
        super().__init__(endpoint_url)
        self.requests: list[Request] = []
        self._watched: set[int] = set()

    def get(self, service: str, region: str) -> Any:
        client = super().get(service, region)
        if id(client) not in self._watched:
            self._watched.add(id(client))
            client.meta.events.register("provide-client-params.*.*", self._note)
        return client

    def _note(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        self.requests.append((model, deepcopy(dict(params))))


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> list[Request]:
    """What makes production under the longest name there can be, and then staging."""
    folder: Path = tmp_path_factory.mktemp("stacks")
    longest = with_changes(deepcopy(environment_of("production")), {"environment": LONGEST_NAME})
    write_stack_file(folder, LONGEST_NAME, longest)
    with EmbeddedAws.start() as aws:
        clients = WatchedClients(aws.endpoint_url)
        alone = Path(shutil.copy(ROOT / "__main__.py", folder))
        for stack, main in ((LONGEST_NAME, alone), ("staging", ROOT / "__main__.py")):
            file = read_stack_file(stack, main.parent)
            evaluated(file, EmbeddedBackend(clients, account_id=aws.account_id), main=main)
    return clients.requests


# What the models say.


def violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Walk through a value beside its shape and name every member that the service would refuse."""
    match shape.type_name:
        case "structure":
            for member, inner in value.items():
                yield from violations(shape.members[member], inner, f"{path}.{member}")
        case "list":
            yield from _outside(len(value), shape, path, "items")
            yield from (found for inner in value for found in violations(shape.member, inner, f"{path}[]"))
        case "map":
            yield from _outside(len(value), shape, path, "entries")
            yield from (found for key in value for found in violations(shape.key, key, f"{path}.key"))
            yield from (found for inner in value.values() for found in violations(shape.value, inner, f"{path}.value"))
        case "string":
            yield from _wrong_text(shape, str(value), path)
        case "integer" | "long" | "float" | "double":
            yield from _outside(value, shape, path, "as a number")
        case _:
            pass


def _wrong_text(shape: Any, value: str, path: str) -> Iterator[str]:
    yield from _outside(len(value), shape, path, "characters")
    patterns = (shape.metadata.get("pattern"), DOCUMENTED_PATTERNS.get(path))
    for pattern in patterns:
        if pattern is not None and re.search(rf"\A(?:{python_pattern(pattern)})\Z", value) is None:
            yield f"{path}: {value!r} is not of the form {pattern}"
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"


def _outside(size: float, shape: Any, path: str, unit: str) -> Iterator[str]:
    smallest, largest = shape.metadata.get("min"), shape.metadata.get("max")
    if (smallest is not None and size < smallest) or (largest is not None and size > largest):
        yield f"{path}: {size} {unit}; {smallest} to {largest} are taken"


def python_pattern(pattern: str) -> str:
    """Return a pattern of the models, which are Java's, as Python's; of the letters of all languages only ASCII's."""
    for java, python in (
        (r"\p{L}", "A-Za-z"),
        (r"\p{Z}", " "),
        (r"\p{N}", "0-9"),
        (r"\p{all}", r"\s\S"),
        (r"\p{Print}", r"[\x20-\x7e]"),
        (r"\uD800\uDC00-\uDBFF\uDFFF", ""),
    ):
        pattern = pattern.replace(java, python)
    return pattern


def test_every_request_is_one_that_the_service_takes(requests: list[Request]) -> None:
    found = {
        violation
        for model, parameters in requests
        if model.input_shape is not None
        for violation in violations(model.input_shape, parameters, f"{model.service_model.service_name}.{model.name}")
    }
    assert sorted(found) == []


def test_every_documented_pattern_is_about_something_that_is_sent(requests: list[Request]) -> None:
    sent = {
        path
        for model, parameters in requests
        for path in _paths(parameters, f"{model.service_model.service_name}.{model.name}")
    }
    assert sorted(DOCUMENTED_PATTERNS.keys() - sent) == []


def _paths(value: Any, path: str) -> Iterator[str]:
    yield path
    if isinstance(value, Mapping):
        for member, inner in cast("Mapping[str, Any]", value).items():
            yield from _paths(inner, f"{path}.{member}")
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _paths(inner, f"{path}[]")


def test_inline_policies_and_trust_fit_into_their_roles(requests: list[Request]) -> None:
    # IAM quotas, white space left out: 10,240 characters of inline policies per role, 2,048 of trust policy.
    inline: dict[str, int] = defaultdict(int)
    trust: dict[str, int] = {}
    for model, parameters in requests:
        if model.name == "PutRolePolicy":
            inline[parameters["RoleName"]] += len(re.sub(r"\s", "", parameters["PolicyDocument"]))
        elif model.name == "CreateRole":
            trust[parameters["RoleName"]] = len(re.sub(r"\s", "", parameters["AssumeRolePolicyDocument"]))
    assert {role: size for role, size in inline.items() if size > 10_240} == {}
    assert {role: size for role, size in trust.items() if size > 2_048} == {}
    assert "zelly-github-actions" in inline.keys() & trust.keys()


def test_role_of_github_actions_is_as_large_as_is_computed_from_the_stack_files(
    requests: list[Request], tmp_path: Path
) -> None:
    longest = with_changes(deepcopy(environment_of("production")), {"environment": LONGEST_NAME})
    write_stack_file(tmp_path, LONGEST_NAME, longest)
    first = read_stack_file(LONGEST_NAME, tmp_path).environment
    second = read_stack_file("staging", ROOT).environment
    asked = {
        name: [each for model, each in requests if model.name == name and each["RoleName"] == first.github.role_name]
        for name in ("CreateRole", "PutRolePolicy")
    }
    inline = INLINE_POLICIES.size(*(each["PolicyDocument"] for each in asked["PutRolePolicy"]))
    assert inline == granted_size(first) + granted_size(second)
    assert [each["AssumeRolePolicyDocument"] for each in asked["CreateRole"]] == [
        trust_policy_text(github_subjects(first.github), account_id=first.aws_account_id)
    ]


def test_user_data_fits_into_what_ec2_takes(requests: list[Request]) -> None:
    sizes = [len(parameters["UserData"].encode()) for model, parameters in requests if model.name == "RunInstances"]
    assert len(sizes) == 4
    assert max(sizes) <= 16 * 1024


@pytest.mark.parametrize("stack", STACKS)
def test_no_security_group_has_more_rules_than_the_quota(stack: str) -> None:
    # "Amazon VPC quotas": 60 per group and direction.
    for direction in ("Ingress", "Egress"):
        rules = evaluation_of(stack).of_type(f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule")
        assert max(Counter(rule.inputs["securityGroupId"] for rule in rules).values()) <= 60


# The check itself.


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "violation"),
    [
        (
            "secretsmanager",
            "CreateSecret",
            {"Name": "x" * 513},
            "secretsmanager.CreateSecret.Name: 513 characters; 1 to 512 are taken",
        ),
        (
            "efs",
            "CreateAccessPoint",
            {"ClientToken": "1", "FileSystemId": "fs-x"},
            "efs.CreateAccessPoint.FileSystemId: 'fs-x' is not of the form "
            "^(arn:aws[-a-z]*:elasticfilesystem:[0-9a-z-:]+:file-system/fs-[0-9a-f]{8,40}|fs-[0-9a-f]{8,40})$",
        ),
        (
            "elbv2",
            "CreateLoadBalancer",
            {"Name": "internal-shop"},
            f"elbv2.CreateLoadBalancer.Name: 'internal-shop' is not of the form {BALANCER_NAME}",
        ),
        (
            "ecs",
            "CreateCluster",
            {"settings": [{"name": "insights"}]},
            "ecs.CreateCluster.settings[].name: 'insights' is none of ['containerInsights']",
        ),
    ],
)
def test_check_names_what_a_service_would_refuse(
    service: str, operation: str, parameters: dict[str, Any], violation: str
) -> None:
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(operation).input_shape
    assert violation in list(violations(shape, parameters, f"{service}.{operation}"))
