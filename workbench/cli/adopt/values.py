"""What the stack's own files would have to say for the first update to be empty: searched for, shown and written."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.adopt.first_up.judge import Fate, FirstUp, judge_first_up
from workbench.adopt.kept import Kept, entries_as_json, ignoring, suggested, with_entries
from workbench.adopt.model import Matching
from workbench.adopt.stack_values.candidates import Difference
from workbench.adopt.stack_values.judged import differences, lost, under
from workbench.adopt.stack_values.patch import patch, values_as_json
from workbench.adopt.stack_values.settings import put
from workbench.adopt.stack_values.trials import StackValues, search
from workbench.cli.adopt.reading import Read
from workbench.cli.plan.evaluation import AnyStackFile, planned
from workbench.cli.shared.console import talk
from workbench.config.adopted import adopted_file
from workbench.config.stack_file import StackFile, parse_environment
from workbench.counting import counted
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.stack_files.editing import EditedFile
from workbench.operations.stack_files.file_changes import FileChange, read_text, write_together
from workbench.providers.changes import parsed
from workbench.review.difference.lines import value_text
from workbench.review.plan_document import PlanDocument, document


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Changes of the stack's files, and what the first update would do after them."""

    key: str
    """The structured key; empty for a program without a contract, whose values nobody knows."""
    before: Mapping[str, Any]
    values: StackValues
    entries: Sequence[Kept]
    first_up: FirstUp

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            **values_as_json(self.values),
            "adopted": entries_as_json(self.entries),
            "first_up_then": self.first_up.as_json()["counts"],
        }


def propose(found: Read, first_up: FirstUp) -> Proposal:
    """Search for the values of the stack file, by trying them, and for what has to be kept beside them."""
    run = _Trials(found, first_up)
    values = run.values()
    result = StackValues(found=(), unsaid=tuple(differences(first_up)), refused={}, evaluations=0)
    if isinstance(found.file, StackFile) and result.unsaid:
        talk(f"{counted(len(result.unsaid), 'difference')}: trying which settings of the stack file say so")
        result = search(values, result.unsaid, run, given=_given(found.file, found.matching))
    entries = suggested(run.first_up)
    then = judge_first_up(ignoring(run.matching, entries), run.plan_ignoring(entries), plain=run.plain)
    return Proposal(key=run.key, before=values, values=result, entries=entries, first_up=then)


def _given(file: StackFile[Any], matching: Matching) -> Mapping[str, Any]:
    """Return the settings that the program itself tells of its live estate."""
    live = {pair.resource.name: pair.found.properties for pair in matching.matched}
    return file.program.adopted_values(file.environment, live)


class _Trials:
    """Evaluations of the program with other values; the last one is kept."""

    def __init__(self, found: Read, first_up: FirstUp) -> None:
        self._found = found
        self.first_up, self.plan, self.plain, self.matching = first_up, found.plan, found.plain, found.matching
        self.key = found.file.program.config_key if isinstance(found.file, StackFile) else ""

    def values(self) -> Mapping[str, Any]:
        """Return what the stack file says now."""
        return json.loads(self._found.file.config[self.key]) if self.key else {}

    def __call__(self, values: Mapping[str, Any]) -> Sequence[Difference]:
        """Evaluate with other values."""
        evaluation = _evaluated(self._found.file, values, self._found.root)
        plan = document(evaluation, self._found.file.region)
        if gone := lost(self._found.matching, plan):
            raise OperatorError(f"{gone[0]} would be made no more")
        self.plan, self.plain = plan, {one.urn: one.plain_inputs for one in evaluation.resources}
        self.matching = under(self._found.matching, plan)
        self.first_up = judge_first_up(self.matching, plan, plain=self.plain)
        return differences(self.first_up)

    def plan_ignoring(self, entries: Sequence[Kept]) -> PlanDocument:
        """Return the plan of the last evaluation with entries obeyed."""
        obeying = {pair.resource.urn: pair.resource for pair in ignoring(self.matching, entries).matched}
        return PlanDocument(
            **{name: getattr(self.plan, name) for name in PlanDocument.model_fields if name != "resources"},
            resources=[obeying.get(one.urn, one) for one in self.plan.resources],
        )


def _evaluated(file: AnyStackFile, values: Mapping[str, Any], root: Path) -> Any:
    assert isinstance(file, StackFile)  # noqa: S101 (of others nothing is tried)
    text = json.dumps(values)
    environment = parse_environment(file.program, text, source=file.path.name)
    config = {**file.config, file.program.config_key: text}
    try:
        return planned(replace(file, environment=environment, config=config), root)
    except OperationFailedError as error:
        raise OperatorError(*error.lines) from None


def proposal_lines(proposal: Proposal, stack: str, *, full: bool) -> Iterator[str]:
    """Yield a proposal for people; without ``full`` what no setting says, and what is kept, is only counted."""
    if proposal.values.found:
        yield ""
        yield f"Pulumi.{stack}.yaml would say what there is already with:"
        yield ""
        yield from patch(proposal.key, proposal.before, proposal.values.found).splitlines()
    if proposal.values.unsaid:
        yield ""
        yield f"{counted(len(proposal.values.unsaid), 'difference')} that no setting of the stack file says:"
        yield from _grouped(proposal.values.unsaid) if full else ()
    for path, line in proposal.values.refused.items():
        yield f"  {'.'.join(path)}: not as in the state: {line}"
    if proposal.entries:
        yield ""
        yield f"{adopted_file(stack)} would keep what only a new resource could have otherwise:"
        if full:
            yield ""
            yield from with_entries(None, proposal.entries).splitlines()
        else:
            kept = Counter(path for entry in proposal.entries for path in entry.properties)
            yield "  " + ", ".join(f"{path} of {counted(count, 'resource')}" for path, count in kept.most_common())
    if proposal.values.found or proposal.entries:
        counts = ", ".join(f"{len(proposal.first_up.of(fate))} {fate.value}" for fate in Fate)
        yield ""
        yield f"With both, the first `pulumi up`: {counts}, {proposal.first_up.unchanged} the same."


def _grouped(unsaid: Sequence[Difference]) -> Iterator[str]:
    """Yield one line for each property of a type, with how many resources it differs in; tags are one."""
    groups: dict[tuple[str, str], dict[str, Difference]] = {}
    for one in unsaid:
        path = parsed(one.path)
        shown = "tags" if "tags" in path else one.path
        groups.setdefault((one.urn.split("::")[2].rpartition(":")[2], shown), {}).setdefault(one.urn, one)
    for (kind, path), members in groups.items():
        first = next(iter(members.values()))
        values = "" if path == "tags" else f": {value_text(first.found)} → {value_text(first.wanted)}"
        yield f"  {kind} {path}{values} ({counted(len(members), 'resource')}, such as {first.address})"


def write_proposal(proposal: Proposal, found: Read) -> list[FileChange]:
    """Write a proposal into the stack's files; return what changed.

    Raises:
        OperatorError: when a file cannot be written, or was changed meanwhile; then none is.
    """
    changes: list[FileChange] = []
    if proposal.values.found and isinstance(found.file, StackFile):
        edited = EditedFile(found.file.program, found.file.path)
        for one in proposal.values.found:
            put(edited.environment, one.path, one.value)
        edited.checked()
        changes.append(edited.change())
    if proposal.entries:
        path = found.root / adopted_file(found.file.stack)
        before = read_text(path) if path.is_file() else None
        after = with_entries(before, proposal.entries)
        changes.append(FileChange(path=path, name=path.name, before=before, after=after))
    write_together(changes)
    return changes
