"""``alerts``: who hears of an environment's alarms, and a message to try it."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from workbench.aws.cloudwatch import CloudWatch
from workbench.aws.sns import Sns
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.stack import StackOption
from workbench.operations.alerts.topics import Topic, read_topics
from workbench.operations.alerts.trial import plan_trial, send_trial
from workbench.words import command

app = App()


class Severity(StrEnum):
    """The severity of an alarm."""

    PAGE = "page"
    INFORM = "inform"


@app.command("list")
def list_them(stack: StackOption = None, json: JsonOption = False) -> None:
    """List the topics that alarms tell, and who hears of each; exit 1 when nobody hears of one."""
    environment = open_environment(stack)
    topics = _topics(environment)
    if json:
        print_json({"stack": environment.stack, "topics": [topic.document() for topic in topics]})
    else:
        table = Table("topic", "alarms", "subscriber", "state", box=None)
        for topic in topics:
            table.add_row(f"{topic.name} ({', '.join(topic.severities)})", str(topic.alarms), "", "")
            for each in topic.subscriptions:
                table.add_row("", "", each.shown, "confirmed" if each.is_confirmed else "NOT CONFIRMED")
            if not topic.subscriptions:
                table.add_row("", "", "nobody", "")
        data_console().print(table)
    if not all(any(each.is_confirmed for each in topic.subscriptions) for topic in topics):
        raise typer.Exit(1)


@app.command("test")
def send(
    stack: StackOption = None,
    severity: Annotated[
        Severity, typer.Option(help="page: opens an incident at the pager, and informs as well.")
    ] = Severity.INFORM,
    over: Annotated[
        bool, typer.Option("--over", help="Tell the pager that the test is over: it ends its incident.")
    ] = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Send a test message on the way that an alarm takes, and say who gets it; exit 1 when somebody misses it."""
    environment = open_environment(stack)
    plan = plan_trial(environment.description, _topics(environment), severity.value, is_over=over)
    wakes = severity is Severity.PAGE and not over
    question = f"Page whoever is on call for {environment.stack}?" if wakes else None
    if not approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        return
    sent = send_trial(plan, environment.description, Sns(environment.aws))
    lines = [f"{topic}: published as {message}" for topic, message in sent.items()]
    if wakes and environment.description.alert_topics is not None:
        end = command("alerts test", "--severity page", "--over", "--stack", environment.stack)
        lines.append(f"`{end}` ends the incident.")
    report({**plan.document(), "messages": dict(sent)}, json=json, lines=lines)


def _topics(environment: Environment) -> list[Topic]:
    return read_topics(environment.description, CloudWatch(environment.aws), Sns(environment.aws))
