"""One more service in a copy of the catalog: what somebody types who adds one, and nothing else."""

import shutil
from pathlib import Path

from tests.zelly_infra.stack_files import ROOT

NAME = "loyalty"
OWN_SECRET = f'(*_REDIS, *_own("{NAME}", "LOYALTY_API_KEY", "JWT_SECRET"))'
_ENTRY = f'''
    _https_service(
        "{NAME}",
        purpose="Points of customers.",
        technology="Node.js",
        repository="{NAME}-service",
        load_balancer="alb-{NAME}",
        port=3100,
        stores=frozenset({{Store.REDIS}}),
        secrets=SECRETS,
        environment=_REDIS_CLIENT,
    ),
'''
_END_OF_SERVICES = '\n)\n"""In the order of the platform\'s service table."""\n'


def copy_of_packages(folder: Path, *, secrets: str = "_REDIS") -> list[Path]:
    """Copy what the program is made of into a folder, with one more entry in the catalog; return what was copied."""
    packages = [shutil.copytree(ROOT / name, folder / name) for name in ("workbench", "zelly_infra")]
    catalog = folder / "zelly_infra" / "catalog.py"
    catalog.write_text(with_new_service(catalog.read_text(), secrets=secrets))
    return packages


def with_new_service(catalog: str, *, secrets: str = "_REDIS") -> str:
    """Return the text of the catalog with one more entry."""
    before, end, after = catalog.partition(_END_OF_SERVICES)
    assert end
    return f"{before}{_ENTRY.replace('SECRETS', secrets).rstrip()}{end}{after}"
