"""Every generated page with its text."""

from pathlib import Path

from workbench.documentation import architecture, cli_reference, config_reference, permissions, reviewed_change, rules
from workbench.documentation import sandbox_limits as limits

DOCS = Path(__file__).parents[2] / "docs"


def pages() -> dict[Path, str]:
    """Return the text of each page, by its path. What a page has beside its generated part is read from it."""
    return {
        **{DOCS / name: text for name, text in architecture.files().items()},
        DOCS / "reference" / "cli.md": cli_reference.page(),
        DOCS / "reference" / "config.md": config_reference.page(),
        permissions.DOCUMENT: permissions.written_into(permissions.DOCUMENT.read_text(encoding="utf-8")),
        reviewed_change.DOCUMENT: reviewed_change.written_into(reviewed_change.DOCUMENT.read_text(encoding="utf-8")),
        rules.DOCUMENT: rules.written_into(rules.DOCUMENT.read_text(encoding="utf-8")),
        limits.DOCUMENT: limits.written_into(limits.DOCUMENT.read_text(encoding="utf-8")),
    }
