"""The files that each machine makes for itself, as ``dev env`` and ``dev certificates`` make them."""

from datetime import UTC, datetime
from pathlib import Path

from tests.zelly_infra.stack_files import ROOT
from workbench.local_dev.model import LocalPlatform
from workbench.operations.local_dev.certificates import plan_certificates, write_certificates
from workbench.operations.local_dev.environment_files import plan_environment, write_environment, write_for_host
from workbench.operations.local_dev.variables import assignments, read_lines
from zelly_infra.local_dev.platform import local_platform


def write(platform: LocalPlatform, folder: Path) -> None:
    """Write them into the platform's folder."""
    root, now = folder.parent, datetime.now(UTC)
    write_environment(plan_environment(platform, root), root)
    write_certificates(plan_certificates(platform, root, now), root, now)


def variables_on_host(folder: Path, name: str) -> dict[str, str]:
    """Return a service's variables as they are outside of a container, with this machine's secrets."""
    path = write_for_host(local_platform(ROOT).application(name), folder)
    return {each.name: each.value for each in assignments(path.name, read_lines(path) or [])}
