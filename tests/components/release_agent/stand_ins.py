"""What stands in for systemd and AWS below a directory: installed as ``systemctl``, ``systemd-run`` and ``aws``.

How a service behaves stands in the ``start`` of its artefact. What a stand-in does not know it refuses. It is a module
of its own, free of the tests, and imports next to nothing, not even pathlib: a deploy calls it some fifty times.
"""

import os
import sys
import time

ROOT = os.environ.get("RELEASE_AGENT_ROOT", "/nowhere")
WORLD = f"{ROOT}/world"
UNITS = f"{ROOT}/etc/systemd/system"
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


def text(path: str, otherwise: str = "") -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return otherwise


def write(path: str, content: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def remove(path: str) -> None:
    if os.path.exists(path):
        os.unlink(path)


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
    for name in os.listdir(UNITS):
        if name.endswith(".service.d"):
            content = text(f"{UNITS}/{name}/release.conf")
            write(f"{WORLD}/known/{name}", content)
    return 0


def start(unit: str) -> int:
    if unit == "shop-credentials@migrations.service":
        write(f"{ROOT}/run/shop/credentials/migrations", 'DATABASE_URL=postgres://stand-in"$\\\n')
        return 0
    if state(unit)[0] == "active":
        return 0
    known = text(f"{WORLD}/known/{unit.replace('.socket', '.service')}.d")
    if not known:
        # ConditionPathExists: not started, and no error.
        return 0
    if unit.endswith(".socket"):
        return put(unit, "active")
    program = next(line.split("=", 1)[1] for line in known.splitlines() if line.startswith("ExecStart=/"))
    directory = next(line.split("=", 1)[1] for line in known.splitlines() if line.startswith("WorkingDirectory="))
    if program != f"{directory}/start" or not os.access(ROOT + program, os.X_OK):
        return put(unit, "failed") + refuse(f"Job for {unit} failed: {program} can't be started.", 1)
    return behave(unit, text(ROOT + program))


def behave(unit: str, program: str) -> int:
    with open(f"{WORLD}/started", "a", encoding="utf-8") as file:
        file.write(f"{unit}\n")
    if "never ready" in program:
        put(unit, "failed")
        return refuse(f"Job for {unit} failed because a timeout was exceeded.", 1)
    if "hangs" in program:
        put(unit, "activating")
        time.sleep(60)
    write(f"{WORLD}/dying/{unit}", "1" if "dies while settling" in program else "")
    return put(unit, "active")


def stop(unit: str) -> int:
    if unit.endswith("-release-undo.timer"):
        remove(f"{WORLD}/timer")
        return 0
    return put(unit, "inactive")


def restart(unit: str) -> int:
    stop(unit)
    return start(unit)


def enable(unit: str) -> int:
    write(f"{WORLD}/enabled/{unit}", "")
    return 0


def disable(unit: str) -> int:
    remove(f"{WORLD}/enabled/{unit}")
    return 0


def reset_failed(unit: str) -> int:
    active, restarts = state(unit)
    return put(unit, "inactive", restarts) if active == "failed" else 0


def show(unit: str) -> int:
    active, restarts = state(unit)
    sys.stdout.write(f"NRestarts={restarts}\nId={unit}\nActiveState={active}\n\n")
    # The second look finds it started anew.
    if active == "active" and text(f"{WORLD}/dying/{unit}"):
        write(f"{WORLD}/dying/{unit}", "")
        put(unit, "active", restarts + 1)
    return 0


def state(unit: str) -> tuple[str, int]:
    active, restarts = text(f"{WORLD}/units/{unit}", "inactive 0").split()
    return active, int(restarts)


def put(unit: str, active: str, restarts: int = 0) -> int:
    write(f"{WORLD}/units/{unit}", f"{active} {restarts}")
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
    flags = {"--quiet", "--collect", "--service-type=oneshot", f"--unit={unit}", "--setenv=HOME=/tmp"}
    uid = [each for each in options if each.startswith("--uid=")]
    rest = {each for each in options if not each.startswith(("--property=", "--uid="))} ^ flags
    known = {"WorkingDirectory", "BindPaths", "ReadWritePaths", "PrivateNetwork", "EnvironmentFile"}
    known |= {"StandardOutput", "StandardError", "TimeoutStartSec"}
    known |= {each.split("=", 1)[0] for each in CONFINED}
    if rest or len(uid) != 1 or not properties >= CONFINED or not known >= settings.keys():
        return refuse(f"systemd-run: {arguments}")
    source, _, final = settings.get("BindPaths", "").partition(":")

    def below(path: str) -> str:
        return ROOT + (path.replace(final, source, 1) if final and path.startswith(final) else path)

    variables = {"PATH": os.environ["PATH"], "HOME": "/tmp", "RELEASE_AGENT_ROOT": ROOT}  # noqa: S108
    secrets = text(below(settings["EnvironmentFile"])) if "EnvironmentFile" in settings else ""
    for line in secrets.splitlines():
        name, value = line.split("=", 1)
        variables[name] = unquoted(value)
    os.chdir(below(settings["WorkingDirectory"]))
    for number, stream in ((1, "StandardOutput"), (2, "StandardError")):
        place = below(settings[stream].removeprefix("truncate:"))
        os.dup2(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    program = command[0] if command[0] == "/bin/sh" else below(command[0])
    return become([program, *command[1:]], variables)


def unquoted(value: str) -> str:
    """Return what systemd reads in double quotes."""
    if value[0] != '"' or value[-1] != '"':
        raise ValueError(value)
    import re  # noqa: PLC0415 (it would be half of what a call takes)

    return re.sub(r"\\(.)", r"\1", value[1:-1])


def become(command: list[str], variables: dict[str, str]) -> int:
    os.execve(command[0], command, variables)  # noqa: S606


def set_timer(unit: str, options: list[str], command: list[str]) -> int:
    expected = {
        "--quiet",
        "--collect",
        f"--unit={unit}",
        "--description=Take back a release that nobody confirms",
        "--on-active=15s",
        "--timer-property=OnUnitInactiveSec=15s",
        "--timer-property=AccuracySec=1s",
        "--property=SuccessExitStatus=1 2",
        "--property=StandardOutput=null",
    }
    if set(options) != expected or command != ["/usr/local/sbin/release-agent", "recover"]:
        return refuse(f"systemd-run: {options} {command}")
    write(f"{WORLD}/timer", f"{unit}.timer\n")
    return 0


# aws


def aws(arguments: list[str]) -> int:
    failing = text(f"{WORLD}/aws-fails")
    if failing:
        return refuse(failing, 1)
    if arguments[:2] != ["--region", "eu-west-1"]:
        return refuse(f"aws: {arguments}")
    return rds(arguments) if arguments[2] == "rds" else s3(arguments)


def s3(arguments: list[str]) -> int:
    if arguments[2:5] == ["s3", "cp", "--only-show-errors"] and len(arguments) == 7:
        return copy(arguments[5], arguments[6])
    return refuse(f"aws: {arguments}")


def rds(arguments: list[str]) -> int:
    if arguments[2:4] == ["rds", "describe-db-snapshots"] and arguments[6:7] == ["--query"]:
        found = text(f"{WORLD}/snapshots/{arguments[5]}")
        missing = "An error occurred (DBSnapshotNotFound) when calling the DescribeDBSnapshots operation"
        sys.stdout.write(found)
        return 0 if found else refuse(missing, 254)
    if arguments[2:5] == ["rds", "create-db-snapshot", "--db-instance-identifier"] and len(arguments) == 8:
        taken = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        write(f"{WORLD}/snapshots/{arguments[7]}", f'["available", "{taken}"]')
        return 0
    if arguments[2:5] == ["rds", "wait", "db-snapshot-available"] and len(arguments) == 7:
        return 0 if text(f"{WORLD}/snapshots/{arguments[6]}") else refuse("Waiter DBSnapshotAvailable failed", 255)
    return refuse(f"aws: {arguments}")


def copy(source: str, target: str) -> int:
    found = ROOT + source.replace("s3:/", "/buckets", 1)
    if not os.path.exists(found):
        missing = "An error occurred (404) when calling the HeadObject operation: Key does not exist"
        return refuse(f"fatal error: {missing}", 1)
    with open(found, "rb") as file, open(target, "wb") as copied:
        copied.write(file.read())
    return 0


def main() -> int:
    name = os.path.basename(sys.argv[0])
    call = " ".join([name, *sys.argv[1:]])
    if text(f"{WORLD}/kill-on") == call:
        os.kill(os.getppid(), 9)
        return 1
    with open(f"{WORLD}/calls", "a", encoding="utf-8") as file:
        file.write(f"{call}\n")
    return {"systemctl": systemctl, "systemd-run": systemd_run, "aws": aws}[name](sys.argv[1:])
