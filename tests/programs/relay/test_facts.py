"""The stack files and the catalog say what the platform's document says: the one comparison with the facts."""

from relay_infra import catalog
from relay_infra.program import PROGRAM
from tests.programs.relay import facts
from tests.programs.relay.evaluations import ROOT, config_of, evaluation_of
from workbench.config.stack_file import stack_names
from workbench.stores import FileSystem


def test_stacks_are_the_documented_environments() -> None:
    assert sorted(stack_names(ROOT)) == sorted(facts.ENVIRONMENTS)
    assert {config_of(stack).environment for stack in facts.ENVIRONMENTS} == {*facts.ENVIRONMENTS}
    assert PROGRAM.promotion == facts.ENVIRONMENTS


def test_services_run_on_fargate_behind_a_balancer() -> None:
    for stack in facts.ENVIRONMENTS:
        services = evaluation_of(stack).of_type("aws:ecs/service:Service")
        providers = {
            strategy["capacityProvider"]
            for service in services
            for strategy in service.inputs["capacityProviderStrategies"]
        }
        assert providers <= {"FARGATE", "FARGATE_SPOT"}
        balanced = {service.inputs["name"] for service in services if service.inputs.get("loadBalancers")}
        reached = {f"relay-{stack}-{entry.name}" for entry in catalog.SERVICES if entry.port is not None}
        assert reached
        assert reached <= balanced


def test_stores_are_for_the_integration_environment_alone() -> None:
    types = {resource.type for stack in facts.ENVIRONMENTS for resource in evaluation_of(stack).custom()}
    stores = ("aws:rds/", "aws:docdb/", "aws:elasticache/", "aws:msk/", "aws:dynamodb/")
    assert [token for token in types if token.startswith(stores)] == []
    # Jenkins' home is none of the services'.
    assert PROGRAM.store_kinds == (FileSystem,)


def test_secrets_lie_in_secrets_manager() -> None:
    for stack in facts.ENVIRONMENTS:
        secrets = evaluation_of(stack).of_type("aws:secretsmanager/secret:Secret")
        assert {secret.inputs["name"] for secret in secrets} >= {*catalog.APPLICATION_SECRETS}


def test_alarms_watch_the_documented_metrics() -> None:
    for stack in facts.ENVIRONMENTS:
        alarms = evaluation_of(stack).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
        watched = {alarm.inputs.get("metricName") for alarm in alarms} | {
            query["metric"]["metricName"]
            for alarm in alarms
            for query in alarm.inputs.get("metricQueries", [])
            if "metric" in query
        }
        assert watched >= facts.METRICS


def test_logs_are_in_one_place() -> None:
    for stack in facts.ENVIRONMENTS:
        groups = {
            group.inputs.get("name") for group in evaluation_of(stack).of_type("aws:cloudwatch/logGroup:LogGroup")
        }
        assert {service.log_group for service in PROGRAM.services} <= groups
