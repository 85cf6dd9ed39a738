"""What the embedded AWS does not do, read off the resource table: the lists between the markers in docs/sandbox.md."""

from workbench.documentation.project import DOCS
from workbench.providers.replacement import rules
from workbench.sandbox.services import READS, RESOURCES
from workbench.words import named

DOCUMENT = DOCS / "sandbox.md"
BEGIN = "<!-- from the resource table; written by make docs -->"
END = "<!-- end of what is written from the resource table -->"


def not_emulated() -> list[str]:
    """Return what an operator would miss, as Markdown list items by resource type."""
    return [
        f"- `{_short(token)}`: {sentence}"
        for token, row in sorted(RESOURCES.items(), key=lambda item: _short(item[0]))
        for sentence in row.not_emulated
    ]


def dropped() -> list[str]:
    """Return the inputs that go nowhere and why, as Markdown list items by resource type."""
    return [
        f"- `{_short(token)}.{path}`: {reason}"
        for token, row in sorted(RESOURCES.items(), key=lambda item: _short(item[0]))
        for path, reason in sorted(row.dropped.items())
    ]


def deleted_with() -> list[str]:
    """Return the types that nothing deletes, and what they go with, as Markdown list items."""
    return [
        f"- `{_short(token)}`: {row.deleted_with}"
        for token, row in sorted(RESOURCES.items(), key=lambda item: _short(item[0]))
        if row.delete is None
    ]


def imported_by() -> list[str]:
    """Return the types whose import id is not the provider's own id, and its form, as Markdown list items."""
    return [
        f"- `{_short(token)}`: `{row.import_id.replace('...', '')}`"
        for token, row in sorted(RESOURCES.items(), key=lambda item: _short(item[0]))
        if row.import_id is not None and row.import_id != "{id}"
    ]


def unread() -> list[str]:
    """Return the types, and the properties of the others, that are never read again, as Markdown list items."""
    types = {
        _short(token): "cannot be imported" if row.import_id is None else "found by what was noted when it was made"
        for token, row in RESOURCES.items()
        if token not in READS
    }
    properties = {
        f"{_short(token)}.{name}": "stays as it was made" for token, read in READS.items() for name in read.unread
    }
    return [f"- `{name}`: {what}" for name, what in [*sorted(types.items()), *sorted(properties.items())]]


def of_unknown_replacement() -> list[str]:
    """Return the types whose replacements nobody has read in the provider's source, as a Markdown list, if any."""
    unknown = [f"- `{name}`" for name in sorted(_short(token) for token in RESOURCES if token not in rules())]
    heading = "Types of which it is not known what replaces them: every change that the table cannot carry out does."
    return [heading, "", *unknown, ""] if unknown else []


def render() -> str:
    """Return the lists as they stand in the document, markers included."""
    text = "\n".join(
        [
            BEGIN,
            "",
            *not_emulated(),
            "",
            "Inputs that are recorded and go nowhere:",
            "",
            *dropped(),
            "",
            "Resources that are not deleted by themselves, and what they go with:",
            "",
            *deleted_with(),
            "",
            "Types that are imported by another id than the provider's own:",
            "",
            *imported_by(),
            "",
            "What is not read in the embedded AWS, so that a change of it by hand is not seen:",
            "",
            *unread(),
            "",
            *of_unknown_replacement(),
            END,
        ]
    )
    return named(text)


def written_into(document: str) -> str:
    """Return the document with the lists between its markers replaced.

    Raises:
        ValueError: when a marker is missing.
    """
    if BEGIN not in document or END not in document:
        raise ValueError(f"docs/sandbox.md: needs the two marker lines {BEGIN} and {END}")
    before, _, rest = document.partition(BEGIN)
    return before + render() + rest.partition(END)[2]


def _short(token: str) -> str:
    """Return ``ec2.Vpc`` for ``aws:ec2/vpc:Vpc``, and ``cloudflare.DnsRecord`` for a type of another provider."""
    package, module, name = token.split(":")
    return f"{module.split('/')[0] if package == 'aws' else package}.{name}"
