"""BullMQ's five queues on a Redis server with the stacks' settings: what is lost, and when."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.machines.redis.queues import QUEUES, Queues
from tests.machines.redis.server import Redis

JOBS = 40
EVERY_JOB = {(queue, index) for queue in QUEUES for index in range(JOBS)}
AT_WORK = 4 * len(QUEUES)
"""How many jobs a worker of ``queues.mjs`` has in hand at most."""


@pytest.fixture
def redis(tmp_path: Path) -> Redis:
    # Staging's settings are the same, as the tests of access see.
    return Redis(stack="production", folder=tmp_path)


def counts(**states: int) -> dict[str, dict[str, int]]:
    """Return the same number of jobs in these states for every queue."""
    return dict.fromkeys(QUEUES, states)


def test_every_job_is_done_once_and_failed_ones_are_repeated(redis: Redis) -> None:
    queues = Queues(redis=redis)
    with redis.run():
        queues.produce(JOBS)
        assert queues.count() == counts(waiting=JOBS)
        with queues.work() as worker:
            queues.wait_until_done(len(EVERY_JOB))
            _end(worker)
        assert queues.count() == counts(completed=JOBS)
    assert queues.done() == Counter(EVERY_JOB)
    failed = Counter((attempt.queue, attempt.index) for attempt in queues.attempts() if not attempt.done)
    assert failed == Counter(job for job in EVERY_JOB if job[1] % 4 == 0)
    assert queues.complaints() == ""


def test_no_job_is_lost_with_a_killed_worker_or_a_restarted_server(redis: Redis) -> None:
    queues = Queues(redis=redis)
    with redis.run():
        queues.produce(JOBS)
        with queues.work() as worker:
            queues.wait_until_done(AT_WORK)
            worker.kill()
        killed_at = len(queues.done())
        with queues.work() as worker:
            queues.wait_until_done(len(EVERY_JOB) // 2)
            restarted_at = len(queues.done())
            redis.stop()
            # The same worker goes on when the server is back.
            with redis.run():
                queues.wait_until_counted(counts(completed=JOBS))
    assert AT_WORK <= killed_at < restarted_at < len(EVERY_JOB)
    done = queues.done()
    assert set(done) == EVERY_JOB
    # What was in hand when the worker died, or when the server went, is done again: at least once, not exactly once.
    repeated = sum(times - 1 for times in done.values())
    assert repeated <= 2 * AT_WORK


def test_worker_that_is_told_to_end_leaves_nothing_half_done(redis: Redis) -> None:
    queues = Queues(redis=redis)
    with redis.run():
        queues.produce(JOBS)
        for _ in range(2):
            with queues.work() as worker:
                queues.wait_until_done(len(queues.done()) + AT_WORK)
                _end(worker)
            assert {state for of in queues.count().values() for state in of} <= {"completed", "waiting", "delayed"}
    assert set(queues.done().values()) == {1}


def test_server_that_dies_forgets_what_came_after_its_last_snapshot(redis: Redis) -> None:
    # What a single node without an append-only file cannot promise.
    queues = Queues(redis=redis)
    with redis.run() as process:
        queues.produce(10)
        assert redis.ask("save") == "OK"
        queues.produce(5)
        assert queues.count() == counts(waiting=15)
        process.kill()
        process.wait()
    with redis.run():
        assert queues.count() == counts(waiting=10)


def test_full_server_refuses_new_jobs_and_drops_none(redis: Redis, tmp_path: Path) -> None:
    small = Redis(stack=redis.stack, folder=tmp_path, maxmemory="6mb")
    queues = Queues(redis=small)
    with small.run():
        filled = queues.fill(20_000)
        assert filled["refused"].startswith("OOM command not allowed when used memory > 'maxmemory'")
        # A larger node, or a worker that catches up.
        assert small.ask("config", "set", "maxmemory", "64mb") == "OK"
        assert queues.count() == {**counts(), QUEUES[0]: {"waiting": filled["accepted"]}}
        assert "evicted_keys:0" in small.ask("info", "stats").splitlines()
    assert filled["accepted"] > 100


def _end(worker: "subprocess.Popen[bytes]") -> None:
    """End a worker as ECS does, so that it finishes what it has in hand."""
    worker.terminate()
    assert worker.wait(20) == 0
