"""Where things lie on a service host, and what they are called: the agreement of all that runs there."""

NGINX_CONFIGURATION_PORT = 8444
"""The port, on the loopback address, on which nginx says which configuration it runs."""

SCRIPTS = "/usr/local/sbin"
SITE_FILE = "/etc/host/nginx/nginx.conf"


def unit_name(platform: str, service: str) -> str:
    """Return the name of a service's unit, without its kind: also its user, and its identifier in the journal."""
    return f"{platform}-{service}"


def drop_in(platform: str, service: str) -> str:
    """Return the file in which the release agent says which release a service runs.

    It holds a section ``[Service]`` with ``WorkingDirectory=``, an empty ``ExecStart=``, which takes back the unit's
    own, and ``ExecStart=`` with the program.
    """
    return f"/etc/systemd/system/{unit_name(platform, service)}.service.d/release.conf"


def credentials_unit(platform: str, service: str) -> str:
    """Return the unit that fetches a service's secrets, or those of the ``migrations``."""
    return f"{platform}-credentials@{service}.service"


def credentials_directory(platform: str) -> str:
    """Return the directory, root's alone and in memory, with a file of secrets for each service."""
    return f"/run/{platform}/credentials"


def host_file(platform: str) -> str:
    """Return the file that tells the release agent of the host."""
    return f"/etc/{platform}/host.json"


def log_stream(service: str) -> str:
    """Return the log stream of a service in the CloudWatch agent's notation: it begins with the service."""
    return f"{service}/{{instance_id}}"
