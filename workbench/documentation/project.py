"""The project whose pages are written: that of the folder in which the command runs."""

from workbench.cli.shared.program import project_root

ROOT = project_root()
DOCS = ROOT / "docs"
