"""Writes the generated documentation anew."""

import sys

from workbench.documentation.pages import pages
from workbench.documentation.project import ROOT

for path, text in pages().items():
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        sys.stderr.write(f"Wrote {path.relative_to(ROOT)}\n")
