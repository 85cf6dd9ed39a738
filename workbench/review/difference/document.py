"""The difference of two plans as JSON, for programs: what ``plan --against … --json`` prints."""

from collections.abc import Mapping
from typing import Any, cast

from workbench.review.danger.assessment import Assessed, Assessment, reasons
from workbench.review.difference.comparison import Action, PropertyChange
from workbench.review.difference.following import Unknown
from workbench.review.difference.ignored import Ignored
from workbench.review.plan_document import Secret
from workbench.words import command

VERSION = 1
"""Of the format. It changes when a field changes its meaning or goes."""


def comparison_document(assessment: Assessment) -> dict[str, Any]:
    """Return the difference as a JSON object."""
    comparison = assessment.comparison
    return {
        "format": command("comparison"),
        "version": VERSION,
        "stack": comparison.stack,
        "region": comparison.region,
        "base": comparison.base,
        "result": assessment.exit_code.name.lower(),
        "exit_code": int(assessment.exit_code),
        "counts": {action.value: len(comparison.of(action)) for action in Action} | {"unchanged": comparison.unchanged},
        "changes": [_change(one) for one in assessment.changes],
        "dangers": [one.change.urn for one in assessment.dangers],
        "ignored": [_ignored(one) for one in comparison.ignored],
        "outputs": list(comparison.outputs),
    }


def _change(one: Assessed) -> dict[str, Any]:
    change = one.change
    return {
        "action": change.action.value,
        "urn": change.urn,
        "former_urn": change.former_urn,
        "type": change.type,
        "name": change.name,
        "components": list(change.components),
        "properties": [_property(found) for found in change.properties],
        "options": [
            {"name": option.name, "old": _plain(option.old), "new": _plain(option.new), "replaces": option.replaces}
            for option in change.options
        ],
        "reasons": reasons(change) or None,
        "order": None if change.order is None else change.order.value,
        "known": change.known,
        "harmless": one.harmless,
        "refusals": [vars(refusal) for refusal in one.refusals],
        "findings": [
            {"severity": finding.severity.value, "words": finding.words, "source": finding.source}
            for finding in one.findings
        ],
    }


def _ignored(one: Ignored) -> dict[str, Any]:
    return {
        "urn": one.resource.urn,
        "path": one.path,
        "old": _plain(one.old),
        "new": _plain(one.new),
        "follows": list(one.follows),
        "taken_over": one.taken_over,
    }


def _property(change: PropertyChange) -> dict[str, Any]:
    return {
        "path": change.path,
        "kind": change.kind.name.lower(),
        "old": _plain(change.old),
        "new": _plain(change.new),
        "replaces": change.replaces,
        "follows": list(change.follows),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return str(value) if isinstance(value, Secret | Unknown) else value
