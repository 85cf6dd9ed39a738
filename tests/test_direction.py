"""The direction of every import: who may know whom.

Imports inside functions count too, and so do names of modules in texts, by which something could be imported unseen.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.shared.program import installed
from workbench.program import Program

ROOT = Path(__file__).parent.parent

_BASICS = frozenset(
    {
        "agents",
        "alerts",
        "backups",
        "batches",
        "costs",
        "counting",
        "edge",
        "errors",
        "files",
        "local_dev",
        "names",
        "placeholders",
        "program",
        "promotions",
        "running_hours",
        "secrets",
        "stores",
        "words",
    }
)

ALLOWED: Mapping[str, frozenset[str]] = {
    "agents": frozenset(),
    "alerts": frozenset(),
    "batches": frozenset(),
    "backups": frozenset(),
    "costs": frozenset(),
    "counting": frozenset(),
    "edge": frozenset(),
    "errors": frozenset(),
    "files": frozenset(),
    "local_dev": frozenset({"errors", "files", "words"}),
    "names": frozenset(),
    "placeholders": frozenset(),
    "program": frozenset(
        {
            "agents",
            "alerts",
            "backups",
            "costs",
            "edge",
            "local_dev",
            "names",
            "promotions",
            "running_hours",
            "secrets",
            "stores",
            "words",
        }
    ),
    "promotions": frozenset(),
    "running_hours": frozenset(),
    "secrets": frozenset(),
    "stores": frozenset(),
    "words": frozenset(),
    "composition": _BASICS | {"config", "zelly_components"},
    "config": _BASICS | {"zelly_components"},
    "evaluate": _BASICS,
    "providers": _BASICS | {"evaluate"},
    "cloudflare": _BASICS,
    "clickhouse": _BASICS,
    "notifications": _BASICS,
    "aws": _BASICS,
    "review": _BASICS | {"config", "evaluate", "providers", "zelly_components"},
    "adopt": _BASICS | {"evaluate", "providers", "review"},
    "sandbox": _BASICS | {"evaluate", "providers", "zelly_components"},
    "engine": _BASICS | {"cloudflare", "evaluate", "providers", "review", "sandbox"},
    "operations": _BASICS | {"aws", "clickhouse", "cloudflare", "config", "providers", "review", "sandbox"},
    "cli": _BASICS
    | {
        "adopt",
        "aws",
        "clickhouse",
        "cloudflare",
        "config",
        "engine",
        "evaluate",
        "notifications",
        "operations",
        "providers",
        "review",
        "sandbox",
    },
    "documentation": _BASICS | {"cli", "config", "evaluate", "providers", "review", "sandbox"},
}
"""The rooms of the workbench, and the rooms that each may import. None imports a program."""

PROGRAMS: Mapping[str, str] = {
    "zelly_infra": "zelly_infra",
    "pakashop_infra": "programs/pakashop/pakashop_infra",
    "relay_infra": "programs/relay/relay_infra",
}
"""The programs' packages, and where they stand."""
_PACKAGES = ("workbench", "zelly_components", *PROGRAMS)
_MODULE = re.compile(rf"(?:{'|'.join(_PACKAGES)})(?:\.[a-z_]+)+")


def _names(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, anywhere in it, or names in a text that is nothing else."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _MODULE.findall(node.value) if _MODULE.fullmatch(node.value.partition(":")[0]) else ()


def _room(module: str) -> str:
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] if package == "workbench" else package


def _is_ours(name: str) -> bool:
    """Tell whether a name is a module of ours; other names in texts look alike, such as groups of entry points."""
    return name.partition(".")[0] in _PACKAGES and (not name.startswith("workbench.") or _room(name) in ALLOWED)


def _arrows(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*.py")):
        for name in _names(path):
            if _is_ours(name):
                yield str(path.relative_to(ROOT)), name


def _rooms() -> list[str]:
    return sorted(path.stem for path in (ROOT / "workbench").iterdir() if path.stem[0] not in "._")


def test_every_room_has_its_row() -> None:
    assert _rooms() == sorted(ALLOWED)


@pytest.mark.parametrize("room", ALLOWED)
def test_room_imports_what_it_may(room: str) -> None:
    folder = ROOT / "workbench" / room
    paths = [folder] if folder.is_dir() else []
    found = [arrow for path in paths for arrow in _arrows(path)]
    if not folder.is_dir():
        file = folder.with_suffix(".py")
        found = [(room, name) for name in _names(file) if _is_ours(name)]
    wrong = [f"{path} names {name}" for path, name in found if _room(name) not in ALLOWED[room] | {room}]
    assert wrong == []


def test_no_row_allows_what_nobody_needs() -> None:
    needed = {
        room: {_room(name) for _, name in _arrows(ROOT / "workbench" / room)} - {room}
        for room in ALLOWED
        if (ROOT / "workbench" / room).is_dir()
    }
    assert {room: unused for room, rooms in needed.items() if (unused := ALLOWED[room] - _BASICS - rooms)} == {}


def test_workbench_names_no_program() -> None:
    # The components' package is called after the first program for good, and imports name it.
    package = re.compile("zelly[-_]components")
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / "workbench").rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if any(program in package.sub("", line.lower()) for program in installed())
    ]
    assert {*installed()} == {"zelly", "pakashop", "relay"}
    assert named == [], "\n".join(named)


def test_workbench_names_no_part_of_a_program() -> None:
    parts = {part for point in installed().values() for part in _parts(point.load())}
    word = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, parts)))})(?![\w-])")
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / "workbench").rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if word.search(line)
    ]
    assert "fastify-nova" in parts
    assert named == [], "\n".join(named)


def _parts(program: Program[Any]) -> Iterator[str]:
    """Yield the names of a program's services, and those of its containers that are made for it."""
    for service in program.services:
        yield service.name
        yield from (container.name for container in service.containers if container.repository is not None)


def test_components_import_no_other_package_of_ours() -> None:
    arrows = list(_arrows(ROOT / "components"))
    assert [arrow for arrow in arrows if not arrow[1].startswith("zelly_components")] == []
    assert arrows


@pytest.mark.parametrize("package", PROGRAMS)
def test_no_program_imports_another(package: str) -> None:
    others = {*PROGRAMS} - {package}
    arrows = list(_arrows(ROOT / PROGRAMS[package]))
    assert [arrow for arrow in arrows if arrow[1].partition(".")[0] in others] == []
    assert arrows


def test_a_name_in_a_text_is_seen() -> None:
    path = ROOT / "zelly_infra" / "program.py"
    assert "zelly_infra.commands.vpn" in set(_names(path))


_OF_A_PROGRAM = re.compile(r"(zelly-(production|staging))|(pakashop-(live|staging))|(relay-(pre)?production)")
_PACKAGES_OF_PROGRAMS = ("zelly_infra", "pakashop_infra", "relay_infra", "programs.")


def _knows_a_program(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = any(name.removeprefix("tests.").startswith(_PACKAGES_OF_PROGRAMS) for name in _names(path))
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return imports or any(_OF_A_PROGRAM.search(text) for text in texts)


def test_tests_of_the_workbench_know_no_program() -> None:
    paths = sorted((ROOT / "tests" / "workbench").rglob("*.py"))
    assert [str(path.relative_to(ROOT)) for path in paths if _knows_a_program(path)] == []
    assert _knows_a_program(ROOT / "tests" / "zelly_infra" / "evaluations.py")
