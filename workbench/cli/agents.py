"""``agents``: the build agents of a stack."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer
from rich.table import Table

from workbench.aws.auto_scaling import AutoScaling
from workbench.aws.ec2.instances import Ec2
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperatorError
from workbench.operations.agents.listing import Pool, read_pools
from workbench.operations.agents.reaping import plan_reaping
from workbench.operations.agents.reaping import reap as carry_out
from workbench.operations.stores.points import words

if TYPE_CHECKING:
    from workbench.agents import BuildAgents

app = App()


@app.command("list")
def list_agents(stack: StackOption = None, json: JsonOption = False) -> None:
    """List the build agents, by pool: their age and state; exit 1 when no build can be on one of them."""
    environment = open_environment(stack)
    now = datetime.now(UTC)
    pools = read_pools(_agents(environment), AutoScaling(environment.aws), Ec2(environment.aws), now=now)
    if json:
        print_json({"stack": environment.stack, "pools": [pool.document(now) for pool in pools]})
    else:
        _show(pools, now)
    if plan_reaping(pools).ending:
        raise typer.Exit(1)


@app.command()
def reap(
    stack: StackOption = None, dry_run: DryRunOption = False, yes: YesOption = False, json: JsonOption = False
) -> None:
    """End the build agents that no build can be on: older than the longest build, or without their group.

    Those that are protected from scale-in go, too; a group wants one less for each of its own.
    """
    environment = open_environment(stack)
    auto_scaling, ec2 = AutoScaling(environment.aws), Ec2(environment.aws)
    plan = plan_reaping(read_pools(_agents(environment), auto_scaling, ec2, now=datetime.now(UTC)))
    question = "End them?" if plan.ending else None
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        ended = carry_out(plan, auto_scaling, ec2)
        report(
            {"stack": environment.stack, "ended": ended},
            json=json,
            lines=[f"{each['instance']} of {each['label']}: ended" for each in ended] or ["Nothing was ended."],
        )


def _agents(environment: Environment) -> "BuildAgents":
    agents = environment.description.agents
    if agents is None:
        raise OperatorError(f"{environment.stack}: has no build agents; another stack of the account may have them")
    return agents


def _show(pools: list[Pool], now: datetime) -> None:
    for pool in pools:
        talk(f"{pool.label}: {pool.group.name}, {pool.group.wanted} wanted of at most {pool.group.maximum}")
    table = Table("pool", "instance", "type", "age", "state", "protected", "no build because", box=None)
    for pool in pools:
        for agent in pool.agents:
            table.add_row(
                agent.label,
                agent.instance_id,
                agent.type,
                words(now - agent.launched_at),
                agent.lifecycle,
                "yes" if agent.is_protected else "no",
                agent.orphaned_because or "-",
            )
    if table.rows:
        data_console().print(table)
    else:
        typer.echo("No agent: none is wanted.")
