"""The root directory of a machine: Debian, told to be no more than Amazon Linux is before its user data."""

import os
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

_SERVICE = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/true\n[Install]\nWantedBy=multi-user.target\n"

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


_WANTED = {
    "multi-user.target": ["cloud-init.target"],
    "cloud-init.target": [f"cloud-{stage}.service" for stage in ("init-local", "init", "config", "final")],
    "local-fs.target": ["volumes.service"],
}


def hidden_directories(changed: Path) -> None:
    """Make the directories of an overlay's upper layer that hide what the lower one has in their place."""
    for name in _HIDDEN:
        (changed / name).mkdir(parents=True)
        # kernel.org, "Overlay Filesystem", "whiteouts and opaque directories".
        os.setxattr(changed / name, "trusted.overlay.opaque", b"y")
    (changed / "tmp").chmod(0o1777)


def write_root(root: Path, user_data: str) -> None:
    """Write what the machine has before its first boot: cloud-init's input, the stand-ins and the units around them."""
    for name in _MASKED:
        (root / "etc/systemd/system" / name).symlink_to("/dev/null")
    for name in ["usr/local/bin", "usr/local/sbin", "var/log/journal", f"{STATE}/images"]:
        (root / name).mkdir(parents=True)
    files = {
        "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
        "etc/fstab": "",
        "etc/cloud/cloud.cfg": _CLOUD_CONFIG,
        "var/lib/cloud/seed/nocloud/meta-data": "instance-id: i-0123456789abcdef0\n",
        "var/lib/cloud/seed/nocloud/user-data": user_data,
        "usr/lib/systemd/system/docker.service": _SERVICE,
        "usr/lib/systemd/system/rsyslog.service": _SERVICE,
        "usr/lib/systemd/system/volumes.service": _VOLUMES_SERVICE,
        f"{STATE}/attach-volumes": _ATTACH_VOLUMES,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / STATE / "attach-volumes").chmod(0o755)
    for timer in ("clickhouse-apply.timer", "vpn-peers.timer"):
        drop_in = root / f"usr/lib/systemd/system/{timer}.d/accuracy.conf"
        drop_in.parent.mkdir()
        # Else a timer may fire a minute late, so that it meets another one's wake-up.
        drop_in.write_text("[Timer]\nAccuracySec=1ms\n", encoding="utf-8")
    for target, units in _WANTED.items():
        wants = root / f"usr/lib/systemd/system/{target}.wants"
        wants.mkdir(exist_ok=True)
        for unit in units:
            (wants / unit).symlink_to(f"../{unit}")
    for name in stand_ins.PROGRAMS:
        path = root / "usr/bin" / name
        path.unlink(missing_ok=True)
        path.write_bytes(Path(stand_ins.__file__).read_bytes())
        path.chmod(0o755)
