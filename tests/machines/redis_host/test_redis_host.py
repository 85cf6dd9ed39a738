"""One host, booted twice: who is let in, another password, a full volume, a killed server, a power cut.

The kernel lives through a power cut here, so that what the server had handed it is not lost; that no more than a second
is, where the kernel dies too, is what ``appendfsync everysec`` promises.
"""

import time
from collections.abc import Iterator

import pytest

from tests.machines.conftest import machines_in, volumes_in
from tests.machines.hosts import PASSWORD, VOLUME_LINK
from tests.machines.machine import wait_for
from tests.machines.redis_host.host import RedisMachine, inputs
from zelly_components.alarms.alarm import Metric
from zelly_components.alarms.redis_host import RedisHostTarget, redis_host_alarms

LINK = f"/dev/disk/by-id/{VOLUME_LINK}"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisMachine]:
    folder = tmp_path_factory.mktemp("redis-host")
    with volumes_in(folder) as new_volume, machines_in(folder) as new_machine:
        host = inputs()
        machine = new_machine(host)
        machine.attach({VOLUME_LINK: new_volume().number})
        redis = RedisMachine(machine, host)
        assert redis.boot() == "success", machine.journal("redis-apply.service")
        yield redis


def test_first_boot_prepares_kernel_and_volume_before_the_server(redis: RedisMachine) -> None:
    assert redis.messages() == [
        f"formatted {LINK}",
        f"mounted {LINK} at /var/lib/redis",
        "configuration changed",
    ]
    assert "sysctl --quiet --load=/etc/sysctl.d/90-redis.conf" in redis.machine.commands("sysctl")
    setting = (redis.machine.root / "etc/sysctl.d/90-redis.conf").read_text(encoding="utf-8")
    assert setting.splitlines()[-1] == "vm.overcommit_memory = 1"


def test_only_clients_with_tls_and_the_password_are_let_in(redis: RedisMachine) -> None:
    assert redis.listening() == ["*:6379"] or redis.listening() == ["0.0.0.0:6379", "[::]:6379"]
    assert redis.ask("ping") == "PONG"
    assert "PONG" not in redis.ask("ping", tls=False)
    assert redis.ask("ping", password=None) == "NOAUTH Authentication required."
    assert "WRONGPASS" in redis.ask("ping", password="0" * 32)


@pytest.mark.parametrize("words", [("flushall",), ("flushdb",), ("config", "set", "maxmemory", "1"), ("shutdown",)])
def test_clients_neither_administer_the_server_nor_empty_it(redis: RedisMachine, words: tuple[str, ...]) -> None:
    assert redis.ask(*words).startswith("NOPERM")


def test_clients_may_do_what_queues_need(redis: RedisMachine) -> None:
    assert redis.ask("eval", "return redis.call('xadd', KEYS[1], '*', 'a', '1')", "1", "queue").endswith("-0")
    assert "maxmemory_policy:noeviction" in redis.ask("info", "memory")
    assert "cmd=client" in redis.ask("client", "list")


def test_password_stands_nowhere_on_the_host(redis: RedisMachine) -> None:
    assert redis.run_again() == "success"
    assert redis.machine.mentions(PASSWORD) == []
    files = redis.machine.run("stat", "--format", "%n %A %U:%G", "--", *_secret_files()).stdout.split("\n")[:-1]
    assert files == [
        "/etc/redis-host/current/host-password -rw------- root:valkey",
        "/etc/redis-host/current/private-key.pem -rw-r----- root:valkey",
        "/etc/redis-host/current/users.acl -rw-r----- root:valkey",
    ]


def test_metrics_are_those_that_the_alarms_read(redis: RedisMachine) -> None:
    published = redis.published()
    assert (published["PersistenceFailing"], published["RejectedConnections"]) == (0, 0)
    assert 0 < published["MemoryPercent"] < 5
    alarms = redis_host_alarms(RedisHostTarget(label="redis", host_name="shop-redis"), memory_percent=80)
    measures = [alarm.measure for alarm in alarms if isinstance(alarm.measure, Metric)]
    assert {measure.name for measure in measures} == set(published)
    assert all(dict(measure.dimensions) == {"Host": "shop-redis"} for measure in measures)


def test_another_password_holds_within_a_run_and_nobody_is_disconnected(redis: RedisMachine) -> None:
    before = redis.process_id()
    redis.rotate("another")
    assert redis.run_again() == "success", redis.machine.journal("redis-apply.service")
    assert redis.ask("ping", password="another") == "PONG"
    assert "WRONGPASS" in redis.ask("ping")
    redis.rotate(PASSWORD)
    assert redis.run_again() == "success"
    assert (redis.ask("ping"), redis.process_id()) == ("PONG", before)


def test_run_without_a_change_changes_nothing(redis: RedisMachine) -> None:
    before = (redis.machine.files(), redis.process_id())
    assert redis.run_again() == "success"
    assert (redis.machine.files(), redis.process_id()) == before


def test_full_volume_stops_the_writes_and_is_published_and_over_when_there_is_room(redis: RedisMachine) -> None:
    filler = "/var/lib/redis/filler"
    redis.machine.run("dd", "if=/dev/zero", f"of={filler}", "bs=1M", check=False)
    answer = wait_for(lambda: _refusal(redis), "the refusal of a write")
    assert answer.startswith("MISCONF Errors writing to the AOF file")
    assert redis.published()["PersistenceFailing"] == 1
    redis.machine.run("rm", filler)
    wait_for(lambda: redis.ask("set", "after", "full") == "OK", "a write")
    assert redis.ask("get", "after") == "full"


def test_killed_server_comes_back_with_what_it_had_acknowledged(redis: RedisMachine) -> None:
    written = _count(redis, "killed", seconds=1)
    before = redis.process_id()
    redis.machine.run("kill", "-9", before)
    wait_for(lambda: redis.process_id() not in {"0", before} and redis.ask("ping") == "PONG", "the server")
    # Written at once, though not on the disk yet, and the kernel lives.
    assert int(redis.ask("get", "killed")) == written


def test_power_cut_loses_a_second_of_writes_at_most(redis: RedisMachine) -> None:
    _count(redis, "cut", seconds=1)
    time.sleep(1.5)
    safe = int(redis.ask("get", "cut"))
    written = _count(redis, "cut", seconds=0.5)
    redis.machine.cut_power()
    assert redis.boot() == "success"
    assert safe <= int(redis.ask("get", "cut")) <= written
    assert redis.messages() == []


def _secret_files() -> list[str]:
    return [f"/etc/redis-host/current/{name}" for name in ("host-password", "private-key.pem", "users.acl")]


def _refusal(redis: RedisMachine) -> str:
    answer = redis.ask("set", "while", "full" * 1000)
    return "" if answer == "OK" else answer


def _count(redis: RedisMachine, key: str, *, seconds: float) -> int:
    """Count up for a while, and return the last number that was acknowledged."""
    number = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        number = int(
            redis.ask(
                "eval", f"for _ = 1, 99 do redis.call('incr', '{key}') end return redis.call('incr', '{key}')", "0"
            )
        )
    return number
