"""The difference of two plans as a part of the page."""

from workbench.review.danger.assessment import DESTRUCTIVE, Assessed, Assessment, reasons, unfolded
from workbench.review.difference.lines import shortened
from workbench.review.difference.new_components import CostOf
from workbench.review.difference.wording import HEADLINES, danger_lines, ignored_lines, lines, summary, verdict
from workbench.review.page.section import Section


def comparison_section(assessment: Assessment, cost_of: CostOf) -> Section:
    """Return the danger before what is new as a whole, and that before each other change."""
    comparison = assessment.comparison
    dangers = danger_lines(assessment)
    rows = [
        *(
            (
                HEADLINES[line.severity],
                line.change.name if line.change is not None else "",
                line.words if line.source is None else f"{line.words} [{line.source}]",
            )
            for line in dangers
        ),
        *(("ignored", line.name, f"{line.change}: {line.taken_over}") for line in ignored_lines(assessment)),
        *(
            ("added", component.name, f"{component.type}: {component.counted}, {cost_of(component.names)}")
            for component in comparison.new_components
        ),
        *(_row(one) for one in unfolded(assessment, comparison.new_components)),
        *(("another way", "output", name) for name in comparison.outputs),
    ]
    return Section(
        title="Changes",
        summary=f"Against {comparison.base}: {summary(assessment)}. {verdict(assessment)}.",
        columns=("what", "resource", "how"),
        rows=rows,
        emphasised=frozenset(number for number, line in enumerate(dangers) if line.severity in DESTRUCTIVE),
    )


def _row(one: Assessed) -> tuple[str, str, str]:
    found = shortened([*lines(one)])
    why = one.harmless or reasons(one.change)
    head = [f"{'harmless: ' if one.harmless else 'because '}{why}"] if why else []
    return one.change.action.value, f"{one.change.name} ({one.change.type})", "\n".join([*head, *found])
