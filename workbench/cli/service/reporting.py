"""What came of a rollout, printed; and an answer to a deployment that shifts traffic, given and followed."""

from collections.abc import Mapping
from typing import Any

from workbench.cli.service.rollout_display import following
from workbench.cli.shared.acting import approved, report
from workbench.cli.shared.console import talk
from workbench.operations.deploys.execute import RolledOut
from workbench.operations.deploys.rollout_plan import short
from workbench.operations.deploys.service import Deployable, RolloutAws
from workbench.operations.deploys.shifting.answer import AnswerPlan, give
from workbench.operations.deploys.shifting.stages import where


def answer(plan: AnswerPlan, aws: RolloutAws, *, dry_run: bool, yes: bool, json: bool) -> None:
    """Show the plan of an answer, ask, give it, follow the deployment, and print what came of it."""
    service, stack = plan.deployable.service, plan.deployable.stack
    question = f"Roll {service} in {stack} back?" if plan.goes_back else f"Continue {service} in {stack}?"
    if not approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        return
    with following(plan.deployable.name) as audience:
        done = give(plan, aws, audience=audience)
    did = "is back on" if plan.goes_back else "runs"
    line = f"{plan.deployable.name} {did} {short(done.task_definition_arn)}, after {done.seconds:.0f} s."
    report_rollout(plan.deployable, plan.document(), done, line, json=json)


def report_rollout(wanted: Deployable, document: Mapping[str, Any], done: RolledOut, line: str, *, json: bool) -> None:
    """Print what came of a rollout: as one object with its plan, or in a line."""
    result: dict[str, Any] = {
        "stack": wanted.stack,
        **document,
        "task_definition": short(done.task_definition_arn),
        "deployment": done.deployment_id,
        "tasks": done.tasks,
        "seconds": round(done.seconds),
    }
    if done.shift is not None:
        result |= {"service_deployment": done.shift.id, "status": done.shift.status, "stage": done.shift.stage}
    if done.shift is not None and done.goes_on:
        line = f"{wanted.name}: {where(done.shift)}, after {done.seconds:.0f} s."
    report(result, json=json, lines=[line])
    talk(*done.goes_on)
