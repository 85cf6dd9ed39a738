"""What a ClickHouse host does to the volume that it finds: real block devices and file systems."""

import pytest

from tests.machines.clickhouse_machine import LINK, SERVICE, ClickHouseFactory
from tests.machines.conftest import VolumeFactory
from tests.machines.hosts import VOLUME_LINK
from zelly_components.alarms.host_metrics import UNIT_FAILED

OTHER_LINK = "nvme-Amazon_Elastic_Block_Store_vol0fedcba9876543210"
FORMATTED = f"formatted {LINK}"
MOUNTED = f"mounted {LINK} at /var/lib/clickhouse"


def test_replaced_host_takes_the_data_over(new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory) -> None:
    volume = new_volume()
    first = new_clickhouse()
    first.attach(volume)
    first.boot()
    first.own_query("CREATE TABLE orders (id UInt64) ENGINE = Log")
    first.own_query("INSERT INTO orders VALUES (7)")
    first.machine.shut_down()

    successor = new_clickhouse()
    successor.attach(volume)
    assert successor.boot() == "success"
    assert successor.messages() == [MOUNTED, "configuration changed"]
    assert successor.own_query("SELECT id FROM orders") == "7"


@pytest.mark.parametrize(
    "command",
    [
        ["mkfs.ext4", "-q"],
        ["mkswap"],
        ["sh", "-c", 'echo "label: gpt" | sfdisk --quiet "$0"'],
        ["mkfs.xfs", "-q", "-l", "size=64m,internal=1", "-L", "other"],
    ],
    ids=["ext4", "swap", "partitions", "damaged xfs"],
)
def test_volume_that_is_neither_blank_nor_usable_is_left_as_it_is(
    command: list[str], new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory
) -> None:
    volume = new_volume()
    volume.format(*command)
    if command[0] == "mkfs.xfs":
        volume.damage()
    before = volume.content()
    clickhouse = new_clickhouse()
    clickhouse.attach(volume)
    assert clickhouse.boot() == "exit-code"
    assert clickhouse.is_failed()
    refusal = clickhouse.messages()[-1]
    assert LINK.rpartition("/")[2] in refusal or "mount" in refusal
    assert refusal in clickhouse.machine.console()
    assert volume.content() == before
    assert (clickhouse.listening(), clickhouse.actions("docker", "aws")) == ([], [])


def test_half_formatted_volume_is_formatted_to_the_end(
    new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory
) -> None:
    volume = new_volume()
    volume.format("mkfs.xfs", "-q")
    # What mkfs.xfs leaves when it is killed between its first write and its last.
    volume.format("xfs_db", "-x", "-c", "sb 0", "-c", "write inprogress 1")
    clickhouse = new_clickhouse()
    clickhouse.attach(volume)
    assert clickhouse.boot() == "success"
    assert clickhouse.messages()[0] == f"{FORMATTED}, which an earlier run had left half formatted"


def test_volume_that_arrives_late_is_waited_for(new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory) -> None:
    clickhouse = new_clickhouse()
    volume = new_volume()
    clickhouse.machine.attach_at_sleep(3, {VOLUME_LINK: volume.number})
    assert clickhouse.boot() == "success"
    assert clickhouse.messages() == [
        *(f"attempt {attempt} of 120 failed: test -b {LINK}" for attempt in (1, 2, 3)),
        FORMATTED,
        MOUNTED,
        "configuration changed",
    ]


def test_volume_that_never_arrives_ends_visibly(new_clickhouse: ClickHouseFactory) -> None:
    clickhouse = new_clickhouse()
    assert clickhouse.boot() == "exit-code"
    assert clickhouse.messages()[-1] == f"attempt 120 of 120 failed: test -b {LINK}"
    assert clickhouse.messages()[-1] in clickhouse.machine.console()
    assert clickhouse.is_failed()
    # The line that rsyslog passes on, and that the filter on the log group counts.
    assert f"{SERVICE}{UNIT_FAILED}exit-code'." in clickhouse.machine.systemd_says(SERVICE)
    assert (clickhouse.listening(), clickhouse.actions("docker", "aws")) == ([], [])
    assert "etc/fstab" not in clickhouse.machine.files()


def test_devices_that_change_their_numbers_are_told_apart(
    new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory
) -> None:
    data, other = new_volume(), new_volume()
    clickhouse = new_clickhouse()
    clickhouse.machine.attach({VOLUME_LINK: data.number, OTHER_LINK: other.number})
    clickhouse.boot()
    clickhouse.own_query("CREATE TABLE orders (id UInt64) ENGINE = Log")
    clickhouse.machine.shut_down()
    blank = other.content()

    data.exchange(other)
    clickhouse.machine.attach({VOLUME_LINK: data.number, OTHER_LINK: other.number})
    assert clickhouse.boot() == "success"
    assert clickhouse.mounted() == f"/dev/loop{data.number}"
    assert clickhouse.own_query("SHOW TABLES") == "orders"
    assert other.content() == blank


def test_file_system_grows_with_its_volume(new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory) -> None:
    volume = new_volume()
    clickhouse = new_clickhouse()
    clickhouse.attach(volume)
    clickhouse.boot()
    before = clickhouse.size_mib()
    volume.grow(800)
    assert clickhouse.run_again() == "success"
    assert clickhouse.size_mib() - before == 400


def test_fstab_is_one_that_mounts(new_clickhouse: ClickHouseFactory, new_volume: VolumeFactory) -> None:
    clickhouse = new_clickhouse()
    clickhouse.attach(new_volume())
    clickhouse.boot()
    verified = clickhouse.machine.run("findmnt", "--verify", "--tab-file", "/etc/fstab")
    assert verified.stdout.strip() == "Success, no errors or warnings detected"
    clickhouse.machine.run("systemctl", "stop", "clickhouse.service")
    clickhouse.machine.run("umount", "/var/lib/clickhouse")
    clickhouse.machine.run("mount", "--all")
    options = clickhouse.machine.run("findmnt", "--noheadings", "--output", "OPTIONS", "/var/lib/clickhouse").stdout
    assert "noatime" in options.split(",")
