"""The root directory of a machine: Debian, told to be no more than Amazon Linux is before its user data."""

import os
import shutil
from pathlib import Path

from tests.machines import stand_ins

STATE = "machine"
"""The directory, below the root, that stand-ins and tests share."""


_HIDDEN = [
    "etc/cloud",
    "etc/systemd/system",
    "home",
    "opt",
    "root",
    "srv",
    "tmp",
    "usr/lib/systemd/system/multi-user.target.wants",
    "usr/lib/systemd/system/timers.target.wants",
    "usr/lib/systemd/system-generators",
    "usr/local",
    "var/lib/cloud",
    "var/lib/clickhouse",
    "var/lib/meilisearch",
    "var/lib/redis",
    "var/log",
]
"""Whatever this computer has in these places: the machine starts with them empty."""

_MASKED = [
    "console-getty.service",
    "dbus.service",
    "dbus.socket",
    "getty.target",
    "proc-sys-fs-binfmt_misc.automount",
    "systemd-binfmt.service",
    "systemd-firstboot.service",
    "systemd-logind.service",
    "systemd-pcrphase-sysinit.service",
    "systemd-pcrphase.service",
    "systemd-repart.service",
    "systemd-sysusers.service",
    "systemd-update-utmp.service",
    "systemd-update-utmp-runlevel.service",
]
"""What a boot here takes time for without need."""

# The modules of Amazon Linux 2023 that these documents use, in the stages that it runs them in; and no datasource but
# the one that reads a directory.
_CLOUD_CONFIG = """\
datasource_list: [NoCloud]
network: {config: disabled}
preserve_hostname: true
cloud_init_modules: [bootcmd, write-files]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts-user]
output: {all: '| tee -a /var/log/cloud-init-output.log'}
"""

# Docker's daemon and rsyslog, neither of which is on a fresh Debian.
_SERVICE = """\
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/true
[Install]
WantedBy=multi-user.target
"""

# udev, which gives a volume its link, and systemd's reading of /etc/fstab, which it leaves out in a container.
_VOLUMES_SERVICE = f"""\
[Unit]
DefaultDependencies=no
After=systemd-journald.socket
Before=local-fs.target
[Service]
Type=oneshot
ExecStart=/{STATE}/attach-volumes
ExecStart=/usr/bin/mount --all
"""

_ATTACH_VOLUMES = f"""\
#!/bin/sh
set -eu
mkdir -p /dev/disk/by-id
rm -f /dev/disk/by-id/* /dev/loop*
touch /{STATE}/volumes
while read -r link number; do
    [ -b "/dev/loop$number" ] || mknod "/dev/loop$number" b 7 "$number"
    ln -s "../../loop$number" "/dev/disk/by-id/$link"
done </{STATE}/volumes
"""


# Else a timer may fire a minute late, so that it meets another one's wake-up.
_PUNCTUAL = "[Timer]\nAccuracySec=1ms\n"

_UNITS = {
    "docker.service": _SERVICE,
    "rsyslog.service": _SERVICE,
    "volumes.service": _VOLUMES_SERVICE,
    "clickhouse-apply.timer.d/accuracy.conf": _PUNCTUAL,
    "host-apply.timer.d/accuracy.conf": _PUNCTUAL,
    "nat.timer.d/accuracy.conf": _PUNCTUAL,
    "nginx-apply.timer.d/accuracy.conf": _PUNCTUAL,
    "redis-apply.timer.d/accuracy.conf": _PUNCTUAL,
    "search-apply.timer.d/accuracy.conf": _PUNCTUAL,
    "vpn-peers.timer.d/accuracy.conf": _PUNCTUAL,
}

_WANTED = [
    ("multi-user.target", "cloud-init.target"),
    *(("cloud-init.target", f"cloud-{stage}.service") for stage in ("init-local", "init", "config", "final")),
    ("local-fs.target", "volumes.service"),
]


# Where the kernel lacks WireGuard, wg-quick starts this. In the unit's own control group it would end with the unit.
_WIREGUARD = f'#!/bin/sh\nexec systemd-run --quiet --collect --property=Type=forking /{STATE}/wireguard-go "$@"\n'


# Imported, so that Python keeps its bytecode after the first call.
_STAND_IN = f"""\
#!/usr/bin/python3 -IS
import sys
sys.path.append("/{STATE}")
import stand_ins
sys.exit(stand_ins.main())
"""

_FOLDERS = {"sysctl": "sbin"}
"""The place of a program that is not in ``/usr/bin``."""


def hidden_directories(changed: Path) -> None:
    """Make the directories of an overlay's upper layer that hide what the lower one has in their place."""
    for name in _HIDDEN:
        (changed / name).mkdir(parents=True)
        # kernel.org, "Overlay Filesystem", "whiteouts and opaque directories".
        os.setxattr(changed / name, "trusted.overlay.opaque", b"y")
    (changed / "tmp").chmod(0o1777)


def write_root(root: Path, user_data: str) -> None:
    """Write what the machine has before its first boot: cloud-init's input, the stand-ins and the units around them."""
    for name in ["usr/local/bin", "usr/local/sbin", "var/log/journal", f"{STATE}/images"]:
        (root / name).mkdir(parents=True)
    shutil.copy(root / "usr/bin/wireguard-go", root / STATE / "wireguard-go")
    programs = {
        f"{STATE}/attach-volumes": _ATTACH_VOLUMES,
        "usr/bin/wireguard-go": _WIREGUARD,
        **{f"usr/{_FOLDERS.get(name, 'bin')}/{name}": _STAND_IN for name in stand_ins.PROGRAMS},
    }
    for name, text in programs.items():
        _write(root / name, text).chmod(0o755)
    files = {
        f"{STATE}/stand_ins.py": Path(stand_ins.__file__).read_text(encoding="utf-8"),
        "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
        "etc/fstab": "",
        "etc/cloud/cloud.cfg": _CLOUD_CONFIG,
        "var/lib/cloud/seed/nocloud/meta-data": "instance-id: i-0123456789abcdef0\n",
        "var/lib/cloud/seed/nocloud/user-data": user_data,
        **{f"usr/lib/systemd/system/{name}": text for name, text in _UNITS.items()},
    }
    for name, text in files.items():
        _write(root / name, text)
    for name in _MASKED:
        (root / "etc/systemd/system" / name).symlink_to("/dev/null")
    for target, unit in _WANTED:
        wants = root / f"usr/lib/systemd/system/{target}.wants"
        wants.mkdir(exist_ok=True)
        (wants / unit).symlink_to(f"../{unit}")


def _write(path: Path, text: str) -> Path:
    """Write a file anew, also where Debian has a link to another one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
