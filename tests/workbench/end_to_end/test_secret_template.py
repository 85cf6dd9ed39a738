"""``zelly secrets template``: what push takes once it is filled, and nothing that AWS holds."""

import json
from pathlib import Path
from typing import Any

from sample_infra.program import PROGRAM
from tests.workbench.conftest import Completed, Operator
from workbench.operations.secrets.template import readers

WORKER = "sample/worker/env"
VALUE = "correct-horse-battery-staple"


def test_template_is_what_push_takes_once_it_is_filled(operator: Operator, stored: Any, tmp_path: Path) -> None:
    stored.put_secret_value(
        SecretId=WORKER,
        SecretString=json.dumps({**dict.fromkeys(PROGRAM.secrets.application[WORKER], ""), "QUEUE_KEY": VALUE}),
    )
    file = tmp_path / "secrets.trial.yaml"
    completed = operator.run("secrets", "template", "trial", "--output", str(file))
    count = sum(map(len, PROGRAM.secrets.application.values()))
    assert (completed.exit_code, completed.stdout, completed.stderr.splitlines()) == (
        0,
        "",
        [
            f"{file}: written, mode 600; {count} keys of {len(PROGRAM.secrets.application)} secrets to fill. Then:",
            f"zelly secrets push {file} --stack trial",
        ],
    )
    text = file.read_text()
    assert (file.stat().st_mode & 0o777, VALUE in text) == (0o600, False)
    assert operator.run("secrets", "template", "--stack", "trial").stdout == text
    # What was not filled is refused, key by key.
    refused = operator.run("secrets", "push", str(file), "--yes", "--stack", "trial")
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, count)
    assert f"secret {WORKER}: ORIGINS: came nothing; a value is required\n" in refused.stderr
    file.write_text(text.replace('""', f'"{VALUE}"'))
    assert operator.run("secrets", "push", str(file), "--yes", "--stack", "trial").exit_code == 0
    for name, keys in PROGRAM.secrets.application.items():
        assert json.loads(stored.get_secret_value(SecretId=name)["SecretString"]) == dict.fromkeys(keys, VALUE)
    # Filled, it is never written over.
    again = operator.run("secrets", "template", "--output", str(file), "--stack", "trial")
    assert (again.exit_code, again.stderr) == (
        2,
        f"{file}: there already; it may hold values, and stays; another name is required\n",
    )
    assert VALUE in file.read_text()


def test_template_says_who_reads_each_key(operator: Operator) -> None:
    lines = operator.run("secrets", "template", "trial").stdout.splitlines()
    assert lines[lines.index(f"{WORKER}:") :] == [
        f"{WORKER}:",
        '  QUEUE_KEY: ""  # read by worker',
        '  ORIGINS: ""    # read by worker',
    ]
    assert readers(PROGRAM, "sample/redis/login", "REDIS_HOST") == ("worker", "tools as CACHE_REDIS_HOST")
    document = json.loads(operator.run("secrets", "template", "trial", "--json").stdout)
    assert document == {name: dict.fromkeys(keys, "") for name, keys in PROGRAM.secrets.application.items()}


def test_template_of_a_stack_that_is_none_is_refused(operator: Operator) -> None:
    assert operator.run("secrets", "template", "stagin") == Completed(
        exit_code=2, stdout="", stderr="stack: stagin; allowed: live, trial\n"
    )
