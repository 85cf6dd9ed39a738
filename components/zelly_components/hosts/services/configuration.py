"""The configuration of a service host, which it fetches, and the boot document, which only brings it so far."""

import json
from collections.abc import Mapping, Sequence

from zelly_components.alarms.host_metrics import ROOT_MOUNT_POINTS
from zelly_components.hosts.cloud_config import HostFile, cloud_config, host_files, render, script, template_text, unit
from zelly_components.hosts.configuration_object import Configuration, named_by_its_hash
from zelly_components.hosts.services import args as arguments
from zelly_components.hosts.services import paths, units
from zelly_components.hosts.services.args import NginxArgs, ServicesArgs

MOUNT_POINTS = ROOT_MOUNT_POINTS
"""By a short name, the file systems whose use is published."""

OWN_PACKAGES = ("jq", "logrotate")
_NGINX_DIRECTORY = "/run/{platform}/nginx"


def configuration(args: ServicesArgs, *, files: Sequence[HostFile] = (), timers: Sequence[str] = ()) -> Configuration:
    """Return the configuration: the host's own files, those of others, packages, and the units that are enabled.

    ``files`` and ``timers`` are what other parts of the platform put onto the host.

    Raises:
        ValueError: when no host could run the services, or two parts write the same file.
    """
    arguments.check(args)
    every = [*_own_files(args), *files]
    by_path = {file.path: {"content": file.content, "mode": file.permissions} for file in every}
    if len(by_path) < len(every):
        twice = sorted(path for path in by_path if [file.path for file in every].count(path) > 1)
        raise ValueError(f"files: came {twice[0]} twice; allowed once")
    document = {
        "files": by_path,
        "downloads": dict(args.downloads),
        "packages": [*OWN_PACKAGES, *([] if args.nginx is None else ["nginx"]), *args.packages],
        "units": [units.target(args), *([] if args.nginx is None else ["nginx-apply.timer"]), *timers],
    }
    return named_by_its_hash(document)


def user_data(*, region: str, configuration_parameter_name: str, bucket_name: str, log_group_name: str) -> str:
    """Return the host's cloud-config: what fetches the configuration, and nothing of it.

    Raises:
        ValueError: when the document is larger than EC2 accepts.
    """
    shared = host_files(
        environment={
            "AWS_REGION": region,
            "CONFIGURATION_PARAMETER": configuration_parameter_name,
            "RELEASE_BUCKET": bucket_name,
        },
        log_group_name=log_group_name,
        mount_points=list(MOUNT_POINTS.values()),
    )
    return cloud_config(
        [*shared, *_apply_files()],
        [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "host-apply.timer"]],
    )


def _apply_files() -> tuple[HostFile, ...]:
    return (
        script("services/host_apply.py", f"{paths.SCRIPTS}/host-apply"),
        unit("services/host-apply.service"),
        unit("services/host-apply.timer"),
    )


def _own_files(args: ServicesArgs) -> list[HostFile]:
    return [
        # As in the boot document, so that a mistake in it can be mended on a running host.
        *map(_trimmed, _apply_files()),
        *units.unit_files(args),
        units.users_file(args),
        units.directories_file(args),
        units.secret_names_file(args),
        units.host_file(args),
        *_log_files(args),
        script("services/service-credentials.sh", f"{paths.SCRIPTS}/service-credentials"),
        script("services/service-ready.sh", f"{paths.SCRIPTS}/service-ready"),
        *([] if args.nginx is None else _nginx_files(args, args.nginx)),
    ]


def _trimmed(file: HostFile) -> HostFile:
    # As cloud-init has written it: or the first run would change what it has just read.
    return HostFile(path=file.path, content=file.content.strip() + "\n", permissions=file.permissions)


def _log_files(args: ServicesArgs) -> list[HostFile]:
    directory = f"/var/log/{args.platform}"
    streams = {
        f"{directory}/{paths.unit_name(args.platform, unit.name)}.log": paths.log_stream(unit.name)
        for unit in args.units
    }
    nginx = {} if args.nginx is None else {f"{directory}/nginx.log": paths.log_stream("nginx")}
    agent = agent_configuration(args.log_group_name, {args.services_log_group_name: {**streams, **nginx}})
    return [
        HostFile(path="/etc/host/cloudwatch-agent.json", content=agent),
        HostFile(
            path=f"/etc/rsyslog.d/10-{args.platform}.conf",
            content=render("services/rsyslog.conf.j2", platform=args.platform, log_directory=directory),
        ),
        HostFile(
            path=f"/etc/logrotate.d/{args.platform}",
            content=render("services/logrotate.j2", log_directory=directory),
        ),
    ]


def agent_configuration(log_group_name: str, others: Mapping[str, Mapping[str, str]]) -> str:
    """Return the CloudWatch agent's configuration of every host, with the files of other log groups.

    ``others`` are log groups, each with its streams by file.
    """
    (own,) = [
        file
        for file in host_files(environment={}, log_group_name=log_group_name, mount_points=list(MOUNT_POINTS.values()))
        if file.path == "/etc/host/cloudwatch-agent.json"
    ]
    document = json.loads(own.content)
    document["logs"]["logs_collected"]["files"]["collect_list"] += [
        {"file_path": path, "log_group_name": group, "log_stream_name": stream}
        for group, streams in others.items()
        for path, stream in streams.items()
    ]
    return json.dumps(document, indent=2) + "\n"


def _nginx_files(args: ServicesArgs, nginx: NginxArgs) -> list[HostFile]:
    directory = _NGINX_DIRECTORY.format(platform=args.platform)
    (port,) = [unit.port for unit in args.units if unit.name == nginx.upstream]
    site = render(
        "services/nginx.conf.j2",
        upstream_port=port,
        trusted_proxies=nginx.trusted_proxies,
        maximum_body_mib=nginx.maximum_body_mib,
        configuration_port=paths.NGINX_CONFIGURATION_PORT,
    )
    apply = render(
        "services/nginx-apply.service.j2",
        site_file=paths.SITE_FILE,
        secret_name=nginx.secret_name,
        directory=directory,
        port=paths.NGINX_CONFIGURATION_PORT,
    )
    drop_in = render("services/nginx.service.d.conf.j2", directory=directory)
    return [
        HostFile(path=paths.SITE_FILE, content=site),
        HostFile(path="/etc/systemd/system/nginx-apply.service", content=apply),
        HostFile(path="/etc/systemd/system/nginx-apply.timer", content=template_text("services/nginx-apply.timer")),
        HostFile(path="/etc/systemd/system/nginx.service.d/host.conf", content=drop_in),
        script("services/nginx-apply.sh", f"{paths.SCRIPTS}/nginx-apply"),
    ]
