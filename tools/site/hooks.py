"""What MkDocs asks on the way: which files are pages, and where links lead that leave them.

A page is at the path that it has in the repository. A link to what is no page, such as a program's source, leads to the
repository's own view of it, and has to be there.
"""

import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# MkDocs has an environment of its own, in which this runs.
_File: Any = importlib.import_module("mkdocs.structure.files").File
ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / ".engine" / "browser_scripts"
_PAGES = ("README.md", "docs/**/*", "components/*.md", "local-dev/*.md", "programs/*/README.md", "programs/*/docs/**/*")
_LINK = re.compile(r"(?P<before>\]\(|^\[[^\]]+\]: )(?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?", flags=re.MULTILINE)
_FENCE = re.compile(r"^(?P<fence>[ \t]*```).*?^(?P=fence)[ \t]*$", flags=re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add the repository's pages and pictures, and the scripts that they need in a browser."""
    for path in _pages():
        files.append(_File.generated(config, str(path.relative_to(ROOT)), abs_src_path=str(path)))
    for name in ("mermaid", "iframe-worker"):
        scripts = sorted(SCRIPTS.glob(f"{name}-*.js"))
        if not scripts:
            raise SystemExit(f"site: {name} is not there; make browser-scripts fetches it, which needs npm")
        files.append(_File.generated(config, f"{name}.js", abs_src_path=str(scripts[-1])))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """Let links to what is no page lead to the repository.

    Raises:
        SystemExit: naming the page and a link to what is not there.
    """
    folder = (ROOT / page.file.src_uri).parent

    def followed(link: re.Match[str]) -> str:
        target = link["target"]
        if re.match(r"[a-z]+:|/", target):
            return link[0]
        path = Path(os.path.normpath(folder / target))
        if not path.exists() or not path.is_relative_to(ROOT):
            raise SystemExit(f"site: {page.file.src_uri}: links to {target}, which is not there")
        name = str(path.relative_to(ROOT))
        if files.get_file_from_path(name) is not None:
            return link[0]
        if files.get_file_from_path(f"{name}/README.md") is not None:
            return f"{link['before']}{target.rstrip('/')}/README.md{link['anchor'] or ''}"
        view = "tree" if path.is_dir() else "blob"
        return f"{link['before']}{config['extra']['repository']}/{view}/main/{name}{link['anchor'] or ''}"

    return "".join(part if is_code else _LINK.sub(followed, part) for part, is_code in _parts(markdown))


def _parts(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield the text between blocks of code, and the blocks."""
    position = 0
    for block in _FENCE.finditer(markdown):
        yield markdown[position : block.start()], False
        yield block[0], True
        position = block.end()
    yield markdown[position:], False


def _pages() -> Iterator[Path]:
    for pattern in _PAGES:
        yield from (path for path in sorted(ROOT.glob(pattern)) if path.suffix in {".md", ".svg"})
