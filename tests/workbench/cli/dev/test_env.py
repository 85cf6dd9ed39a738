"""``dev env``: values that are made once, agree with each other, and are never shown."""

import json
import subprocess

import pytest

from tests.workbench.cli.dev.conftest import Machine


def test_values_are_random_private_and_agree_between_files(machine: Machine) -> None:
    made = machine.dev("env", "--json")
    assert made.exit_code == 0
    web, mysql, redis = (machine.values(name) for name in ("web", "mysql", "redis"))
    assert web["DB_PASSWORD"] == mysql["MYSQL_PASSWORD"] != mysql["MYSQL_ROOT_PASSWORD"]
    assert web["REDIS_PASSWORD"] == redis["REDIS_PASSWORD"] == machine.values("dashboard")["REDIS_PASSWORD"]
    assert (len(web["REDIS_PASSWORD"]), len(web["SESSION_KEY"]), web["MAIL_URL"]) == (32, 48, "")
    assert all(value.isalnum() for value in machine.secrets)
    assert {path.stat().st_mode & 0o777 for path in machine.folder.glob("env/*.env")} == {0o600}
    assert json.loads(made.stdout)["files"]["local-dev/env/web.env"]["empty"] == ["MAIL_URL"]
    assert [secret for secret in machine.secrets if secret in made.stdout + made.stderr] == []


def test_a_second_run_only_adds_and_names_what_is_not_used_any_more(machine: Machine) -> None:
    machine.dev("env")
    path = machine.folder / "env/web.env"
    before = path.read_text(encoding="utf-8")
    mine = before.replace("DB_HOST=mysql", "DB_HOST=theirs # mine").replace(
        "MAIL_URL=", 'MAIL_URL="two\nlines"\nOLD_KEY=hidden'
    )
    session = next(line for line in mine.splitlines() if line.startswith("SESSION_KEY="))
    path.write_text(mine.replace(f"{session}\n", ""), encoding="utf-8")
    path.chmod(0o644)
    (machine.folder / "env/gone.env").write_text("A=hidden\n", encoding="utf-8")
    redis = machine.values("redis")

    added = machine.dev("env")
    assert added.stderr.splitlines() == [
        "local-dev/env/web.env: SESSION_KEY added",
        "local-dev/env/web.env: OLD_KEY not used any more, and left as it is",
        "local-dev/env/web.env: others may read it; from now on its owner alone",
        "local-dev/env/gone.env: no container reads it any more; it is left as it is",
    ]
    text = path.read_text(encoding="utf-8")
    assert text.startswith(mine.replace(f"{session}\n", ""))
    assert "SESSION_KEY=" in text.removeprefix(mine.replace(f"{session}\n", ""))
    assert (path.stat().st_mode & 0o777, machine.values("redis")) == (0o600, redis)
    assert machine.dev("env").stdout == "0 files written.\n"
    assert path.read_text(encoding="utf-8") == text


def test_a_copied_example_is_filled_in_place_with_the_others_secret(machine: Machine) -> None:
    example = machine.folder / "env/web.env.example"
    (machine.folder / "env/web.env").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    (machine.folder / "env/redis.env").write_text("export REDIS_PASSWORD='mine'\n", encoding="utf-8")
    assert machine.dev("env").exit_code == 0
    web = machine.values("web")
    assert web["REDIS_PASSWORD"] == machine.values("worker")["REDIS_PASSWORD"] == "mine"
    lines = (machine.folder / "env/web.env").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(example.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# a\nhidden value\n", "local-dev/env/redis.env:2: no variable; allowed: NAME=VALUE, a comment (#), an empty"),
        ('A=1\nB="hidden\nC=2\n', "local-dev/env/redis.env:2: B: quotes that nothing closes; allowed: NAME='VALUE'"),
    ],
)
def test_a_broken_line_is_named_and_not_shown(machine: Machine, text: str, line: str) -> None:
    (machine.folder / "env/redis.env").write_text(text, encoding="utf-8")
    for words in (["env"], ["up"]):
        refused = machine.dev(*words)
        assert (refused.exit_code, refused.stderr[: len(line)]) == (2, line)
        assert "hidden" not in refused.stdout + refused.stderr
    assert not (machine.folder / "env/web.env").exists()


def test_files_that_disagree_are_named_and_none_is_changed(machine: Machine) -> None:
    for name in ("redis", "worker"):
        (machine.folder / f"env/{name}.env").write_text(f"REDIS_PASSWORD=of-{name}\n", encoding="utf-8")
    refused = machine.dev("env")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "local-dev/env/redis.env: REDIS_PASSWORD and local-dev/env/worker.env: REDIS_PASSWORD: differ in "
        "redis-password; allowed: one value. Delete the wrong lines, and run it again\n",
    )
    assert not (machine.folder / "env/web.env").exists()


def test_host_file_is_what_a_shell_and_the_developer_make_of_it(machine: Machine) -> None:
    machine.dev("env")
    path = machine.folder / "env/web.env"
    path.write_text(path.read_text(encoding="utf-8").replace("MAIL_URL=", "MAIL_URL='a b'"), encoding="utf-8")
    told = machine.dev("env", "web")
    assert told.stdout.splitlines()[1] == "web is yours to start:"
    script = 'set -a; . local-dev/env/web.host.env; printf "%s|%s" "$DB_HOST" "$MAIL_URL"'
    assert subprocess.check_output(["/bin/sh", "-c", script], cwd=machine.root, text=True) == "127.0.0.1|a b"
    refused = machine.dev("env", "proxy")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "service: came proxy to run outside of Docker; allowed: web, worker\n",
    )
