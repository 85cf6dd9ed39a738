"""``drift``: the differences between AWS and the program, in the words of ``plan --against``."""

import os
from typing import TYPE_CHECKING, Any

import typer

from workbench.aws.shared.endpoint import embedded_endpoint
from workbench.cli.plan.comparison_view import comparison_view
from workbench.cli.plan.evaluation import planned
from workbench.cli.sandbox.running import running_in
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.stack import StackOption
from workbench.operations.drift import ledger
from workbench.operations.drift.preview import preview
from workbench.operations.drift.reading import Read, read
from workbench.operations.pulumi_command import find_pulumi
from workbench.review.danger.assessment import assess
from workbench.review.difference.document import comparison_document
from workbench.review.difference.engine_preview import difference
from workbench.review.difference.read_back import read_back
from workbench.review.plan_document import document

if TYPE_CHECKING:
    from workbench.review.difference.comparison import Comparison
    from workbench.sandbox.embedded import EmbeddedAws

app = App()


_BASE = "what AWS has"
_BACKEND_VARIABLE = "PULUMI_BACKEND_URL"


@app.command()
def drift(stack: StackOption = None, json: JsonOption = False) -> None:
    """Show in what AWS and the program differ, and what `pulumi up` would do about it, without changing anything.

    Pulumi's engine reads every resource of the state first. In the embedded AWS, which has no state, what was made
    there is read again. Where there is no `pulumi` what the program gives a name is read from AWS directly, as far as a
    call or two tell; what was not compared is said.

    The exit code tells, as that of `PROGRAM plan --against`: 0 the same, 3 changes, 4 something is destroyed, or AWS
    would refuse it.
    """
    environment = open_environment(stack)
    pulumi = find_pulumi()
    has_no_state = embedded_endpoint() is not None and _BACKEND_VARIABLE not in os.environ
    if pulumi is not None and not has_no_state:
        seen = preview(environment.stack, environment.root, pulumi)
        found = difference(seen, stack=environment.stack, region=environment.config.region, base=_BASE)
        raise typer.Exit(_show(found, {"way": "pulumi", "not_compared": {}}, json=json))
    why = "the embedded AWS has no state of Pulumi's" if has_no_state else "pulumi is not on PATH"
    raise typer.Exit(_without_pulumi(environment, why, json=json))


def _without_pulumi(environment: Environment, why: str, *, json: bool) -> int:
    plan = document(planned(environment.file, environment.root), environment.config.region)
    aws = _own_embedded_aws(environment)
    if aws is None:
        way, seen = "read", read(plan.resources, environment.aws)
        found = f"Without Pulumi ({why}): {seen.compared} resources were found by name"
        _say_what_was_not_compared(seen, found, which=", among them whatever AWS names itself")
    else:
        way, seen = "ledger", ledger.read(plan.resources, aws.ledger.entries(), aws.backend())
        _say_what_was_not_compared(seen, f"In the embedded AWS: {seen.compared} resources were found by their ids")
    comparison = read_back(plan, seen.absent, seen.differing, unchanged=seen.same, base=_BASE)
    code = _show(comparison, {"way": way, "why": why, "not_compared": dict(seen.not_compared)}, json=json)
    # What could not be read may have drifted.
    return code or (1 if seen.unread else 0)


def _own_embedded_aws(environment: Environment) -> "EmbeddedAws | None":
    """Return the embedded AWS of the project, if the environment variables name it and the stack was made in it."""
    aws = running_in(environment.root)
    is_named = aws is not None and aws.endpoint_url == (embedded_endpoint() or "").rstrip("/")
    return aws if aws is not None and is_named and environment.stack in aws.state.stacks else None


def _say_what_was_not_compared(seen: Read, found: str, *, which: str = "") -> None:
    left, types = sum(seen.not_compared.values()), len(seen.not_compared)
    talk(
        f"{found} and compared, as far as a call tells.",
        f"Not compared: {left} resources of {types} types{which}.",
        *(f"Not read: {one.why}" for one in seen.unread),
    )


def _show(comparison: "Comparison", how: dict[str, Any], *, json: bool) -> int:
    assessment = assess(comparison)
    if json:
        print_json({**comparison_document(assessment), "drift": how})
    else:
        console = data_console()
        for part in comparison_view(assessment, full=True):
            console.print(part)
    return int(assessment.exit_code)
