"""``zelly service add``: a service of the catalog, added to the stack files."""

from typing import Annotated

import typer

from workbench.cli.service.arguments import ServiceArgument
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption
from workbench.cli.shared.program import project_root
from workbench.errors import OperatorError
from workbench.operations.stack_files.file_changes import write_together
from zelly_infra.new_service import plan_service
from zelly_infra.other_stacks import owns_registry
from zelly_infra.program import PROGRAM
from zelly_infra.stack_file import other_stacks

app = App()


@app.command()
def add(
    service: ServiceArgument,
    like: Annotated[
        str | None,
        typer.Option(metavar="SERVICE", help="The service whose size it takes; else the first that is reached alike."),
    ] = None,
    image: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTAINER=IMAGE", help="The image of a third-party container; may be given more than once."
        ),
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Write the size of a new service of the catalog into every stack file that lacks it.

    Everything else follows from its entry in zelly_infra/catalog.py. Nothing is made in AWS.
    """
    if like is not None and like not in PROGRAM.service_names:
        raise OperatorError(f"--like: {like}; allowed: {', '.join(PROGRAM.service_names)}")
    root = project_root()
    plan = plan_service(service, root, like=like, images=dict(_pair(each) for each in image or []))
    if not approved(plan, dry_run=dry_run, json=json, yes=True):
        return
    write_together(plan.changes)
    owners_first = sorted(other_stacks(root), key=lambda stack: not owns_registry(stack))
    lines = [
        f"Written: {', '.join(change.name for change in plan.changes)}. Look at size and host name, then type:",
        *(f"  zelly plan {stack.name} --check" for stack in owners_first),
        *(f"  pulumi up --stack {stack.name}" for stack in owners_first),
        f"  zelly service deploy {service} --tag TAG  # once an image is in its repository",
        "  make docs  # the pictures and tables that show it",
        "  zelly dev write  # local-dev/, in which developers run it",
    ]
    report(plan.document(), json=json, lines=lines)


def _pair(text: str) -> tuple[str, str]:
    container, separator, image = text.partition("=")
    if not (container and separator and image):
        raise OperatorError(f"--image: came {text}; allowed: CONTAINER=IMAGE")
    return container, image
