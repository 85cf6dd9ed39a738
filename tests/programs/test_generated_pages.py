"""The generated pages of a program's folder say what the program, its configuration and its commands say now."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs.pakashop import evaluations as pakashop
from tests.programs.relay import evaluations as relay
from tests.zelly_infra.stack_files import ROOT
from workbench.documentation.runbooks import COMMANDS

PROJECTS = {"pakashop": (pakashop.ROOT, pakashop.STACKS), "relay": (relay.ROOT, relay.STACKS)}
_ROOTS = [root for root, _ in PROJECTS.values()]
_PAGES = """
import json, sys
from workbench.documentation.pages import pages
from workbench.documentation.project import ROOT
json.dump({str(path.relative_to(ROOT)): text for path, text in pages().items()}, sys.stdout)
"""


@pytest.mark.parametrize("project", PROJECTS)
def test_pages_are_known_and_not_stale(project: str) -> None:
    root, stacks = PROJECTS[project]
    ran = subprocess.run([sys.executable, "-c", _PAGES], cwd=root, capture_output=True, text=True, check=True)
    written: dict[str, str] = json.loads(ran.stdout)
    assert sorted(written) == sorted(
        (
            "docs/architecture.md",
            *(f"docs/architecture/{stack}.svg" for stack in stacks),
            "docs/reference/cli.md",
            "docs/reference/config.md",
            "docs/runbooks.md",
        )
    )
    assert [name for name, text in written.items() if _read(root / name) != text] == [], "run make docs"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def test_each_command_of_the_runbooks_is_one_of_a_programs() -> None:
    references = [(root / "docs/reference/cli.md").read_text(encoding="utf-8") for root in (ROOT, *_ROOTS)]
    known = {words for text in references for words in re.findall(r"^#+ `\w+ ([a-z -]+)`$", text, flags=re.MULTILINE)}
    assert {words for commands in COMMANDS.values() for words in commands} - known == set()
