"""The alarms of a PostgreSQL instance: what each measures, and from which level on it rings."""

import pytest

from zelly_components.alarms.alarm import Alarm, Metric, MetricMath
from zelly_components.alarms.postgresql import PostgresTarget, PostgresThresholds, postgresql_alarms

THRESHOLDS = PostgresThresholds(storage_percent=92, connections_percent=80, cpu_percent=90, memory_percent=90)
GIB = 1024**3


def alarms(instance_class: str = "db.t4g.medium") -> dict[str, Alarm]:
    target = PostgresTarget(
        label="db", instance_identifier="shop", instance_class=instance_class, storage_gib=50, max_connections=300
    )
    return {alarm.name.removeprefix("db-"): alarm for alarm in postgresql_alarms(target, THRESHOLDS)}


def measured(alarm: Alarm) -> tuple[set[str], str]:
    """Return the metrics that an alarm reads, and the expression that it compares, or nothing."""
    match alarm.measure:
        case Metric() as metric:
            return {metric.name}, ""
        case MetricMath(metrics=metrics, expressions=expressions):
            return {metric.name for metric in metrics.values()}, [*expressions.values()][-1]


def test_each_alarm_measures_its_own_and_every_metric_is_the_instances() -> None:
    assert {name: (*measured(alarm), alarm.threshold) for name, alarm in alarms().items()} == {
        "storage": ({"FreeStorageSpace"}, f"100 * (1 - free / {50 * GIB})", 92),
        "storage-forecast": ({"FreeStorageSpace"}, f"100 * (1 - later / {50 * GIB})", 100),
        "connections": ({"DatabaseConnections"}, "", 240),
        "cpu": ({"CPUUtilization"}, "", 90),
        "memory": ({"FreeableMemory"}, f"100 * (1 - free / {4 * GIB})", 90),
        "transaction-ids": ({"MaximumUsedTransactionIDs"}, "", 1_000_000_000),
        "io-credits": ({"EBSIOBalance%", "EBSByteBalance%"}, "100 - MIN([operations, bytes])", 80),
    }
    for alarm in alarms().values():
        metrics = [alarm.measure] if isinstance(alarm.measure, Metric) else [*alarm.measure.metrics.values()]
        assert {(metric.namespace, metric.dimensions["DBInstanceIdentifier"]) for metric in metrics} == {
            ("AWS/RDS", "shop")
        }


@pytest.mark.parametrize(("growth_gib_a_day", "rings"), [(2.9, False), (3.4, True)])
def test_forecast_rings_when_three_more_such_days_fill_the_storage(growth_gib_a_day: float, rings: bool) -> None:
    forecast = alarms()["storage-forecast"]
    assert isinstance(forecast.measure, MetricMath)
    free, rate = 10 * GIB, -growth_gib_a_day * GIB / 86_400
    known = {"free": free}
    for name, expression in forecast.measure.expressions.items():
        known[name] = eval(expression.replace("RATE(free)", f"({rate})"), {}, known)  # noqa: S307
    assert (known["used"] >= forecast.threshold) is rings
    assert (forecast.period_seconds, forecast.periods, forecast.breaching_periods) == (3600, 6, 6)


def test_a_class_that_does_not_burst_has_no_alarm_on_credits() -> None:
    assert alarms().keys() - alarms("db.m7g.large").keys() == {"io-credits"}


def test_silence_rings_once() -> None:
    assert [name for name, alarm in alarms().items() if alarm.missing_data == "breaching"] == ["storage"]
