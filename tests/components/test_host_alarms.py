import dataclasses
import json

from zelly_components.alarms.alarm import Alarm, Metric
from zelly_components.alarms.hosts import HostTarget, host_alarms
from zelly_components.hosts.cloud_config import host_files

HOST = HostTarget(
    label="store",
    instance_id="i-1",
    failed_units_metric="shop-store-failed-units",
    mount_points={"root": "/", "data": "/var/lib/store"},
)


def found() -> dict[str, Alarm]:
    return {
        alarm.name: dataclasses.replace(alarm, description="")
        for alarm in host_alarms(HOST, memory_percent=90, disk_percent=70)
    }


def test_a_host_has_exactly_these_alarms() -> None:
    assert list(found()) == ["store-down", "store-failed-units", "store-memory", "store-data-disk", "store-root-disk"]


def test_a_host_that_is_gone_rings() -> None:
    assert found()["store-down"] == Alarm(
        name="store-down",
        description="",
        metric=Metric(
            namespace="AWS/EC2", name="StatusCheckFailed", statistic="Maximum", dimensions={"InstanceId": "i-1"}
        ),
        threshold=1,
        period_seconds=60,
        periods=3,
        breaching_periods=3,
        missing_data="breaching",
        severity="page",
    )


def test_alarm_on_a_host_that_is_gone_says_first_what_helps_and_then_what_it_took_along() -> None:
    gone = (
        "store has failed its status checks for three minutes, or reports none. First: read the instance's status "
        "checks and system log; stopping and starting it moves it to other hardware."
    )
    (plain, *others), (with_more, *same) = (
        [alarm.description for alarm in host_alarms(target, memory_percent=90, disk_percent=70)]
        for target in (HOST, dataclasses.replace(HOST, when_down="Nobody can buy."))
    )
    assert (plain, with_more, others) == (gone, f"{gone} Nobody can buy.", same)


def test_the_first_failed_unit_rings_and_the_next_one_within_half_an_hour_is_the_same_alarm() -> None:
    assert found()["store-failed-units"] == Alarm(
        name="store-failed-units",
        description="",
        metric=Metric(namespace="FailedUnits", name="shop-store-failed-units", statistic="Sum", dimensions={}),
        threshold=1,
        period_seconds=300,
        periods=6,
        breaching_periods=1,
        missing_data="notBreaching",
    )


def test_memory_rings_and_its_silence_does_not() -> None:
    assert found()["store-memory"] == Alarm(
        name="store-memory",
        description="",
        metric=Metric(
            namespace="CWAgent", name="mem_used_percent", statistic="Maximum", dimensions={"InstanceId": "i-1"}
        ),
        threshold=90,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        missing_data="notBreaching",
    )


def test_a_file_system_rings_when_it_is_full_and_when_it_is_not_there() -> None:
    root = found()["store-root-disk"]
    assert root == Alarm(
        name="store-root-disk",
        description="",
        metric=Metric(
            namespace="CWAgent",
            name="disk_used_percent",
            statistic="Maximum",
            dimensions={"InstanceId": "i-1", "path": "/", "fstype": "xfs"},
        ),
        threshold=70,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        missing_data="breaching",
    )
    assert isinstance(root.measure, Metric)
    measure = dataclasses.replace(
        root.measure, dimensions={"InstanceId": "i-1", "path": "/var/lib/store", "fstype": "xfs"}
    )
    assert found()["store-data-disk"] == dataclasses.replace(root, name="store-data-disk", metric=measure)


def test_the_agent_sends_what_the_alarms_read() -> None:
    files = host_files(environment={}, log_group_name="/shop/store", mount_points=list(HOST.mount_points.values()))
    (content,) = (file.content for file in files if file.path == "/etc/host/cloudwatch-agent.json")
    agent = json.loads(content)
    assert agent["metrics"] == {
        "namespace": "CWAgent",
        # In place of the host's name. A roll-up ("aggregation_dimensions") would send more metrics beside these.
        "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
        "metrics_collected": {
            "mem": {"measurement": ["mem_used_percent"]},
            # Sent with path and fstype, without the device.
            "disk": {"measurement": ["used_percent"], "resources": ["/", "/var/lib/store"], "drop_device": True},
        },
    }
    of_the_agent = {
        alarm.period_seconds
        for alarm in found().values()
        if isinstance(alarm.measure, Metric) and alarm.measure.namespace == "CWAgent"
    }
    assert of_the_agent == {agent["agent"]["metrics_collection_interval"]}
