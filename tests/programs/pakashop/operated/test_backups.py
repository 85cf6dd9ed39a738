"""A database's dumps as an operator lives with them: the host's own program on a practice database."""

import json
from typing import Any

from tests.support.operators import Operator, Up

STACK = ("-s", "staging")


def _listed(operator: Operator) -> dict[str, Any]:
    return json.loads(operator.run("backup", "list", *STACK, "--json").stdout)


def test_dump_is_made_listed_drilled_and_restored_beside(operator: Operator, sandbox: Up) -> None:
    nothing = operator.run("backup", "list", *STACK)
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (1, "", "THERE IS NO BACKUP\n")
    assert "there is no dump of the database yet" in operator.run("doctor", *STACK[1:]).stdout

    made = operator.run("backup", "now", *STACK, "--json")
    assert made.exit_code == 0, made.stderr
    answer = json.loads(made.stdout)
    key = answer["backup"]
    assert key.startswith("production/pakashop-staging-")
    assert [stage["name"] for stage in answer["stages"]][-3:] == ["restore", "compare", "upload"]
    assert _listed(operator)["problems"] == ["no backup was ever drilled"]

    drilled = operator.run("backup", "drill", *STACK)
    assert (drilled.exit_code, drilled.stdout.startswith(f"{key}: restored after")) == (0, True)
    listed = _listed(operator)
    assert ([each["backup"] for each in listed["backups"]], listed["problems"]) == ([key], [])
    assert listed["backups"][0]["verified"]
    assert listed["backups"][0]["drill"]["outcome"] == "restored"
    assert "dumps  1 kept, the newest verified one 0 minutes old, drilled 0 minutes ago" in (
        operator.run("status", *STACK).stdout
    )

    into = f"pakashop_restored_{key[-20:-5].replace('-', '_')}"
    restored = operator.run("backup", "restore", key, *STACK, "--yes")
    assert restored.stdout.splitlines()[-1] == f"Once looked into: DROP DATABASE {into};"
    again = operator.run("backup", "restore", key, *STACK, "--yes")
    assert (again.exit_code, f"the database {into} is there already" in again.stderr) == (2, True)

    # What was changed in the bucket fails, and everybody hears of it.
    s3 = sandbox.aws.clients.get("s3", "ap-southeast-1")
    s3.put_object(Bucket="pakashop-staging-backups-123456789012", Key=key, Body=b"x" * 5000, ChecksumAlgorithm="SHA256")
    changed = operator.run("backup", "verify", key, *STACK)
    assert (changed.exit_code, "failed at fetch" in changed.stderr) == (1, True)
    (row,) = json.loads(operator.run("status", *STACK, "--json").stdout)["backups"]
    assert (row["state"], f"the last drill, of {key}, failed: {key} has the SHA-256" in row["what"]) == ("broken", True)
