from zelly_components.alarms.alarm import Metric, MetricMath
from zelly_components.alarms.jenkins import AgentsTarget, agent_alarms, home_alarms

POOL = AgentsTarget(
    label="builders", group_name="shop-builders", failed_units_metric="shop-failed-units", longest_build_minutes=120
)


def test_an_agent_rings_when_it_has_had_its_chance_to_end_itself() -> None:
    old, failed = agent_alarms(POOL)
    assert old.name == "builders-too-old"
    assert old.measure == Metric(
        namespace="BuildAgents", name="AgeSeconds", statistic="Maximum", dimensions={"Group": "shop-builders"}
    )
    assert (old.threshold, old.missing_data) == (135 * 60, "notBreaching")
    assert (failed.name, failed.threshold) == ("builders-failed-units", 1)


def test_a_home_without_a_backup_rings_also_when_nothing_is_reported() -> None:
    none, failed = home_alarms("jenkins", vault_name="aws/efs/automatic-backup-vault")
    assert isinstance(none.measure, MetricMath)
    # An alarm looks back a week at most ("PutMetricAlarm", CloudWatch API reference).
    assert none.periods * none.period_seconds == 34 * 3600 < 7 * 24 * 3600
    assert (none.breaching_periods, none.missing_data) == (34, "breaching")
    assert none.measure.expressions == {"none": "IF(FILL(completed, 0) > 0, 0, 1)"}
    assert {metric.dimensions["BackupVaultName"] for metric in none.measure.metrics.values()} == {
        "aws/efs/automatic-backup-vault"
    }
    assert (failed.name, failed.missing_data) == ("jenkins-backup-failed", "notBreaching")
