"""The generated pages of the program's folder say what the program, its configuration and its commands say now."""

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.programs.pakashop.evaluations import ROOT, STACKS

GENERATED = (
    "docs/architecture.md",
    *(f"docs/architecture/{stack}.svg" for stack in STACKS),
    "docs/reference/cli.md",
    "docs/reference/config.md",
)
_PAGES = """
import json, sys
from workbench.documentation.pages import pages
from workbench.documentation.project import ROOT
json.dump({str(path.relative_to(ROOT)): text for path, text in pages().items()}, sys.stdout)
"""


@pytest.fixture(scope="module")
def written() -> Mapping[str, str]:
    ran = subprocess.run([sys.executable, "-c", _PAGES], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def test_all_generated_pages_are_known(written: Mapping[str, str]) -> None:
    assert sorted(written) == sorted(GENERATED)


@pytest.mark.parametrize("name", GENERATED)
def test_page_is_not_stale(written: Mapping[str, str], name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == written[name], "run make docs"
