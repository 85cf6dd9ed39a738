"""What stands in for systemd and AWS below a directory: installed as ``systemctl``, ``systemd-run`` and ``aws``.

How a service behaves stands in the ``start`` of its artefact. What a stand-in does not know it refuses. It is a file of
its own, free of the tests, and imports little: a deploy calls it some fifty times.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(os.environ.get("RELEASE_AGENT_ROOT", "/nowhere"))
WORLD = ROOT / "world"
UNITS = ROOT / "etc/systemd/system"
UNKNOWN = 64

CONFINED = {
    "NoNewPrivileges=yes",
    "PrivateDevices=yes",
    "PrivateTmp=yes",
    "ProtectHome=yes",
    "ProtectSystem=strict",
    "RestrictSUIDSGID=yes",
}


def refuse(message: str, code: int = UNKNOWN) -> int:
    sys.stderr.write(f"{message}\n")
    return code


def text(path: Path, otherwise: str = "") -> str:
    return path.read_text(encoding="utf-8") if path.exists() else otherwise


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


# systemctl


def systemctl(arguments: list[str]) -> int:
    verb, *rest = arguments
    allowed = {"enable": {"--quiet"}, "disable": {"--quiet"}, "show": {"--property=Id,ActiveState,NRestarts"}}
    options = {each for each in rest if each.startswith("-")}
    units = [each for each in rest if not each.startswith("-")]
    if verb not in VERBS or options != allowed.get(verb, set()) or (verb == "daemon-reload") == bool(units):
        return refuse(f"systemctl: {arguments}")
    codes = [VERBS[verb](unit) for unit in units or [""]]
    return max(codes)


def daemon_reload(_: str) -> int:
    """Let systemd know the drop-ins as they are now."""
    for path in sorted(UNITS.glob("*.d/release.conf")):
        write(WORLD / "known" / path.parent.name, path.read_text(encoding="utf-8"))
    for known in (WORLD / "known").glob("*") if (WORLD / "known").exists() else ():
        if not (UNITS / known.name / "release.conf").exists():
            known.unlink()
    return 0


def start(unit: str) -> int:
    if unit == "shop-credentials@migrations.service":
        write(ROOT / "run/shop/credentials/migrations", "DATABASE_URL=postgres://stand-in\n")
        return 0
    if state(unit)[0] == "active":
        return 0
    known = text(WORLD / "known" / f"{unit.replace('.socket', '.service')}.d")
    if not known:
        # ConditionPathExists: not started, and no error.
        return 0
    if unit.endswith(".socket"):
        return put(unit, "active")
    program = next(line.split("=", 1)[1] for line in known.splitlines() if line.startswith("ExecStart=/"))
    directory = next(line.split("=", 1)[1] for line in known.splitlines() if line.startswith("WorkingDirectory="))
    if program != f"{directory}/start" or not os.access(ROOT / program[1:], os.X_OK):
        return put(unit, "failed") + refuse(f"Job for {unit} failed: {program} can't be started.", 1)
    return behave(unit, text(ROOT / program[1:]))


def behave(unit: str, program: str) -> int:
    with (WORLD / "started").open("a", encoding="utf-8") as file:
        file.write(f"{unit}\n")
    if "never ready" in program:
        put(unit, "failed")
        return refuse(f"Job for {unit} failed because a timeout was exceeded.", 1)
    if "hangs" in program:
        put(unit, "activating")
        time.sleep(60)
    write(WORLD / "dying" / unit, "1" if "dies while settling" in program else "")
    return put(unit, "active")


def stop(unit: str) -> int:
    if unit.endswith("-release-undo.timer"):
        (WORLD / "timer").unlink(missing_ok=True)
        return 0
    return put(unit, "inactive")


def restart(unit: str) -> int:
    stop(unit)
    return start(unit)


def enable(unit: str) -> int:
    write(WORLD / "enabled" / unit, "")
    return 0


def disable(unit: str) -> int:
    (WORLD / "enabled" / unit).unlink(missing_ok=True)
    return 0


def reset_failed(unit: str) -> int:
    active, restarts = state(unit)
    return put(unit, "inactive", restarts) if active == "failed" else 0


def show(unit: str) -> int:
    active, restarts = state(unit)
    sys.stdout.write(f"NRestarts={restarts}\nId={unit}\nActiveState={active}\n\n")
    # The second look finds it started anew.
    if active == "active" and text(WORLD / "dying" / unit):
        write(WORLD / "dying" / unit, "")
        put(unit, "active", restarts + 1)
    return 0


def state(unit: str) -> tuple[str, int]:
    active, restarts = text(WORLD / "units" / unit, "inactive 0").split()
    return active, int(restarts)


def put(unit: str, active: str, restarts: int = 0) -> int:
    write(WORLD / "units" / unit, f"{active} {restarts}")
    return 0


VERBS = {
    "daemon-reload": daemon_reload,
    "start": start,
    "stop": stop,
    "restart": restart,
    "enable": enable,
    "disable": disable,
    "reset-failed": reset_failed,
    "show": show,
}


# systemd-run


def systemd_run(arguments: list[str]) -> int:
    options, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    unit = next(each for each in options if each.startswith("--unit=")).removeprefix("--unit=")
    if any(each.startswith("--on-active=") for each in options):
        return set_timer(unit, options, command)
    properties = {each.removeprefix("--property=") for each in options if each.startswith("--property=")}
    settings = dict(each.split("=", 1) for each in properties)
    flags = {"--quiet", "--wait", "--pipe", "--collect", f"--unit={unit}", "--setenv=HOME=/tmp"}
    uid = [each for each in options if each.startswith("--uid=")]
    rest = {each for each in options if not each.startswith(("--property=", "--uid="))} ^ flags
    known = {"WorkingDirectory", "RuntimeMaxSec", "BindPaths", "ReadWritePaths", "PrivateNetwork", "EnvironmentFile"}
    known |= {each.split("=", 1)[0] for each in CONFINED}
    if rest or len(uid) != 1 or not properties >= CONFINED or not known >= settings.keys():
        return refuse(f"systemd-run: {arguments}")
    source, _, final = settings.get("BindPaths", "").partition(":")

    def below(path: str) -> str:
        return str(ROOT / (path.replace(final, source, 1) if final and path.startswith(final) else path)[1:])

    variables = {"PATH": os.environ["PATH"], "HOME": "/tmp", "RELEASE_AGENT_ROOT": str(ROOT)}  # noqa: S108
    secrets = text(Path(below(settings["EnvironmentFile"]))) if "EnvironmentFile" in settings else ""
    variables |= dict(line.split("=", 1) for line in secrets.splitlines())
    ran = subprocess.run(
        [below(command[0]), *command[1:]], cwd=below(settings["WorkingDirectory"]), env=variables, check=False
    )
    return ran.returncode


def set_timer(unit: str, options: list[str], command: list[str]) -> int:
    expected = {
        "--quiet",
        "--collect",
        f"--unit={unit}",
        "--description=Take back a release that nobody confirms",
        "--on-active=15s",
        "--timer-property=OnUnitInactiveSec=15s",
        "--timer-property=AccuracySec=1s",
        "--property=SuccessExitStatus=2",
    }
    if set(options) != expected or command != ["/usr/local/sbin/release-agent", "recover"]:
        return refuse(f"systemd-run: {options} {command}")
    write(WORLD / "timer", f"{unit}.timer\n")
    return 0


# aws


def aws(arguments: list[str]) -> int:
    failing = text(WORLD / "aws-fails")
    if failing:
        return refuse(failing, 1)
    if arguments[:2] != ["--region", "eu-west-1"]:
        return refuse(f"aws: {arguments}")
    return rds(arguments) if arguments[2] == "rds" else s3(arguments)


def s3(arguments: list[str]) -> int:
    if arguments[2:5] == ["s3", "cp", "--only-show-errors"] and len(arguments) == 7:
        return copy(arguments[5], Path(arguments[6]))
    return refuse(f"aws: {arguments}")


def rds(arguments: list[str]) -> int:
    if arguments[2:4] == ["rds", "describe-db-snapshots"] and arguments[6:7] == ["--query"]:
        found = text(WORLD / "snapshots" / arguments[5])
        missing = "An error occurred (DBSnapshotNotFound) when calling the DescribeDBSnapshots operation"
        sys.stdout.write(found)
        return 0 if found else refuse(missing, 254)
    if arguments[2:5] == ["rds", "create-db-snapshot", "--db-instance-identifier"] and len(arguments) == 8:
        taken = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        write(WORLD / "snapshots" / arguments[7], f'["available", "{taken}"]')
        return 0
    if arguments[2:5] == ["rds", "wait", "db-snapshot-available"] and len(arguments) == 7:
        return 0 if (WORLD / "snapshots" / arguments[6]).exists() else refuse("Waiter DBSnapshotAvailable failed", 255)
    return refuse(f"aws: {arguments}")


def copy(source: str, target: Path) -> int:
    found = ROOT / source.replace("s3://", "buckets/", 1)
    if not found.exists():
        missing = "An error occurred (404) when calling the HeadObject operation: Key does not exist"
        return refuse(f"fatal error: {missing}", 1)
    try:
        target.write_bytes(found.read_bytes())
    except OSError as error:
        return refuse(f"download failed: {source} to {target}: {error}", 1)
    return 0


def note_transaction() -> None:
    """Count how often the transaction was written, and kill the agent right after the write that the test has named."""
    now = text(ROOT / "var/lib/shop/releases/transaction.json")
    if now in {"", text(WORLD / "transaction-seen")}:
        return
    write(WORLD / "transaction-seen", now)
    count = int(text(WORLD / "transactions", "0")) + 1
    write(WORLD / "transactions", str(count))
    if text(WORLD / "kill-at") == str(count):
        os.kill(os.getppid(), signal.SIGKILL)
        sys.exit(1)


def main() -> int:
    name = Path(sys.argv[0]).name
    with (WORLD / "calls").open("a", encoding="utf-8") as file:
        file.write(" ".join([name, *sys.argv[1:]]) + "\n")
    note_transaction()
    return {"systemctl": systemctl, "systemd-run": systemd_run, "aws": aws}[name](sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
