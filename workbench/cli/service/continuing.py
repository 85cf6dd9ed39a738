"""``service continue``: an answer to a deployment that waits at a pause."""

from typing import Annotated

import typer

from workbench.cli.service.arguments import ServiceArgument
from workbench.cli.service.reporting import answer
from workbench.cli.service.rollout import TimeoutOption, UntilOption, deployable, rollout_aws
from workbench.cli.shared.acting import DryRunOption, YesOption
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption
from workbench.cli.shared.environment import open_environment
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperatorError
from workbench.operations.deploys.shifting.answer import Answer, plan_answer
from workbench.operations.deploys.shifting.stages import known_stage

app = App()


@app.command("continue")
def continue_(
    service: ServiceArgument,
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back instead.")] = False,
    until: UntilOption = None,
    timeout: TimeoutOption = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Continue a deployment that waits at a pause, and watch it to its end; with --rollback take it back.

    A deployment that comes to its end is recorded as `PROGRAM service deploy` does. It exits with 1 when it ends in
    another way than was asked for, or not in time.
    """
    stage = None if until is None else known_stage("--until", until)
    environment = open_environment(stack)
    aws, wanted = rollout_aws(environment), deployable(environment, service)
    wish = Answer.REFUSE if rollback else Answer.CONTINUE
    plan = plan_answer(wanted, wish, aws, timeout_seconds=timeout, until=stage)
    if plan is None:
        raise OperatorError(
            f"{wanted.name}: no deployment that shifts traffic is under way; "
            f"`{wanted.command('status')}` shows what runs"
        )
    answer(plan, aws, dry_run=dry_run, yes=yes, json=json)
