"""``zelly secrets template``: what push takes once it is filled, and nothing that AWS holds."""

import json
from pathlib import Path
from typing import Any

from tests.workbench.end_to_end.conftest import Completed, Operator
from workbench.operations.secrets.template import readers
from zelly_infra.catalog import APPLICATION_SECRETS, REDIS_SECRET
from zelly_infra.program import PROGRAM

ORION = "zelly/orion-backend/env"
VALUE = "correct-horse-battery-staple"


def test_template_is_what_push_takes_once_it_is_filled(operator: Operator, stored: Any, tmp_path: Path) -> None:
    stored.put_secret_value(
        SecretId=ORION,
        SecretString=json.dumps({**dict.fromkeys(APPLICATION_SECRETS[ORION], ""), "JWT_SECRET_KEY": VALUE}),
    )
    file = tmp_path / "secrets.staging.yaml"
    completed = operator.zelly("secrets", "template", "staging", "--output", str(file))
    count = sum(map(len, APPLICATION_SECRETS.values()))
    assert (completed.exit_code, completed.stdout, completed.stderr.splitlines()) == (
        0,
        "",
        [
            f"{file}: written, mode 600; {count} keys of {len(APPLICATION_SECRETS)} secrets to fill. Then:",
            f"zelly secrets push {file} --stack staging",
        ],
    )
    text = file.read_text()
    assert (file.stat().st_mode & 0o777, VALUE in text) == (0o600, False)
    assert operator.zelly("secrets", "template", "--stack", "staging").stdout == text
    # What was not filled is refused, key by key.
    refused = operator.zelly("secrets", "push", str(file), "--yes", "--stack", "staging")
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, count)
    assert f"secret {ORION}: CORS_ORIGINS: came nothing; a value is required\n" in refused.stderr
    file.write_text(text.replace('""', f'"{VALUE}"'))
    assert operator.zelly("secrets", "push", str(file), "--yes", "--stack", "staging").exit_code == 0
    for name, keys in APPLICATION_SECRETS.items():
        assert json.loads(stored.get_secret_value(SecretId=name)["SecretString"]) == dict.fromkeys(keys, VALUE)
    # Filled, it is never written over.
    again = operator.zelly("secrets", "template", "--output", str(file), "--stack", "staging")
    assert (again.exit_code, again.stderr) == (
        2,
        f"{file}: there already; it may hold values, and stays; another name is required\n",
    )
    assert VALUE in file.read_text()


def test_template_says_who_reads_each_key(operator: Operator) -> None:
    lines = operator.zelly("secrets", "template", "staging").stdout.splitlines()
    assert lines[lines.index(f"{ORION}:") :] == [
        f"{ORION}:",
        '  JWT_SECRET_KEY: ""  # read by orion-backend',
        '  CORS_ORIGINS: ""    # read by orion-backend',
    ]
    assert readers(PROGRAM, REDIS_SECRET, "REDIS_HOST") == (
        "fastify-nova",
        "customer-panel",
        "events-consumer",
        "internal-tools",
        "internal-tools as RI_REDIS_HOST",
    )
    document = json.loads(operator.zelly("secrets", "template", "staging", "--json").stdout)
    assert document == {name: dict.fromkeys(keys, "") for name, keys in APPLICATION_SECRETS.items()}


def test_template_of_a_stack_that_is_none_is_refused(operator: Operator) -> None:
    assert operator.zelly("secrets", "template", "stagin") == Completed(
        exit_code=2, stdout="", stderr="stack: stagin; allowed: production, staging\n"
    )
