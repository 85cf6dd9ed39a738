"""The running hours of an environment, where its config has any."""

from collections.abc import Mapping

from zelly_components.bastion_wireguard import BastionWireGuard
from zelly_components.ecs_service import EcsService
from zelly_components.observability import Observability
from zelly_components.running_hours import RunningDatabaseArgs, RunningHours, RunningHoursArgs, RunningServiceArgs
from zelly_infra.composition.foundation import Foundation
from zelly_infra.composition.scope import Scope
from zelly_infra.composition.stores import Stores


def build_running_hours(
    scope: Scope,
    *,
    foundation: Foundation,
    stores: Stores,
    services: Mapping[str, EcsService],
    bastion: BastionWireGuard,
    monitoring: Observability,
) -> RunningHours | None:
    """Make the schedules and the mute rules; None where the environment always runs.

    Redis, the balancers and a NAT gateway cannot be stopped; a NAT instance is, as the other hosts are. Aurora is left
    alone where it pauses by itself.
    """
    environment = scope.environment
    hours = environment.running_hours
    if hours is None:
        return None
    hosts = {"clickhouse": stores.clickhouse, "bastion": bastion, "nat": foundation.network.nat_instance}
    pauses = environment.aurora.seconds_until_auto_pause is not None
    return RunningHours(
        scope.name("hours"),
        RunningHoursArgs(
            region=environment.region,
            account_id=environment.aws_account_id,
            weekdays=[day.upper() for day in hours.weekdays],
            start=hours.start,
            stop=hours.stop,
            time_zone=hours.time_zone,
            services=[
                RunningServiceArgs(
                    label=name,
                    cluster_name=foundation.cluster.cluster_name,
                    service_name=service.service_name,
                    service_arn=service.service_arn,
                    tasks=environment.services[name].minimum_tasks,
                )
                for name, service in services.items()
            ],
            instance_ids={name: host.instance_id for name, host in hosts.items() if host is not None},
            database=None
            if pauses
            else RunningDatabaseArgs(
                cluster_identifier=stores.aurora.cluster_identifier, cluster_arn=stores.aurora.cluster_arn
            ),
            alarm_names=monitoring.alarm_names,
        ),
        scope.options,
    )
