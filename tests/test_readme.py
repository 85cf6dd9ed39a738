"""What README and the pages show is what there is."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_link_and_file_exists() -> None:
    folders = (ROOT, ROOT / "components", *sorted((ROOT / "programs").iterdir()))
    for page in (
        page for folder in folders for page in (*folder.glob("*.md"), *sorted((folder / "docs").glob("*.md")))
    ):
        links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
        assert missing == [], page.name


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets


def test_readme_is_read_in_one_sitting() -> None:
    assert len(README.splitlines()) < 250
