"""What stands in for AWS and for packages forgets nothing that it is told by several units at once."""

from tests.machines import hosts
from tests.machines.conftest import MachineFactory
from tests.machines.root import STATE
from tests.machines.stand_ins import INSTALLABLE

UNITS, TIMES = 4, 20


def test_what_is_asked_side_by_side_is_all_remembered(new_machine: MachineFactory) -> None:
    machine = new_machine(hosts.nat("production"))
    machine.boot()
    counter = machine.root / STATE / "sleeps"
    counter.write_text("0", encoding="utf-8")
    machine.answer("secretsmanager get-secret-value name", "secret", refusals=UNITS * TIMES)
    ask = "aws secretsmanager get-secret-value --secret-id name --query SecretString --output text"
    unit = f"for _ in $(seq {TIMES}); do {ask}; sleep 0; done"
    installs = [f"dnf --assumeyes --quiet install {package}" for package in sorted(INSTALLABLE)]
    machine.run("sh", "-c", "\n".join(f"({command}) &" for command in [*installs, *[unit] * UNITS]) + "\nwait")

    machine.run("rpm", "--query", "--quiet", *INSTALLABLE)
    assert machine.run("sh", "-c", ask).stdout.strip() == "secret"
    assert counter.read_text(encoding="utf-8") == str(UNITS * TIMES)
