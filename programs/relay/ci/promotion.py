"""Ask for the approval of what pre-production runs, record the answer, and promote the very same digest."""

import typer

from programs.relay.ci.commands import commit, each_service, relay, role_of, variable
from relay_infra.catalog import SERVICES
from tools.ci.actions import run_app
from workbench.errors import OperationFailedError

STACK = "production"

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def ask() -> None:
    """Ask for the approval of what is healthy in pre-production, which has to be the commit still."""
    options = ("--commit", commit(), "--build", variable("BUILD"))
    each_service("asked", lambda name: relay("approval", "ask", name, *options, environment=role_of(STACK)))


@app.command()
def promote() -> None:
    """Write down who approved, then deploy to production what was approved."""
    approved = ("--commit", commit())
    given = (*approved, "--by", variable("APPROVER"))
    # Who approves means all of it, so that all of it is in the record before the first one is deployed.
    each_service("approved", lambda name: relay("approval", "give", name, *given, environment=role_of(STACK)))
    options = (*approved, "--yes", "--skip-secret-check")
    each_service("promoted", lambda name: relay("service", "promote", name, *options, environment=role_of(STACK)))


@app.command()
def refuse() -> None:
    """Write down that nobody approved; where there is nothing to refuse, the record says so and the exit code is 0.

    An approval that was used stays in the record, as does one that a newer build asked for.
    """
    options = ("--commit", commit(), "--reason", "declined, timed out or overtaken in Jenkins")
    for service in SERVICES:
        try:
            relay("approval", "refuse", service.name, *options, environment=role_of(STACK))
        except OperationFailedError as error:
            typer.echo(f"{service.name}: nothing refused; {error}", err=True)


if __name__ == "__main__":
    run_app(app)
