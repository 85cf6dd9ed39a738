"""The systemd units of a service host, and the files beside them."""

import json
from collections.abc import Iterator

from zelly_components.hosts.cloud_config import HostFile, render
from zelly_components.hosts.services import paths
from zelly_components.hosts.services.args import ServicesArgs, ServiceUnitArgs, waves

_UNITS = "/etc/systemd/system"
MIGRATIONS = "migrations"
"""The name under which the migrations have a user and credentials, as services do."""


def unit_files(args: ServicesArgs) -> Iterator[HostFile]:
    """Yield the unit and the socket of each service, the target of all, and the unit that fetches secrets."""
    platform = args.platform
    for unit in args.units:
        name = f"{_UNITS}/{paths.unit_name(platform, unit.name)}"
        yield HostFile(path=f"{name}.service", content=_service(args, unit))
        if unit.takes_socket:
            yield HostFile(
                path=f"{name}.socket",
                content=render(
                    "services/service.socket.j2",
                    platform=platform,
                    unit=unit,
                    target=_target(platform),
                    drop_in=paths.drop_in(platform, unit.name),
                ),
            )
    yield HostFile(
        path=f"{_UNITS}/{_target(platform)}", content=render("services/platform.target.j2", platform=platform)
    )
    yield HostFile(
        path=f"{_UNITS}/{platform}-credentials@.service",
        content=render(
            "services/credentials@.service.j2",
            platform=platform,
            names_file=_names_file(platform),
            directory=paths.credentials_directory(platform),
        ),
    )


def target(args: ServicesArgs) -> str:
    """Return the unit of all services."""
    return _target(args.platform)


def users_file(args: ServicesArgs) -> HostFile:
    """Return the users: one for each service, one for the migrations, and nginx's."""
    names = [paths.unit_name(args.platform, unit.name) for unit in args.units]
    lines = [f'u {name} - "{name}" / /usr/sbin/nologin' for name in [*names, f"{args.platform}-{MIGRATIONS}"]]
    # Amazon Linux's package makes it too, later.
    own = ['u nginx - "nginx" / /usr/sbin/nologin'] if args.nginx is not None else []
    return HostFile(path=f"/etc/sysusers.d/{args.platform}.conf", content="\n".join([*lines, *own]) + "\n")


def directories_file(args: ServicesArgs) -> HostFile:
    """Return the directories that are there from the boot on."""
    platform = args.platform
    lines = [
        f"d /run/{platform} 0755 root root -",
        f"d {paths.credentials_directory(platform)} 0700 root root -",
        f"d /opt/{platform} 0755 root root -",
        f"d /opt/{platform}/releases 0755 root root -",
        f"d /var/lib/{platform} 0755 root root -",
        f"d /var/lib/{platform}/releases 0755 root root -",
    ]
    return HostFile(path=f"/etc/tmpfiles.d/{platform}.conf", content="\n".join(lines) + "\n")


def secret_names_file(args: ServicesArgs) -> HostFile:
    """Return the names of the secrets, and of their keys, that each service gets: no value stands in it."""
    names = {unit.name: {secret: list(keys) for secret, keys in unit.secrets.items()} for unit in args.units}
    names[MIGRATIONS] = {secret: list(keys) for secret, keys in args.release.migrations_secrets.items()}
    return HostFile(path=_names_file(args.platform), content=_json(names))


def host_file(args: ServicesArgs) -> HostFile:
    """Return what the release agent is told of the host."""
    release = args.release
    services = {
        unit.name: {
            "unit": f"{paths.unit_name(args.platform, unit.name)}.service",
            "socket": f"{paths.unit_name(args.platform, unit.name)}.socket" if unit.takes_socket else None,
            "user": paths.unit_name(args.platform, unit.name),
            "port": unit.port,
            "overlaps": unit.overlaps,
            "health_path": unit.health_path,
        }
        for unit in args.units
    }
    return HostFile(
        path=paths.host_file(args.platform),
        content=_json(
            {
                "platform": args.platform,
                "environment": args.environment,
                "region": args.region,
                "bucket": args.bucket_name,
                "waves": waves(args.units),
                "services": services,
                "migrations_user": f"{args.platform}-{MIGRATIONS}",
                "migrations_credentials": paths.credentials_unit(args.platform, MIGRATIONS),
                "migrations_environment": f"{paths.credentials_directory(args.platform)}/{MIGRATIONS}",
                "database_instance": release.database_instance,
                "snapshot_before_release": release.snapshot_before_release,
                "ready_seconds": release.ready_seconds,
                "settle_seconds": release.settle_seconds,
                "confirm_seconds": release.confirm_seconds,
                "releases_kept": release.releases_kept,
                "minimum_free_mib": release.minimum_free_mib,
            }
        ),
    )


def _service(args: ServicesArgs, unit: ServiceUnitArgs) -> str:
    platform = args.platform
    variables = {"PORT": str(unit.port), "ENVIRONMENT": args.environment, **unit.environment}
    return render(
        "services/service.service.j2",
        platform=platform,
        unit=unit,
        user=paths.unit_name(platform, unit.name),
        identifier=paths.unit_name(platform, unit.name),
        after=[f"{paths.unit_name(platform, other)}.service" for other in unit.after],
        socket=f"{paths.unit_name(platform, unit.name)}.socket",
        credentials=paths.credentials_unit(platform, unit.name),
        credentials_file=f"{paths.credentials_directory(platform)}/{unit.name}",
        target=_target(platform),
        drop_in=paths.drop_in(platform, unit.name),
        ready_seconds=args.release.ready_seconds,
        environment=[systemd_variable(name, value) for name, value in variables.items()],
    )


def systemd_variable(name: str, value: str) -> str:
    """Return a variable as ``Environment=`` of a unit reads it: quoted, without specifiers.

    Raises:
        ValueError: for a value with a line break.
    """
    if "\n" in value:
        raise ValueError(f"{name}: came a value with a line break; allowed one line")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{name}={escaped}"'


def _target(platform: str) -> str:
    return f"{platform}.target"


def _names_file(platform: str) -> str:
    return f"/etc/{platform}/credentials.json"


def _json(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"
