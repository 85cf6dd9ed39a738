"""The report on resources that could not be made."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.counting import counted

if TYPE_CHECKING:
    from workbench.evaluate import ResourceFailure


def failure_lines(stack: str, failures: "Sequence[ResourceFailure]") -> list[str]:
    """Return a headline and a line for each failed resource. The skipped ones are counted in the headline."""
    failed = [failure for failure in failures if not failure.skipped]
    skipped = len(failures) - len(failed)
    headline = f"{stack}: {counted(len(failed), 'resource')} could not be made"
    if skipped:
        headline += f", {skipped} more not tried because of that"
    return [f"{headline}:", *(f"  {failure.type} {failure.name}: {failure.error}" for failure in failed)]
