"""Every generated page with its text."""

from pathlib import Path

from workbench.cli.shared.program import current_program
from workbench.documentation import (
    architecture,
    cli_reference,
    config_reference,
    permissions,
    reviewed_change,
    rules,
    runbooks,
)
from workbench.documentation import sandbox_limits as limits
from workbench.documentation.project import DOCS, ROOT

_WRITTEN_INTO = (permissions, reviewed_change, rules, limits)
"""Those that have more than their generated part. A project that does not have the page needs none."""


def pages() -> dict[Path, str]:
    """Return the text of each page, by its path. What a page has beside its generated part is read from it."""
    return {
        **{DOCS / name: text for name, text in architecture.files().items()},
        DOCS / "runbooks.md": runbooks.page(),
        DOCS / "reference" / "cli.md": cli_reference.page(),
        DOCS / "reference" / "config.md": config_reference.page(),
        **{DOCS / name: text for name, text in current_program().pages(ROOT).items()},
        **{
            page.DOCUMENT: page.written_into(page.DOCUMENT.read_text(encoding="utf-8"))
            for page in _WRITTEN_INTO
            if page.DOCUMENT.exists()
        },
    }
