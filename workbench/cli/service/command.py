"""``service``: what runs, and what is done with it."""

from typing import Annotated

import typer
from rich.table import Table

from workbench.aws.application_auto_scaling import ApplicationAutoScaling
from workbench.aws.ecs.services import Ecs
from workbench.cli.service.arguments import ServiceArgument
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json
from workbench.cli.shared.environment import open_environment
from workbench.cli.shared.stack import StackOption
from workbench.operations.deploys.scale import plan_scale
from workbench.operations.deploys.scale import scale as carry_out
from workbench.words import command

app = App()


@app.command("list")
def list_services(stack: StackOption = None, json: JsonOption = False) -> None:
    """List the services with the number of their tasks and the task definition that is wanted."""
    environment = open_environment(stack)
    names = {environment.names.name(name): name for name in environment.program.service_names}
    found = Ecs(environment.aws, environment.names.prefix).services(list(names))
    rows = [
        {
            "service": short,
            "status": "absent" if (service := found.get(name)) is None else service.status.lower(),
            "running": 0 if service is None else service.running_count,
            "desired": 0 if service is None else service.desired_count,
            "task_definition": None if service is None else service.task_definition_arn.rpartition("/")[2],
        }
        for name, short in names.items()
    ]
    if json:
        print_json({"stack": environment.stack, "services": rows})
        return
    table = Table("service", "status", "running", "task definition", box=None)
    for row in rows:
        table.add_row(
            str(row["service"]),
            str(row["status"]),
            f"{row['running']} of {row['desired']}",
            str(row["task_definition"] or "-"),
        )
    data_console().print(table)


@app.command()
def scale(
    service: ServiceArgument,
    tasks: Annotated[int, typer.Option(min=0, help="How many tasks are wanted; 0 stops the service.")],
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Ask for another number of tasks, within the limits of the stack file; 0 stops the service."""
    environment = open_environment(stack)
    cluster = environment.names.prefix
    ecs = Ecs(environment.aws, cluster)
    plan = plan_scale(
        environment.names.name(service),
        tasks,
        maximum=environment.description.deployed[service].maximum_tasks,
        ecs=ecs,
        scaling=ApplicationAutoScaling(environment.aws, cluster),
    )
    question = f"Stop {service} in {environment.stack}?" if tasks == 0 else None
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        carry_out(plan, ecs=ecs)
        report(
            {"stack": environment.stack, **plan.document()},
            json=json,
            lines=[
                f"{plan.service} is asked for {plan.after}; `{command('service status', service)}` shows how far it is."
            ],
        )
