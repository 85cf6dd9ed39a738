"""The documentation's site: complete, without dead links, whole at both widths, and without a network or a server."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from tests.browser.conftest import Browser
from tests.support.programs import unavailable
from tests.zelly_infra.stack_files import ROOT

MKDOCS = ROOT / ".engine" / "site" / "bin" / "mkdocs"
PAGES = ("index", "docs/platform/services", "docs/platform/environment", "docs/runbooks", "docs/reference/cli")


def build(project: Path, into: Path) -> subprocess.CompletedProcess[str]:
    command = [MKDOCS, "build", "--config-file", project / "tools/site/mkdocs.yml", "--site-dir", into]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        # Nobody is asked for anything: what would be fetched is refused.
        env={"PATH": os.environ["PATH"], "NO_MKDOCS_2_WARNING": "1", "https_proxy": "http://127.0.0.1:9"},
    )


@pytest.fixture(scope="module")
def site(mermaid_script: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert mermaid_script.exists()
    if not MKDOCS.exists():
        unavailable("MkDocs is not there (make site-generator)")
    folder = tmp_path_factory.mktemp("site")
    built = build(ROOT, folder)
    assert (built.returncode, [line for line in built.stderr.splitlines() if "WARNING" in line]) == (0, [])
    return folder


def test_every_page_of_the_repository_is_there(site: Path) -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "programs").glob("*/docs/**/*.md")]
    assert [str(page) for page in pages if not (site / page.relative_to(ROOT)).with_suffix(".html").exists()] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_as_wide_as_the_window_and_ask_nobody(browser: Browser, site: Path, width: int) -> None:
    for page in PAGES:
        browser.open(site / f"{page}.html", width=width)
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth"), page
        assert browser.complaints() == []
        elsewhere = [url for url in browser.requests() if not url.startswith(("data:", "blob:", site.as_uri()))]
        assert elsewhere == [], page


def test_calls_are_drawn(browser: Browser, site: Path) -> None:
    browser.open(site / "docs/platform/calls.html", width=1280)
    # The theme puts the drawing into a shadow tree of its own, beside which the text is gone.
    height = "return document.querySelector('div.mermaid')?.offsetHeight ?? 0"
    _wait(lambda: browser.run(height) > 300)


def test_search_finds_a_page_without_a_server(browser: Browser, site: Path) -> None:
    browser.open(site / "index.html", width=1280)
    browser.run("document.querySelector('.md-search__input').focus()")
    field = browser.driver.find_element(By.CSS_SELECTOR, ".md-search__input")
    field.send_keys("SHOPIFY_CATALOG_SYNC")
    found = "return [...document.querySelectorAll('.md-search-result__link')].map((link) => link.href).join(' ')"
    _wait(lambda: "docs/platform/queues.html" in browser.run(found))


def test_a_dead_link_is_named(site: Path, tmp_path: Path) -> None:
    assert site.exists()
    # The repository as it is, but for its pages.
    for entry in ROOT.iterdir():
        if entry.name not in {"docs", "tools", "site"}:
            (tmp_path / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    page = tmp_path / "docs" / "alerts.md"
    page.write_text(page.read_text() + "\n[no such heading](day.md#nowhere)\n")
    assert "'day.md#nowhere'" in build(tmp_path, tmp_path / "site").stderr
    page.write_text(page.read_text() + "\n[no such program](../zelly_infra/nothing.py)\n")
    line = "site: docs/alerts.md: links to ../zelly_infra/nothing.py, which is not there"
    assert build(tmp_path, tmp_path / "site").stderr.splitlines()[-1] == line


def _wait(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
