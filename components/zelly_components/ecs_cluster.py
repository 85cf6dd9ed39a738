"""An ECS cluster that runs tasks on Fargate."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, resolved_after

CAPACITY_PROVIDERS = ("FARGATE", "FARGATE_SPOT")


@dataclass(frozen=True, kw_only=True)
class EcsClusterArgs:
    """Arguments of an ECS cluster."""

    cluster_name: str
    """The cluster's name in ECS, up to 255 letters, digits, hyphens and underscores. Another name replaces the
    cluster."""
    container_insights: Literal["enabled", "enhanced", "disabled"]
    """``enabled`` has metrics per service, ``enhanced`` also per task and container; both are billed as custom metrics.
    ``disabled`` leaves the free CPU and memory metrics per service."""


class EcsCluster(Component):
    """An ECS cluster with the capacity providers FARGATE and FARGATE_SPOT.

    Example::

        from zelly_components.ecs_cluster import EcsCluster, EcsClusterArgs

        cluster = EcsCluster("shop-cluster", EcsClusterArgs(cluster_name="shop", container_insights="enabled"))
    """

    cluster_name: pulumi.Output[str]
    """The cluster's name. It resolves, as ``cluster_arn`` does, once the capacity providers are attached: a service
    that names one of them cannot be made before, and they cannot be detached while it stands."""
    cluster_arn: pulumi.Output[str]
    """The cluster's ARN."""

    def __init__(self, name: str, args: EcsClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        cluster = aws.ecs.Cluster(
            name,
            name=args.cluster_name,
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value=args.container_insights)],
            opts=self.child(),
        )
        attachment = aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity-providers",
            cluster_name=cluster.name,
            capacity_providers=list(CAPACITY_PROVIDERS),
            # For tasks started by hand: without a default they ask for EC2 instances, of which there are none.
            default_capacity_provider_strategies=[
                aws.ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs(
                    capacity_provider="FARGATE", weight=1, base=0
                )
            ],
            opts=self.child(),
        )
        self.cluster_name = attachment.cluster_name
        self.cluster_arn = resolved_after(cluster.arn, attachment)
        self.register_annotated_outputs()
