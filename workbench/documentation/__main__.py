"""Writes the generated documentation anew."""

import sys

from workbench.documentation.pages import DOCS, pages

for path, text in pages().items():
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        sys.stderr.write(f"Wrote docs/{path.relative_to(DOCS)}\n")
