"""The components' package is a project of its own: its wheel works with what it declares and nothing else."""

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import grpc
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pulumi.runtime.proto import provider_pb2_grpc
from pulumi.runtime.proto.plugin_pb2 import PluginAttach
from pulumi.runtime.proto.provider_pb2 import GetSchemaRequest, ProviderHandshakeRequest

from workbench.evaluate import evaluate
from zelly_components import __version__, dns_record

PROJECT = Path(__file__).parents[2] / "components"
DECLARED = {"pulumi", "pulumi-aws", "pulumi-random", "jinja2", "cryptography", "grpcio", "protobuf"}
README = PROJECT / "README.md"
TEMPLATES = "zelly_components/hosts/templates/"
"""Programs in there are what hosts run, by their own Python; nobody imports them here."""

_MODULE = "runpy.run_module('zelly_components', run_name='__main__')"


def requirements() -> list[Requirement]:
    document = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return [Requirement(text) for text in document["project"]["dependencies"]]


def source_files() -> set[str]:
    return {
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "zelly_components").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def imported_packages() -> set[str]:
    """Return the top-level packages that the components import, wherever in a file, without Python's own."""
    names: set[str] = set()
    for name in source_files():
        if not name.endswith(".py") or name.startswith(TEMPLATES):
            continue
        for node in ast.walk(ast.parse((PROJECT / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                names.add(node.module)
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"zelly_components"}


def closure() -> Iterator[metadata.Distribution]:
    """Yield the installed distributions that the declared dependencies need, themselves included."""
    waiting, seen = [requirement.name for requirement in requirements()], set[str]()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in seen:
            seen.add(name)
            distribution = metadata.distribution(name)
            yield distribution
            needed = [Requirement(text) for text in distribution.requires or []]
            waiting += [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]


def link(distribution: metadata.Distribution, site: Path) -> None:
    """Let a folder have what a distribution installed, by links: whole packages where it owns them alone."""
    files = {str(file) for file in distribution.files or [] if ".." not in file.parts}
    packages = {file.removesuffix("/__init__.py") for file in files if file.endswith("/__init__.py")}
    for file in sorted(files):
        parts = Path(file).parts
        owned = next((top for top in _ancestors(parts) if top in packages or top.endswith(".dist-info")), file)
        target = site / owned
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(Path(str(distribution.locate_file(owned))))


def _ancestors(parts: tuple[str, ...]) -> Iterator[str]:
    return ("/".join(parts[:length]) for length in range(1, len(parts)))


def run(*command: str, cwd: Path) -> str:
    completed = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stdout[-2000:] + completed.stderr[-2000:]
    return completed.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=PROJECT)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages: the wheel, as it is installed, and what it declares."""
    folder = tmp_path_factory.mktemp("site")
    uv = Path(sys.executable).with_name("uv")
    run(str(uv), "pip", "install", "--offline", "--no-deps", "--target", str(folder), str(wheel), cwd=folder)
    for distribution in closure():
        link(distribution, folder)
    return folder


def test_wheel_declares_its_dependencies_and_holds_every_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (document,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        declared = [
            Requirement(line.partition(": ")[2])
            for line in archive.read(document).decode().splitlines()
            if line.startswith("Requires-Dist: ")
        ]
    assert {requirement.name for requirement in declared} == DECLARED
    assert names == source_files()
    assert {"zelly_components/py.typed", "zelly_components/hosts/templates/cloud-config.yaml.j2"} <= names


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    # Several distributions share the namespace.
    owners = {**metadata.packages_distributions(), "google": ["protobuf"]}
    assert {canonicalize_name(owners[package][0]) for package in imported_packages()} == DECLARED


def test_what_is_installed_here_is_what_the_package_asks_for() -> None:
    installed = {requirement.name: metadata.version(requirement.name) for requirement in requirements()}
    unfit = [str(each) for each in requirements() if not each.specifier.contains(installed[each.name])]
    assert unfit == []


def test_without_cloudflares_sdk_the_version_of_its_provider_is_the_one_compared_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    known = dns_record.provider_version()
    monkeypatch.setattr(metadata, "version", missing)
    dns_record.provider_version.cache_clear()
    try:
        assert dns_record.provider_version() == known
    finally:
        dns_record.provider_version.cache_clear()


def test_alone_every_module_is_imported_and_every_example_runs_under_mocks_that_echo(site: Path) -> None:
    alone = Path(__file__).with_name("alone.py")
    # Without the packages of this environment (-S), and without what its variables say (-I).
    found: dict[str, Any] = json.loads(run(sys.executable, "-I", "-S", str(alone), str(site), cwd=site))
    assert found["failures"] == {}
    assert {"Vpc", "EcsService", "BastionWireGuard", "DnsRecord"} <= set(found["examples"])
    expected = {name for name in source_files() if name.endswith(".py") and not name.startswith(TEMPLATES)}
    assert {f"{name.replace('.', '/')}.py" for name in found["modules"]} == {
        name.replace("/__init__.py", ".py") for name in expected
    }
    assert not (site / "pulumi_cloudflare").exists()


def test_alone_the_provider_prints_a_port_serves_the_schema_and_ends_with_its_parent(site: Path) -> None:
    python = [sys.executable, "-I", "-S", "-c"]
    serve = f"import sys, runpy; sys.path.insert(0, {str(site)!r}); sys.argv[1:] = ['127.0.0.1:1']; {_MODULE}"
    # A parent that starts the provider and goes at once, or as soon as a line is typed.
    start = f"import subprocess; subprocess.Popen({[*python, serve]!r}); input()"
    with subprocess.Popen(
        [*python, start], cwd=site, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            # gRPC's generated code is untyped.
            stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Attach(PluginAttach(address="127.0.0.1:1"))
            assert stub.Handshake(ProviderHandshakeRequest(engine_address="127.0.0.1:1")).accept_outputs
            served: str = stub.GetSchema(GetSchemaRequest(version=0)).schema
        parent.stdin.close()
        # Its end is the end of what it prints: nothing but the port.
        assert parent.stdout.read() == ""
    assert json.loads(served) == json.loads((PROJECT / "schema.json").read_text(encoding="utf-8"))


def test_the_readme_s_program_and_its_test_work_alone(site: Path, tmp_path: Path) -> None:
    program, test = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    (tmp_path / "shop.py").write_text(program)
    (tmp_path / "test_shop.py").write_text(test)
    start = f"import sys, unittest; sys.path[:0] = [{str(tmp_path)!r}, {str(site)!r}]; unittest.main('test_shop')"
    completed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", start], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (completed.returncode, re.findall(r"Ran \d+ test", completed.stderr)) == (0, ["Ran 1 test"]), (
        completed.stderr[-2000:]
    )


def test_the_readme_names_the_version_that_there_is() -> None:
    named = re.findall(r"@v([\d.]+)|components-([\d.]+)-py3", README.read_text(encoding="utf-8"))
    assert len(named) >= 3
    assert {tag or wheel_s for tag, wheel_s in named} == {__version__}


def test_the_readme_s_program_makes_what_it_says() -> None:
    program, _ = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    evaluation = evaluate(lambda: exec(program, {}))  # noqa: S102 (the page's own example)
    assert evaluation.outputs == {"cache": "${shop-cache.primaryEndpointAddress}"}
    components = {resource.type for resource in evaluation.resources if not resource.custom}
    assert {"zelly-components:index:Vpc", "zelly-components:index:RedisNode"} <= components
