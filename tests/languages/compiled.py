"""The page's programs in TypeScript and Go, compiled with the SDKs that Pulumi writes from the schema."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.support.programs import require_built, unavailable
from tests.zelly_infra.stack_files import ROOT
from tools.package import typescript_program
from tools.package.schema_file import examples

PAGE = (ROOT / "components" / "README.md").read_text(encoding="utf-8")
SCHEMA = ROOT / "components" / "schema.json"
SDK_OF_TYPESCRIPT = ROOT / "tests" / "languages" / "typescript" / "node_modules"
GO_MODULE = ROOT / "tools" / "languages" / "sdk"
SDK_MODULE = "github.com/zelly/pulumi-zelly-components/sdk/go"


def block(language: str) -> str:
    """Return the page's one program in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    return found


def _run(*command: str | Path, folder: Path, **environment: str) -> None:
    ran = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, f"{ran.stdout[-3000:]}{ran.stderr[-3000:]}"


def write_sdk(language: str, folder: Path) -> None:
    """Write the SDK that Pulumi generates."""
    writer = require_built("sdk-codegen", target="languages")
    _run(writer, language, SCHEMA, folder, folder=ROOT)


def typescript(folder: Path) -> Path:
    """Compile the page's program, every example and the SDK, as strictly as there is; return the folder that runs."""
    if not (SDK_OF_TYPESCRIPT / "installed-from").exists():
        unavailable("Pulumi's SDK for TypeScript is not there (make typescript, which needs npm)")
    program = folder / "program"
    sdk = program / "node_modules" / "@zelly" / "zelly-components"
    write_sdk("nodejs", sdk)
    (program / "node_modules" / "@pulumi").symlink_to(SDK_OF_TYPESCRIPT / "@pulumi")
    (program / "node_modules" / "@types").symlink_to(SDK_OF_TYPESCRIPT / "@types")
    (program / "index.ts").write_text(block("typescript"), encoding="utf-8")
    (program / "examples.ts").write_text(_examples(), encoding="utf-8")
    (program / "package.json").write_text('{"name": "shop", "main": "index.js"}', encoding="utf-8")
    tsc = SDK_OF_TYPESCRIPT / "typescript" / "bin" / "tsc"
    _run(tsc, "--strict", "--skipLibCheck", folder=sdk)
    # As its script for the time after its installation does.
    shutil.copy(sdk / "package.json", sdk / "bin")
    options = ("--module", "commonjs", "--target", "es2020", "--types", "node")
    _run(tsc, "--strict", "--skipLibCheck", *options, "index.ts", "examples.ts", folder=program)
    return program


def _examples() -> str:
    """Return every component's example in one program, each with names of its own."""
    programs = [f"function example{name}() {{\n{languages['typescript']}}}" for name, languages in examples().items()]
    return "\n".join([typescript_program.IMPORTS, *programs, ""])


def go(folder: Path) -> Path:
    """Compile the page's program with the SDK; return the program.

    The versions are those of the writer of SDKs, so that what the build has compiled before is compiled once.
    """
    if shutil.which("go") is None:
        unavailable("there is no Go on this machine")
    program, sdk = folder / "program", folder / "sdk"
    write_sdk("go", sdk)
    program.mkdir()
    (program / "main.go").write_text(block("go"), encoding="utf-8")
    modules = (GO_MODULE / "go.mod").read_text(encoding="utf-8")
    modules = re.sub(r"^module .*", "module shop", modules)
    added = f"\nrequire {SDK_MODULE} v0.0.0\nreplace {SDK_MODULE} => {sdk}\n"
    (program / "go.mod").write_text(modules + added, encoding="utf-8")
    shutil.copy(GO_MODULE / "go.sum", program)
    # Nothing is fetched that is not there for the writer; symbols are for debuggers.
    _run(
        *("go", "build", "-mod=mod", "-ldflags", "-s -w", "-o", "shop", "."),
        folder=program,
        GOPROXY="off",
    )
    return program / "shop"


@contextmanager
def attached(language: str, runner: Path) -> Generator[str]:
    """Start a language's host; it is yielded as the engine is told where it is."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.languages.hosts", language, str(runner)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"{language}:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()
            process.wait()
