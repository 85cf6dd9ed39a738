import dataclasses

from tests.components.ecs_arguments import FULL, SMALL, run_example
from workbench.evaluate import Evaluation, evaluate
from zelly_components.ecs_cluster import EcsCluster, EcsClusterArgs
from zelly_components.ecs_service import EcsService

CLUSTER = "aws:ecs/cluster:Cluster"
ATTACHMENT = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
SCALING_TARGET = "aws:appautoscaling/target:Target"


def make_cluster() -> EcsCluster:
    return EcsCluster("shop-cluster", EcsClusterArgs(cluster_name="shop", container_insights="enhanced"))


def record() -> Evaluation:
    def program() -> None:
        make_cluster()

    return evaluate(program)


def test_cluster_has_its_name_and_its_insights() -> None:
    assert record().one(CLUSTER).inputs == {
        "name": "shop",
        "settings": [{"name": "containerInsights", "value": "enhanced"}],
    }


def test_tasks_run_on_fargate_or_fargate_spot_and_by_default_on_fargate() -> None:
    assert record().one(ATTACHMENT).inputs == {
        "clusterName": "shop",
        "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
    }


def test_service_is_made_after_the_capacity_providers_it_names_are_attached() -> None:
    def program() -> None:
        EcsService("shop", dataclasses.replace(SMALL, cluster_arn=make_cluster().cluster_arn))

    recorded = evaluate(program)
    service = recorded.one("aws:ecs/service:Service")
    assert service.inputs["cluster"] == "${shop-cluster.arn}"
    assert recorded.one(ATTACHMENT).urn in service.depends_on


def test_cluster_name_too_waits_for_the_capacity_providers() -> None:
    def program() -> None:
        EcsService("shop", dataclasses.replace(FULL, cluster_name=make_cluster().cluster_name))

    recorded = evaluate(program)
    target = recorded.one(SCALING_TARGET)
    assert target.inputs["resourceId"] == "service/shop/shop-web"
    assert recorded.one(ATTACHMENT).urn in target.depends_on


def test_outputs_are_name_and_arn() -> None:
    recorded = record()
    [component] = recorded.of_type("zelly-components:index:EcsCluster")
    assert recorded.component_outputs[component.urn] == {"cluster_name": "shop", "cluster_arn": "${shop-cluster.arn}"}


def test_example_runs() -> None:
    assert run_example(EcsCluster).one(CLUSTER).inputs["name"] == "shop"
