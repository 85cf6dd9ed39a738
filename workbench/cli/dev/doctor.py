"""``dev doctor``: what this machine lacks to run the platform."""

import typer

from workbench.cli.dev.platform import current_platform
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json
from workbench.operations.local_dev.doctor import Verdict, examine

app = App()


@app.command()
def doctor(json: JsonOption = False) -> None:
    """Check this machine: Docker, repositories, variables, certificates, ports, memory; each with the next command.

    It changes nothing. It exits with 1 when there is something to do; notes do not count.
    """
    platform, root = current_platform()
    found = examine(platform, root)
    if json:
        print_json({"findings": [finding.document() for finding in found]})
    else:
        typer.echo("\n".join(finding.line for finding in found))
    if any(finding.verdict is Verdict.TO_DO for finding in found):
        raise typer.Exit(1)
