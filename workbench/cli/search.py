"""``search``: the version of Meilisearch on its host."""

from typing import Annotated

import typer

from workbench.aws.ec2.volumes import Ec2Volumes
from workbench.aws.run_command import RunCommand
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json, talk
from workbench.cli.shared.environment import open_environment
from workbench.cli.shared.stack import StackOption, StoreOption
from workbench.counting import counted
from workbench.operations.clock import CLOCK
from workbench.operations.stores.choice import chosen_store
from workbench.operations.stores.search.agent import SearchAgent
from workbench.operations.stores.search.upgrade import DiscardPlan, UpgradePlan, plan_discard, plan_upgrade
from workbench.operations.stores.search.upgrade import discard as carry_out_discard
from workbench.operations.stores.search.upgrade import upgrade as carry_out_upgrade
from workbench.stores import SearchHost

app = App()

VersionArgument = Annotated[
    str, typer.Argument(metavar="VERSION", help="In full, e.g. 1.13.0: the one that the stack file pins.")
]


@app.command()
def upgrade(
    version: VersionArgument,
    stack: StackOption = None,
    store: StoreOption = None,
    accept_late_writes: Annotated[
        bool,
        typer.Option(
            "--accept-late-writes", help="Switch although services wrote after the dump: they write it again."
        ),
    ] = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Delete the old database, once the new version has proved itself.")
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Bring Meilisearch to the version that the stack file pins: beside what serves, compared, then switched.

    A failure leaves the old version serving. The old database stays until `--discard`.
    """
    agent = _agent(stack, store)
    if discard:
        _discard(plan_discard(agent, version), agent, dry_run=dry_run, yes=yes, json=json)
    else:
        plan = plan_upgrade(agent, version, accepts_late_writes=accept_late_writes)
        _upgrade(plan, agent, dry_run=dry_run, yes=yes, json=json)


@app.command()
def status(stack: StackOption = None, store: StoreOption = None, json: JsonOption = False) -> None:
    """Tell which version of Meilisearch serves, with how many documents, and which databases lie beside it."""
    agent = _agent(stack, store)
    found = agent.ask("status")
    if json:
        print_json({"stack": agent.stack, **found.document()})
        return
    documents = ", ".join(f"{index}: {number}" for index, number in found.documents.items()) or "no index"
    typer.echo(f"{found.version or 'nothing'} {'serves' if found.answers else 'DOES NOT ANSWER'}; {documents}")
    typer.echo(f"{found.database_mib} MiB; {found.free_mib} MiB of the volume free")
    if found.wanted != found.version:
        typer.echo(f"the configuration names {found.wanted}, which `search upgrade` brings")
    if found.earlier:
        typer.echo(f"beside it: {', '.join(found.earlier)}")


def _agent(stack: str | None, store: str | None) -> SearchAgent:
    environment = open_environment(stack)
    return SearchAgent(
        store=chosen_store(environment.description, SearchHost, store),
        stack=environment.stack,
        ec2=Ec2Volumes(environment.aws),
        run_command=RunCommand(environment.aws),
        clock=CLOCK,
        say=talk,
    )


def _upgrade(plan: UpgradePlan, agent: SearchAgent, *, dry_run: bool, yes: bool, json: bool) -> None:
    question = f"Let {plan.version} serve in {plan.stack}?"
    if not approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        return
    answer = carry_out_upgrade(plan, agent)
    documents = counted(sum(answer.documents.values()), "document")
    lines = [
        *(f"{each.name}, {each.seconds:g} s{f': {each.detail}' if each.detail else ''}" for each in answer.steps),
        f"{plan.version} serves in {plan.stack}, with {documents}.",
        f"Be rid of the old database: {plan.discard_command}",
    ]
    report({**plan.document(), **answer.document()}, json=json, lines=lines)


def _discard(plan: DiscardPlan, agent: SearchAgent, *, dry_run: bool, yes: bool, json: bool) -> None:
    question = f"Delete {', '.join(plan.earlier)} for good?" if plan.earlier else None
    if not approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        return
    if plan.earlier:
        carry_out_discard(agent)
    lines = [f"Of {', '.join(plan.earlier)} nothing is left." if plan.earlier else "There was nothing to delete."]
    report(plan.document(), json=json, lines=lines)
