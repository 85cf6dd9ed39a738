"""Redis and Meilisearch of each environment: a host of their own, reached by services alone."""

import json

import pytest

from pakashop_infra import catalog
from pakashop_infra.program import PROGRAM
from tests.programs.pakashop import facts
from tests.programs.pakashop.evaluations import STACKS, config_of, evaluation_of, evaluation_with
from workbench.errors import OperatorError
from workbench.stores import RedisHost, SearchHost

each_stack = pytest.mark.parametrize("stack", STACKS)


@each_stack
def test_each_environment_has_its_own_and_services_alone_reach_them_on_the_documented_ports(stack: str) -> None:
    """P8 and P9."""
    rules = evaluation_of(stack).of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    for name, product in (("redis", "redis"), ("search", "meilisearch")):
        into = [
            rule.inputs for rule in rules if rule.inputs["securityGroupId"] == f"${{pakashop-{stack}-{name}-sg.id}}"
        ]
        assert [(rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) for rule in into] == [
            (f"${{pakashop-{stack}-host-sg.id}}", facts.PORTS[product], facts.PORTS[product])
        ]
        instance = evaluation_of(stack).one("aws:ec2/instance:Instance", f"pakashop-{stack}-{name}-instance")
        assert "private" in instance.inputs["subnetId"]
        assert instance.inputs["associatePublicIpAddress"] is False


@each_stack
def test_meilisearch_is_of_the_release_that_ci_tests_with(stack: str) -> None:
    """P8 and P13."""
    assert f"v{config_of(stack).search.version}".startswith(f"{facts.VERSIONS.meilisearch}.")


@each_stack
def test_services_are_told_what_the_catalog_says(stack: str) -> None:
    versions = {
        version.name: json.loads(version.plain_inputs["secretString"])
        for version in evaluation_of(stack).of_type("aws:secretsmanager/secretVersion:SecretVersion")
        if "-redis-" in version.name or "-search-" in version.name
    }
    assert {name.removeprefix(f"pakashop-{stack}-"): tuple(keys) for name, keys in versions.items()} == {
        "redis-auth-version": tuple(sorted(catalog.REDIS_KEYS)),
        "redis-server-version": tuple(sorted(catalog.REDIS_SERVER_KEYS)),
        "search-keys-version": tuple(sorted(catalog.SEARCH_KEYS)),
        "search-server-version": tuple(sorted(catalog.SEARCH_SERVER_KEYS)),
    }
    # What the hosts alone read, no service is told.
    assert not {catalog.REDIS_SERVER_SECRET, catalog.SEARCH_SERVER_SECRET} & {
        variable.secret for unit in PROGRAM.units for variable in unit.secrets
    }


@each_stack
def test_stores_are_described_by_the_names_that_are_registered(stack: str) -> None:
    evaluation, description = evaluation_of(stack), PROGRAM.describe(config_of(stack))
    (redis,), (search,) = description.stores_of(RedisHost), description.stores_of(SearchHost)
    names = {
        each.inputs["tags"]["Name"]
        for token in ("aws:ec2/instance:Instance", "aws:ebs/volume:Volume")
        for each in evaluation.of_type(token)
    }
    assert {redis.host, redis.volume, search.host, search.volume} <= names
    assert search.document in {one.inputs["name"] for one in evaluation.of_type("aws:ssm/document:Document")}
    groups = {one.inputs.get("name") for one in evaluation.of_type("aws:cloudwatch/logGroup:LogGroup")}
    assert search.log_group in groups


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("redis.volume_gib", 1, "redis.volume_gib: 1 with instance_memory_mib 1024; allowed: 2 or more"),
        ("redis.availability_zone", "ap-southeast-1c", "redis.availability_zone: ap-southeast-1c; allowed"),
        ("search.version", "1.7", 'search.version: came "1.7"; allowed: a full version in quotes, e.g. "1.13.0"'),
        ("search.binary_sha256", "abc", 'search.binary_sha256: came "abc"; allowed: 64 hexadecimal digits'),
    ],
)
def test_mistake_in_a_stack_file_is_one_line(path: str, value: object, line: str) -> None:
    with pytest.raises(OperatorError) as refused:
        evaluation_with("staging", {path: value})
    assert line in refused.value.lines[0]
