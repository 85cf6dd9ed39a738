"""The watch over an origin's certificates: files for the host that reads them.

Nothing renews an Origin CA certificate or the client certificate of authenticated origin pulls. The host looks every
day at what its secret holds. A certificate that is about to end fails a unit, and the alarm on failed units
(:func:`zelly_components.alarms.hosts.host_alarms`) rings as for any other: no metric of its own, no further alarm.
"""

from collections.abc import Sequence

from zelly_components.hosts.cloud_config import HostFile, render, script, unit

WARNING_DAYS = 30

TIMER = "certificate-expiry.timer"


def expiry_files(secret_name: str, *, days: int = WARNING_DAYS) -> Sequence[HostFile]:
    """Return the script, its unit and its timer. ``secret_name`` is that of an ``OriginCertificate``."""
    return (
        script("edge/certificate-expiry.sh", "/usr/local/sbin/certificate-expiry"),
        HostFile(
            path="/etc/systemd/system/certificate-expiry.service",
            content=render("edge/certificate-expiry.service.j2", secret_name=secret_name, days=days),
        ),
        unit(f"edge/{TIMER}"),
    )
