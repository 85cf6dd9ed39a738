"""``sandbox up --endpoint``: stacks in another emulator of AWS on this machine."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError

from workbench.cli.plan.evaluation import AnyStackFile, evaluate_project, planned
from workbench.cli.sandbox.bring_up import interruptible, make_prerequisites, owns_shared_resources
from workbench.cli.sandbox.running import one_maker
from workbench.cli.shared.console import output_lines, print_json, talk
from workbench.cli.shared.errors import failure_lines
from workbench.cli.shared.progress import progress
from workbench.counting import counted
from workbench.errors import OperationFailedError, OperatorError
from workbench.evaluate import Evaluation, EvaluationError, RecordedResource
from workbench.review.tree import count_by_type, is_made
from workbench.sandbox.emulator import Emulator, Refusal, Refusals
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.stored import default_tags

INCOMPLETE = 3
"""The exit code when the emulator could not make all of it."""


@dataclass(frozen=True, kw_only=True)
class _Made:
    """One stack in an emulator."""

    file: AnyStackFile
    evaluation: Evaluation
    refusals: Refusals
    total: int

    @property
    def count(self) -> int:
        """The number of resources that are there."""
        return self.total - len(self.refusals.missing)


def bring_up_at(url: str, files: Sequence[AnyStackFile], root: Path, *, json: bool) -> None:
    """Make stacks in the emulator at an address, as far as it can, and tell what it lacks.

    Raises:
        OperatorError: when nothing answers there, or a stack is there already.
        typer.Exit: when it could not make all of it.
    """
    with one_maker(root, Path(f".sandbox/endpoint-{hashlib.sha256(url.encode()).hexdigest()[:8]}.lock"), place=url):
        emulator = _emulator(url)
        plans = [planned(file, root) for file in files]
        for file, plan in zip(files, plans, strict=True):
            _check_absent(emulator, file, plan)
        made = [_bring_up(emulator, file, root, plan) for file, plan in zip(files, plans, strict=True)]
    if json:
        print_json(_document(url, made))
    else:
        typer.echo("\n".join(line for each in made for line in _report(url, each)))
    talk(*(line for each in made for line in _refusal_lines(each)))
    talk(f"What was made lies in the emulator at {url} alone: it goes when that is reset or ended.")
    if any(each.refusals for each in made):
        raise typer.Exit(INCOMPLETE)


def _emulator(url: str) -> Emulator:
    try:
        return Emulator(url)
    except SandboxError as error:
        raise OperatorError(f"--endpoint: {error}") from None


def _check_absent(emulator: Emulator, file: AnyStackFile, plan: Evaluation) -> None:
    """Refuse to make a second one of everything in an emulator that holds the stack."""
    providers = (each.plain_inputs for each in plan.resources if each.type == "pulumi:providers:aws")
    for inputs in providers:
        there = emulator.count_tagged(default_tags(inputs), inputs.get("region") or file.region)
        if there:
            raise OperatorError(
                f"{counted(there, 'resource')} with the tags of {file.stack} are in the emulator at "
                f"{emulator.endpoint_url} already; reset or restart it first"
            )


def _bring_up(emulator: Emulator, file: AnyStackFile, root: Path, plan: Evaluation) -> _Made:
    total = count_by_type(plan).total()
    backend = emulator.backend(region=file.region)
    done: list[str] = []
    try:
        if not owns_shared_resources(file):
            make_prerequisites(emulator, file)
        with progress(file.stack, total) as advance, interruptible() as check_interrupt:

            def note(resource: RecordedResource) -> None:
                check_interrupt()
                if is_made(resource):
                    done.append(resource.urn)
                    advance(f"{resource.type} {resource.name}")

            evaluation = evaluate_project(file, root, backend=backend, progress=note)
    except EvaluationError as error:
        lines = failure_lines(file.stack, error.failures)
    except (SandboxError, BotoCoreError, ClientError) as error:
        # A refused look-up, or what the stack looks up of another: the program cannot go on without its answer.
        lines = [f"{file.stack}: {error}"]
    else:
        return _Made(file=file, evaluation=evaluation, refusals=backend.refusals(evaluation.resources), total=total)
    raise OperationFailedError(
        *lines,
        f"{len(done)} of {counted(total, 'resource')} of {file.stack} were made, at {emulator.endpoint_url}.",
        "To go on, reset or restart the emulator, correct the cause and run the same command again.",
    )


def _report(url: str, made: _Made) -> list[str]:
    whole = counted(made.total, "resource")
    count = whole if made.count == made.total else f"{made.count} of {whole}"
    return [
        f"{made.file.stack} is up in {made.file.region}, at {url}: {count}",
        *output_lines(made.evaluation.outputs),
    ]


def _refusal_lines(made: _Made) -> list[str]:
    refusals, stack = made.refusals, made.file.stack
    lines: list[str] = []
    if refusals.missing:
        lines += [
            f"{stack}: the emulator could not make {counted(len(refusals.missing), 'resource')}:",
            *(f"  {each.type} {each.name}: {each.error}" for each in refusals.missing),
        ]
    if refusals.with_placeholders:
        placeholders = counted(refusals.with_placeholders, "resource")
        lines.append(f"{stack}: made with placeholders, as they refer to those: {placeholders}")
    if refusals.left_out:
        lines += [
            f"{stack}: what was made there goes without:",
            *(f"  {each.type} {each.name}: {each.property}: {each.error}" for each in refusals.left_out),
        ]
    return lines


def _document(url: str, made: Sequence[_Made]) -> Mapping[str, Any]:
    return {"endpoint_url": url, "stacks": {each.file.stack: _stack_document(each) for each in made}}


def _stack_document(made: _Made) -> Mapping[str, Any]:
    return {
        "region": made.file.region,
        "resources": made.count,
        "planned": made.total,
        "missing": [_refusal_document(each) for each in made.refusals.missing],
        "left_out": [{**_refusal_document(each), "property": each.property} for each in made.refusals.left_out],
        "with_placeholders": made.refusals.with_placeholders,
        "outputs": made.evaluation.outputs,
    }


def _refusal_document(refusal: Refusal) -> Mapping[str, Any]:
    return {"type": refusal.type, "name": refusal.name, "error": refusal.error}
