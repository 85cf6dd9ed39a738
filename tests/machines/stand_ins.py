"""What stands in for AWS, for Amazon Linux's packages and for Docker inside a machine: installed under each one's name.

Every call is recorded. What a stand-in does not know it refuses, as the program itself would refuse a wrong argument.
It is a module of its own, free of the tests, and imports what few calls need only for them: a boot makes a dozen.
"""

import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

STATE = Path("/machine")
INSTALLABLE = {
    "amazon-cloudwatch-agent",
    "docker",
    "jq",
    "logrotate",
    "nftables",
    "nginx",
    "nodejs20",
    "openssl",
    "postgresql16",
    "postgresql16-contrib",
    "postgresql16-server",
    "python3.12",
    "rsyslog",
    "valkey",
    "wireguard-tools",
    "xfsprogs",
}
"""The packages of Amazon Linux 2023 that the hosts name."""

CLICKHOUSE_ETC = Path("/etc/clickhouse-server")

# Debian's ClickHouse is of 2018, when the root element of a configuration still had another name.
_CLICKHOUSE_IMAGE = rf"""
set -eu
copy=$(mktemp --directory)
cp --recursive {CLICKHOUSE_ETC}/. "$copy"
chmod 0755 "$copy"
sed --in-place 's#<\(/\?\)yandex>#<\1clickhouse>#' "$copy"/*.xml
mount --bind "$copy" {CLICKHOUSE_ETC}
"""


@contextmanager
def alone(lock: Path = STATE / "lock") -> Generator[None]:
    """Wait until nobody else holds the lock on a file: units run side by side, and tests beside them.

    The default keeps what stand-ins and their test share.
    """
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def aws(arguments: list[str]) -> int:
    """Answer what the test has said, in the form of ``--output text``; copy an object that the test has put."""
    if arguments[:1] == ["--region"]:
        arguments = arguments[2:]
    if arguments[:2] == ["s3", "cp"]:
        return _copy_object(arguments[2:])
    import argparse  # noqa: PLC0415

    parser = argparse.ArgumentParser(allow_abbrev=False)
    operations = parser.add_subparsers(dest="service", required=True)
    for service, operation, identifier, query in [
        ("ssm", "get-parameter", "--name", "Parameter.Value"),
        ("secretsmanager", "get-secret-value", "--secret-id", "SecretString"),
    ]:
        command = operations.add_parser(service).add_subparsers(dest="operation", required=True)
        options = command.add_parser(operation, allow_abbrev=False)
        options.add_argument(identifier, dest="identifier", required=True)
        options.add_argument("--query", choices=[query], required=True)
        options.add_argument("--output", choices=["text"], required=True)
    metrics = operations.add_parser("cloudwatch").add_subparsers(dest="operation", required=True)
    options = metrics.add_parser("put-metric-data", allow_abbrev=False)
    options.add_argument("--namespace", required=True)
    options.add_argument("--metric-data", type=json.loads, required=True)
    asked = parser.parse_args(arguments)
    if asked.service == "cloudwatch":
        return 0
    request = f"{asked.service} {asked.operation} {asked.identifier}"
    with alone():
        answers = json.loads((STATE / "aws.json").read_text())
        if request not in answers:
            return refuse(f"An error occurred (ResourceNotFoundException) when calling {request}", 254)
        refused = answers[request]["refusals"] > 0
        if refused:
            answers[request]["refusals"] -= 1
            (STATE / "aws.json").write_text(json.dumps(answers))
    if refused:
        return refuse("An error occurred (InternalServiceError): try again", 254)
    sys.stdout.write(answers[request]["text"] + "\n")
    return 0


def _copy_object(arguments: list[str]) -> int:
    if arguments[:1] != ["--only-show-errors"] or len(arguments) not in {3, 5}:
        return refuse(f"s3 cp: {arguments}", 252)
    *checked, source, target = arguments[1:]
    if target.startswith("s3://"):
        if checked != ["--checksum-algorithm", "SHA256"]:
            return refuse("upload failed: Content-MD5 OR x-amz-checksum- HTTP header is required", 1)
        put = STATE / "s3" / target.removeprefix("s3://")
        put.parent.mkdir(parents=True, exist_ok=True)
        put.write_bytes(Path(source).read_bytes())
        return 0
    found = STATE / "s3" / source.removeprefix("s3://")
    if not found.is_file():
        return refuse("fatal error: An error occurred (404) when calling the HeadObject operation: Not Found", 1)
    try:
        Path(target).write_bytes(found.read_bytes())
    except OSError as error:
        return refuse(f"download failed: {source} to {target} {error}", 1)
    return 0


def rpm(arguments: list[str]) -> int:
    """Tell whether all packages are installed."""
    if arguments[:2] != ["--query", "--quiet"]:
        return refuse(f"rpm: {arguments}", 2)
    with alone():
        return len(set(arguments[2:]) - _installed())


def dnf(arguments: list[str]) -> int:
    """Install packages, of those that there are."""
    if arguments[:3] != ["--assumeyes", "--quiet", "install"]:
        return refuse(f"dnf: {arguments}", 2)
    if unknown := set(arguments[3:]) - INSTALLABLE:
        return refuse(f"No match for argument: {unknown}", 1)
    with alone():
        (STATE / "packages").write_text("\n".join(sorted(_installed() | set(arguments[3:]))))
    if "valkey" in arguments[3:]:
        _install_valkey()
    return 0


def _install_valkey() -> None:
    """Give Debian's Redis 7.0 the names and the user of Amazon Linux's package, of which it is the forerunner."""
    for program in ("server", "cli"):
        Path(f"/usr/bin/valkey-{program}").symlink_to(f"redis-{program}")
    _run(["useradd", "--system", "--no-create-home", "--user-group", "valkey"], check=True)


def _installed() -> set[str]:
    packages = STATE / "packages"
    return set(packages.read_text().split()) if packages.exists() else set()


def cloudwatch_agent(arguments: list[str]) -> int:
    """Read the agent's configuration."""
    if arguments[:-1] != ["-a", "fetch-config", "-m", "ec2", "-s", "-c"]:
        return refuse(f"amazon-cloudwatch-agent-ctl: {arguments}", 2)
    json.loads(Path(arguments[-1].removeprefix("file:")).read_text())
    return 0


def sysctl(arguments: list[str]) -> int:
    """Set what is of the machine's own network; read other settings, which all machines share, and leave them."""
    match arguments:
        case ["--quiet", "--write", setting] if setting.startswith("net."):
            name, _, value = setting.partition("=")
            Path("/proc/sys", *name.split(".")).write_text(value)
            return 0
        case ["--quiet", option] if option.startswith("--load=/"):
            lines = Path(option.removeprefix("--load=")).read_text().splitlines()
            settings = [line for line in lines if line and not line.startswith("#")]
            return 0 if all(" = " in line for line in settings) else refuse(f"sysctl: {settings}", 1)
        case _:
            return refuse(f"sysctl: {arguments}", 2)


def sleep(arguments: list[str]) -> int:
    """Sleep no longer than it takes to look around."""
    counter = STATE / "sleeps"
    with alone():
        number = int(counter.read_text()) + 1 if counter.exists() else 1
        counter.write_text(str(number))
    if (STATE / "on-sleep").exists():
        _run([str(STATE / "on-sleep"), str(number)], check=True)
    time.sleep(0.01 if float(arguments[0]) else 0)
    return 0


def docker(arguments: list[str]) -> int:
    """Keep images by name; run ClickHouse's, which is Debian's own ClickHouse in a mount namespace."""
    images = STATE / "images"
    match arguments:
        case ["image", "inspect", image]:
            return 0 if (images / _file_name(image)).exists() else refuse(f"No such image: {image}", 1)
        case ["pull", "--quiet", image]:
            (images / _file_name(image)).touch()
            return 0
        case ["rm", "--force", "clickhouse"] | ["stop", "clickhouse"]:
            return _run(["pkill", "clickhouse-serv"])
        case ["run", *options]:
            return _docker_run(options)
        case _:
            return refuse(f"docker: {arguments}", 125)


def _docker_run(arguments: list[str]) -> int:
    import argparse  # noqa: PLC0415

    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--rm", action="store_true", required=True)
    for option in ["--name", "--attach", "--user", "--security-opt", "--ulimit", "--stop-timeout", "--log-driver"]:
        parser.add_argument(option, required=True)
    for option in ["--publish", "--volume", "--env", "--log-opt"]:
        parser.add_argument(option, action="append", required=True)
    parser.add_argument("image")
    asked = parser.parse_args(arguments)
    if not (STATE / "images" / _file_name(asked.image)).exists():
        return refuse(f"Unable to find image {asked.image}", 125)
    mounts = ""
    for volume in asked.volume:
        source, target, *mode = volume.split(":")
        if not Path(source).is_dir():
            # Docker makes the directory, empty and root's; here nothing may depend on that.
            return refuse(f"{source} is no directory", 125)
        mounts += f"mkdir -p {target}; mount --bind {source} {target}; "
        mounts += f"mount -o remount,bind,ro {target}; " if mode == ["ro"] else ""
    user, group = asked.user.split(":")
    server = f"/usr/sbin/clickhouse-server --config-file={CLICKHOUSE_ETC}/config.xml"
    drop = f"setpriv --reuid {user} --regid {group} --clear-groups --no-new-privs"
    script = f"{_CLICKHOUSE_IMAGE} {mounts} exec {drop} {server}"
    return _run(["unshare", "--mount", "sh", "-c", script])


def _run(command: list[str], *, check: bool = False) -> int:
    import subprocess  # noqa: PLC0415

    return subprocess.run(command, check=check).returncode


def _file_name(image: str) -> str:
    return image.replace("/", "_")


def refuse(message: str, status: int) -> int:
    sys.stderr.write(f"{message}\n")
    return status


PROGRAMS: dict[str, Callable[[list[str]], int]] = {
    "amazon-cloudwatch-agent-ctl": cloudwatch_agent,
    "aws": aws,
    "dnf": dnf,
    "docker": docker,
    "rpm": rpm,
    "sleep": sleep,
    "sysctl": sysctl,
}


def main() -> int:
    """Record the call and do what the name stands for."""
    name = Path(sys.argv[0]).name
    call = {"command": " ".join([name, *sys.argv[1:]]), "region": os.environ.get("AWS_REGION")}
    with alone(), (STATE / "calls").open("a") as record:
        record.write(json.dumps(call) + "\n")
    return PROGRAMS[name](sys.argv[1:])
