"""Build every service once, and pack each into an artefact that runs in staging and in live."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from pakashop_infra.program import PROGRAM
from programs.pakashop.ci.building import MIGRATE, MIGRATIONS, NAMES_FILE, build_migrations, build_service
from tools.ci.actions import run
from workbench.errors import OperatorError
from workbench.operations.releases.packing import READY, pack


def main(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="The application's repository.")],
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="For the artefacts; new or empty.")],
    python: Annotated[str, typer.Option("--python", metavar="VERSION", help="The hosts' Python, e.g. 3.12.")],
) -> None:
    """Build ``services/<name>`` of each service and ``migrations``, and pack them."""
    output.mkdir(parents=True, exist_ok=True)
    if any(output.iterdir()):
        raise OperatorError(f"{output}: is not empty; what an earlier build left would be released along")
    with tempfile.TemporaryDirectory() as folder:
        for unit in PROGRAM.units:
            built = Path(folder) / unit.name
            build_service(unit, source / "services" / unit.name, built, python=python)
            _write(output / f"{unit.name}{READY}", built, program="start")
        built = Path(folder) / MIGRATIONS
        names = build_migrations(source / MIGRATIONS, built)
        _write(output / f"{MIGRATIONS}{READY}", built, program=MIGRATE)
        (output / NAMES_FILE).write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


def _write(path: Path, folder: Path, *, program: str) -> None:
    packed = pack(folder, program=program)
    path.write_bytes(packed.content)
    typer.echo(f"{path.name}: {packed.artefact.sha256[:16]}, {packed.artefact.size / (1 << 20):.1f} MiB")


if __name__ == "__main__":
    run(main)
