"""Which module may know which, read off the source: __main__ → a program's package → zelly_components → pulumi_aws."""

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pakashop_infra.program import PROGRAM as PAKASHOP
from relay_infra.program import PROGRAM as RELAY
from workbench.cli.commands import commands_of
from workbench.program import Program
from workbench.words import Noun, Verb
from zelly_infra.program import PROGRAM as ZELLY

ROOT = Path(__file__).parent.parent
PROGRAMS: tuple[Program[Any], ...] = (ZELLY, PAKASHOP, RELAY)
FOLDERS = {"zelly": "", "pakashop": "programs/pakashop/", "relay": "programs/relay/"}
"""The folders of the programs' projects."""
PACKAGES = {program.name: f"{FOLDERS[program.name]}{program.module.partition('.')[0]}" for program in PROGRAMS}
LONGEST_FILE = 400
LONGEST_FUNCTION = 50

ENTRY_POINT = "workbench.cli.main"


def _source_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _everything() -> list[Path]:
    return [
        ROOT / "__main__.py",
        *_source_files("components", "workbench", "zelly_infra", "programs", "tools", "tests", "benchmarks"),
    ]


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[1:] if parts[0] == "components" else parts[2:] if parts[0] == "programs" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _imported(statement: ast.stmt) -> list[str]:
    """Return what an import names; ``from a import b`` may mean the module a.b or a name in a, so both."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    if isinstance(statement, ast.ImportFrom) and statement.level == 0 and statement.module is not None:
        return [statement.module, *(f"{statement.module}.{alias.name}" for alias in statement.names)]
    return []


def _is_type_checking(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _executed_on_import(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Walk through everything but the bodies of functions and what only type checkers see."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) or _is_type_checking(statement):
            continue
        inner = [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt | ast.ExceptHandler)]
        for child in inner:
            yield from _executed_on_import(child.body if isinstance(child, ast.ExceptHandler) else [child])


def _all_imports(tree: ast.Module) -> set[str]:
    return {name for node in ast.walk(tree) if isinstance(node, ast.stmt) for name in _imported(node)}


def _load_imports(tree: ast.Module) -> set[str]:
    return {name for statement in _executed_on_import(tree.body) for name in _imported(statement)}


def _within(name: str, packages: Sequence[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _loaded_with(module: str, imports: dict[str, set[str]]) -> set[str]:
    """Return every module that importing one loads: what it imports, what that imports, and the packages above."""
    loaded: set[str] = set()
    waiting = {module}
    while waiting:
        name = waiting.pop()
        loaded.add(name)
        packages = {name.rsplit(".", level)[0] for level in range(1, name.count(".") + 1)}
        waiting |= (imports.get(name, set()) | packages) - loaded
    return loaded


def _violations(paths: list[Path], forbidden: Sequence[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in sorted(_all_imports(_tree(path)))
        if _within(name, forbidden)
    ]


def _mentions_pulumi_config(tree: ast.Module) -> bool:
    return "pulumi.Config" in _all_imports(tree) or any(
        isinstance(node, ast.Attribute) and ast.unparse(node) == "pulumi.Config" for node in ast.walk(tree)
    )


def test_components_know_neither_the_platform_nor_its_tools() -> None:
    assert (
        _violations(
            _source_files("components"),
            ["workbench", "zelly_infra", "pakashop_infra", "relay_infra", "boto3", "botocore", "pydantic", "moto"],
        )
        == []
    )


def test_components_never_name_a_platform() -> None:
    paths = [path for path in (ROOT / "components").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    # The package itself is called after the first one, and so are the namespace that packages are generated in, what
    # they are called there, and the address that it is fetched from.
    generated = r"@zelly/|github\.com/zelly/pulumi-|zellycomponents"
    package = re.compile(rf'zelly[-_ ]components|namespace"?: "?zelly|github\.com/zelly-in/terraform|{generated}')
    named = [
        str(path.relative_to(ROOT))
        for path in sorted(paths)
        for text in [f"{path.name}\n{path.read_text(encoding='utf-8')}".lower()]
        if any(program.name in package.sub("", text) for program in PROGRAMS)
    ]
    assert named == []


def test_only_one_module_of_each_program_reads_the_stacks_configuration() -> None:
    paths = [*_source_files("components", "workbench", *PACKAGES.values()), ROOT / "__main__.py"]
    readers = [
        str(path.relative_to(ROOT))
        for path in paths
        # Most files are not worth parsing.
        if "Config" in path.read_text(encoding="utf-8") and _mentions_pulumi_config(_tree(path))
    ]
    shared = {
        # The look-ups answer in the provider's place, which knows its region from there.
        "workbench/evaluate/look_ups.py",
        # The secret that all programs have alike: the config itself holds none.
        "workbench/composition/alerts.py",
    }
    assert {*readers} == shared | {f"{package}/load.py" for package in PACKAGES.values()}


_EVALUATING = {
    ("plan",),
    ("review",),
    ("diagram",),
    ("drift",),
    ("adopt", "estate"),
    ("cost", "estimate"),
    ("sandbox", "up"),
}
_EVALUATING_TWINS = {("parity",)}
"""The commands that run the program, of all programs and of those with twins. All others operate what is there, and
start without Pulumi's SDK."""


def _light_modules() -> list[str]:
    """Return the modules that are loaded by what operates, and by what does not know yet whether it does."""
    paths = [
        *(ROOT / package / f"{name}.py" for package in PACKAGES.values() for name in ("config", "catalog", "names")),
        *_source_files("workbench/aws", "workbench/operations", *_folders_of_commands()),
    ]
    operating: set[str] = set()
    for program in PROGRAMS:
        commands = commands_of(program)
        verbs = {(noun,): each for noun, each in commands.items() if isinstance(each, Verb)}
        verbs |= {
            (n, v): verb for n, noun in commands.items() if isinstance(noun, Noun) for v, verb in noun.verbs.items()
        }
        assert verbs.keys() > (_EVALUATING if program.twins is None else _EVALUATING | _EVALUATING_TWINS)
        operating |= {verb.module for words, verb in verbs.items() if words not in _EVALUATING | _EVALUATING_TWINS}
    return [ENTRY_POINT, *operating, *(_module_name(path) for path in paths)]


def _folders_of_commands() -> list[str]:
    return [f"{package}/commands" for package in PACKAGES.values()]


@functools.cache
def _imports_of_modules() -> dict[str, set[str]]:
    return {
        _module_name(path): _load_imports(_tree(path))
        for path in _source_files("components", "workbench", *PACKAGES.values())
    }


@pytest.mark.parametrize("module", sorted(set(_light_modules())))
def test_light_module_loads_no_pulumi_however_indirectly(module: str) -> None:
    imports = _imports_of_modules()
    assert module in imports
    heavy = [name for name in _loaded_with(module, imports) if _within(name, ["pulumi", "pulumi_aws", "pulumi_random"])]
    assert sorted(heavy) == []


def test_commands_and_wrappers_never_import_pulumi_themselves() -> None:
    paths = _source_files("workbench/cli", "workbench/aws", "workbench/operations", *_folders_of_commands())
    assert _violations(paths, ["pulumi", "pulumi_aws", "pulumi_cloudflare", "pulumi_random", "zelly_components"]) == []


def test_commands_import_at_the_top_since_each_is_loaded_when_it_is_typed() -> None:
    inside = [
        f"{path.relative_to(ROOT)}:{statement.lineno}"
        for path in _source_files("workbench/cli", *_folders_of_commands())
        for function in ast.walk(_tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in ast.walk(function)
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_entry_point_starts_without_pulumi_and_boto3() -> None:
    program = f"import sys, {ENTRY_POINT}; print([name for name in ('pulumi', 'boto3') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr, ran.returncode) == ("[]\n", "", 0)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_main_program_only_loads_builds_and_exports(program: Program[Any]) -> None:
    tree = _tree(ROOT / FOLDERS[program.name] / "__main__.py")
    modules = {name for statement in tree.body for name in _imported(statement)[:1]}
    package = program.module.partition(".")[0]
    assert modules == {"pulumi", f"{package}.load", f"{package}.stack"}
    branches = (ast.If, ast.IfExp, ast.Match, ast.Try, ast.While, ast.BoolOp, ast.FunctionDef, ast.ClassDef)
    assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, branches)] == []
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert calls <= {"load", "build", "build(load()).items", "pulumi.export"}


def test_no_file_is_too_long_to_be_read_in_one_go() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _everything()}
    too_long = [f"{path.relative_to(ROOT)}: {lines}" for path, lines in lengths.items() if lines > LONGEST_FILE]
    assert too_long == [], "\n".join(too_long)


def test_no_function_is_too_long_to_be_seen_at_once() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1}"
        for path in _everything()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert too_long == [], "\n".join(too_long)


# The reading itself.

SAMPLE = ast.parse(
    """
import json
from a.b import c
try:
    import fast
except ImportError:
    import slow
if TYPE_CHECKING:
    import only_typed
class Box:
    import inside
def later():
    import lazy
    from pulumi import Config
"""
)


def test_imports_on_load_leave_out_functions_and_type_checking() -> None:
    assert _load_imports(SAMPLE) == {"json", "a.b", "a.b.c", "fast", "slow", "inside"}


def test_all_imports_leave_out_nothing() -> None:
    assert _all_imports(SAMPLE) - _load_imports(SAMPLE) == {"only_typed", "lazy", "pulumi", "pulumi.Config"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pulumi\npulumi.Config('x')", True),
        ("from pulumi import Config", True),
        ("import pulumi\npulumi.export('Config', 1)", False),
    ],
)
def test_a_reader_of_the_configuration_is_recognised(source: str, expected: bool) -> None:
    assert _mentions_pulumi_config(ast.parse(source)) is expected


def test_what_a_module_loads_includes_the_packages_above_it() -> None:
    imports = {"shop.cli": {"shop.core.data"}, "shop.core": {"pulumi"}, "shop.core.data": {"json"}}
    assert _loaded_with("shop.cli", imports) == {"shop", "shop.cli", "shop.core", "shop.core.data", "pulumi", "json"}
