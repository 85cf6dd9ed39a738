"""``sandbox image``: an image in the embedded registry, to practise deploys with."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.sandbox.running import running_in
from workbench.cli.service.arguments import ServiceArgument
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, command_word, print_json, talk
from workbench.cli.shared.program import current_program, project_root
from workbench.config.stack_file import read_stack_file
from workbench.errors import OperatorError
from workbench.program import Container
from workbench.sandbox.ecr.images import (
    DEFAULT_CRASH_AFTER_SECONDS,
    DEFAULT_READY_AFTER_SECONDS,
    Architecture,
    Behaviour,
    SandboxImage,
    sandbox_image,
)
from workbench.sandbox.ecr.pushing import put_image
from workbench.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from workbench.program import Description
    from workbench.sandbox.ecr.images import Architecture, SandboxImage
    from workbench.sandbox.embedded import EmbeddedAws

_ARCHITECTURES = ("X86_64", "ARM64")

_TagOption = Annotated[str, typer.Option(help="The image's tag, e.g. staging-1a2b3c4d.")]
_ContainerOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="One of the service's containers; without it all that are ours.")
]
_CrashOption = Annotated[
    int | None, typer.Option(metavar="EXIT_CODE", min=0, max=255, help="Its containers end with this exit code.")
]
_CrashAfterOption = Annotated[float, typer.Option(metavar="SECONDS", min=0, help="How soon, with --crash.")]
_LogOption = Annotated[
    list[str] | None, typer.Option(metavar="LINE", help="A line that they write when they start; may be repeated.")
]
_ReadyAfterOption = Annotated[
    float, typer.Option(metavar="SECONDS", min=0, help="How soon health checks find them healthy.")
]
_UnhealthyOption = Annotated[bool, typer.Option("--unhealthy", help="Health checks never find them healthy.")]
_ArchitectureOption = Annotated[
    str | None,
    typer.Option(
        metavar="|".join(_ARCHITECTURES), help="Without it the one that the service runs on in the tag's stack."
    ),
]
_RunExitCodeOption = Annotated[
    int, typer.Option(metavar="EXIT_CODE", min=0, max=255, help="What a command that is run in one ends with.")
]
_RunLogOption = Annotated[
    list[str] | None, typer.Option(metavar="LINE", help="A line that such a command writes; may be repeated.")
]


app = App()


@app.command()
def image(
    service: ServiceArgument,
    tag: _TagOption,
    container: _ContainerOption = None,
    crash: _CrashOption = None,
    crash_after: _CrashAfterOption = DEFAULT_CRASH_AFTER_SECONDS,
    log: _LogOption = None,
    ready_after: _ReadyAfterOption = DEFAULT_READY_AFTER_SECONDS,
    unhealthy: _UnhealthyOption = False,
    architecture: _ArchitectureOption = None,
    run_exit_code: _RunExitCodeOption = 0,
    run_log: _RunLogOption = None,
    json: JsonOption = False,
) -> None:
    """Put an image into the embedded registry: nothing but word of how its containers behave.

    One without options just works. The same tag with the same behaviour is the same image, with the same digest.
    """
    containers = _containers(service, container)
    aws, described = _running(tag)
    behaviour = Behaviour(
        ready_after=ready_after,
        unhealthy=unhealthy,
        crash=crash,
        crash_after=crash_after,
        log=tuple(log or ()),
        run_exit_code=run_exit_code,
        run_log=tuple(run_log or ()),
    )
    made = sandbox_image(tag, behaviour, _known(architecture or described.deployed[service].architecture))
    rows = _put(containers, tag, made, ecr=aws.clients.get("ecr", described.registry_region))
    if json:
        print_json({"images": rows})
        return
    for row in rows:
        typer.echo(f"{row['repository']}:{row['tag']} {row['digest']}")
        if not row["new"]:
            talk(f"{row['repository']}:{row['tag']} was there already.")


def _put(containers: Sequence[Container], tag: str, image: SandboxImage, *, ecr: Any) -> list[dict[str, Any]]:
    """Put the image into every container's repository, and return a row about each."""
    rows: list[dict[str, Any]] = []
    for container in containers:
        repository = str(container.repository)
        try:
            new = put_image(ecr, repository, tag, image)
        except SandboxError as error:
            raise OperatorError(str(error)) from None
        rows.append(
            {"container": container.name, "repository": repository, "tag": tag, "digest": image.digest, "new": new}
        )
    return rows


def _running(tag: str) -> "tuple[EmbeddedAws, Description]":
    """Return the embedded AWS that runs, and the description of the stack in it that a tag is of, else of the first."""
    root = project_root()
    aws = running_in(root)
    if aws is None or not aws.state.stacks:
        raise OperatorError(f"no embedded AWS is running; start one with `{command_word()} sandbox up STACK --detach`")
    described = [read_stack_file(current_program(), stack, root).description for stack in aws.state.stacks]
    return aws, next((one for one in described if tag.startswith(f"{one.tag_prefix}-")), described[0])


def _containers(service: str, name: str | None) -> list[Container]:
    entry = current_program().service(service)
    ours = [container for container in entry.containers if container.repository is not None]
    if not ours:
        raise OperatorError(f"service: {service}; its images are third parties', which are always there")
    chosen = [container for container in ours if name in {None, container.name}]
    if not chosen:
        raise OperatorError(f"--container: {name}; allowed: {', '.join(container.name for container in ours)}")
    return chosen


def _known(architecture: str) -> Architecture:
    if architecture == "X86_64" or architecture == "ARM64":  # noqa: PLR1714 (each one narrows the type)
        return architecture
    raise OperatorError(f"--architecture: {architecture}; allowed: {', '.join(_ARCHITECTURES)}")
