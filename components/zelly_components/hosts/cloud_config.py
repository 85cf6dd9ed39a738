"""The boot document of a host: a cloud-init cloud-config with files to write and commands to run, as pure functions.

Scripts and systemd units stand in ``templates/`` as files of their own, free of placeholders, so that they can be
checked and run without a host. What differs between hosts reaches them through an environment file.
"""

import base64
import gzip
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from zelly_components.alarms.host_metrics import AGENT_NAMESPACE
from zelly_components.limits.sizes import USER_DATA

_TEMPLATES = Path(__file__).parent / "templates"
_JINJA = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_TEMPLATES),
    autoescape=jinja2.select_autoescape(enabled_extensions=["xml.j2"], default=False),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, kw_only=True)
class HostFile:
    """A file that cloud-init writes on the first boot."""

    path: str
    """The absolute path on the host; directories on the way are made."""
    content: str
    """The file's text, without secrets."""
    permissions: str = "0644"
    """Its mode in octal digits. Left out, ``0644``: everybody reads, root writes."""
    is_packed: bool = False
    """Whether the document holds it compressed, where it would not fit otherwise. Left out, as it stands."""

    @property
    def packed(self) -> str:
        """Its content as cloud-init's ``gz+b64`` (cloud-init, "Write Files"); the same at every time."""
        return base64.b64encode(gzip.compress(self.content.encode(), mtime=0)).decode()


def template_text(name: str) -> str:
    """Return a file below ``templates/`` as it stands, e.g. ``host/retry.sh``."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def render(name: str, **values: object) -> str:
    """Return a Jinja template below ``templates/`` with its values filled in; a missing value is an error."""
    return _JINJA.get_template(name).render(**values)


def script(name: str, path: str, *, is_packed: bool = False) -> HostFile:
    """Return a script below ``templates/`` as an executable file of the host."""
    return HostFile(path=path, content=template_text(name), permissions="0755", is_packed=is_packed)


def unit(name: str) -> HostFile:
    """Return a systemd unit below ``templates/`` as a file of the host, under the unit's own name."""
    return HostFile(path=f"/etc/systemd/system/{Path(name).name}", content=template_text(name))


def environment_file(values: Mapping[str, str]) -> str:
    """Return variables in the form that systemd's ``EnvironmentFile=`` and a shell's ``source`` read alike.

    Raises:
        ValueError: for a value with a line break, which systemd reads as the end of the value.
    """
    for name, value in values.items():
        if "\n" in value:
            raise ValueError(f"{name}: came a value with a line break; allowed one line")
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())


def cloud_config(files: Sequence[HostFile], commands: Sequence[Sequence[str]]) -> str:
    """Return the boot document: files first, then commands, each as a list of arguments without a shell.

    Raises:
        ValueError: when the document is larger than EC2 accepts.
    """
    document = render("cloud-config.yaml.j2", files=files, commands=[list(command) for command in commands])
    USER_DATA.check("user data", document)
    return document


_LOG_FILES = {
    "/var/log/messages": "messages",
    "/var/log/secure": "secure",
    "/var/log/cloud-init-output.log": "cloud-init",
}


def host_files(
    *, environment: Mapping[str, str], log_group_name: str, mount_points: Sequence[str]
) -> tuple[HostFile, ...]:
    """Return the files that every host has: its environment, package installation, logs and metrics to CloudWatch.

    ``mount_points`` are the file systems whose use in percent is published. Without variables there is no environment
    file.
    """
    agent = render(
        "host/cloudwatch-agent.json.j2",
        log_group_name=log_group_name,
        log_files=_LOG_FILES,
        metrics_namespace=AGENT_NAMESPACE,
        mount_points=list(mount_points),
    )
    variables = [HostFile(path="/etc/host/environment", content=environment_file(environment))] if environment else []
    return (
        *variables,
        HostFile(path="/etc/host/cloudwatch-agent.json", content=agent),
        script("host/retry.sh", "/usr/local/sbin/retry"),
        script("host/host-packages.sh", "/usr/local/sbin/host-packages"),
        unit("host/host-logging.service"),
    )
