"""``image push | list | keep``: the images of the services."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from workbench.aws.ecr.registry import EcrRegistry
from workbench.aws.ecr.repositories import Ecr
from workbench.aws.shared.errors import AwsError
from workbench.aws.ssm import Ssm
from workbench.cli.service import rollout as service_rollout
from workbench.cli.service.arguments import ServiceArgument
from workbench.cli.service.containers import ContainerOption, chosen_container
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.program import current_program
from workbench.cli.shared.stack import StackOption
from workbench.counting import counted
from workbench.errors import OperatorError
from workbench.operations.deploys.ledger import recorded_images
from workbench.operations.images.docker import Docker
from workbench.operations.images.keep import keep as carry_out
from workbench.operations.images.keep import plan_keep
from workbench.operations.images.listing import comma_separated, size
from workbench.operations.images.listing import list_images as listed
from workbench.operations.images.push import (
    ImagePushPlan,
    add_other_tags,
    plan_image_push,
    push_image,
    read_source,
)
from workbench.operations.times import utc
from workbench.words import command

app = App()


def _repositories(service: str) -> dict[str, str]:
    """Return the repositories of a service's containers, without those of third-party images."""
    found = dict(current_program().service(service).repositories)
    if not found:
        raise OperatorError(f"service: {service} runs third-party images only; its stack file names them")
    return found


ContextOption = Annotated[
    Path, typer.Option(metavar="DIR", help="The folder to build, in the service's Git repository.")
]
DockerfileOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The Dockerfile; without it the one in DIR.")
]
TagOption = Annotated[
    str | None, typer.Option(metavar="TAG", help="Another tag than the commit's; it begins like the stack's own.")
]
AllowDirtyOption = Annotated[
    bool, typer.Option("--allow-dirty", help="Build changes that are not committed; the tag says so.")
]
BuiltOption = Annotated[
    str | None,
    typer.Option(
        "--built",
        metavar="IMAGE",
        help="Push this image, which was built of DIR's commit before, e.g. the one that was tested; build nothing.",
    ),
]
AlsoOption = Annotated[
    list[str] | None,
    typer.Option(
        "--also",
        metavar="TAG",
        help="Another tag for the image, of a kind that is never deployed, e.g. branch-main; may be repeated.",
    ),
]
DeployOption = Annotated[bool, typer.Option("--deploy", help="Deploy the image when it is pushed.")]


@app.command()
def push(
    service: ServiceArgument,
    context: ContextOption,
    container: ContainerOption = None,
    dockerfile: DockerfileOption = None,
    tag: TagOption = None,
    allow_dirty: AllowDirtyOption = False,
    built: BuiltOption = None,
    also: AlsoOption = None,
    deploy: DeployOption = False,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Build a service's image for the stack's architecture and push it, tagged by its commit, e.g. prod-1a2b3c4d.

    Tags are immutable and a commit is built once: when the registry has its tag already, nothing is built. With --built
    it has to be the same image then. Docker logs in to the registry's region, whatever the stack's own, and no
    credentials stay behind. With --deploy the result is that of `PROGRAM service deploy`.
    """
    repositories = _repositories(service)
    chosen = chosen_container(service, container, tuple(repositories))
    source = read_source(context, dockerfile)
    environment = open_environment(stack)
    registry, ecr = EcrRegistry(environment.registry), Ecr(environment.registry)
    plan = plan_image_push(
        description=environment.description,
        service=service,
        container=chosen,
        repository=repositories[chosen],
        source=source,
        tag=tag,
        allow_dirty=allow_dirty,
        registry=registry,
        ecr=ecr,
        built=built,
        other_tags=also or (),
    )
    if not approved(plan, dry_run=dry_run, json=json, yes=True):
        return
    digest = _push(plan, registry, ecr)
    pushed = f"{plan.reference}@{digest}"
    if deploy:
        talk(pushed)
        service_rollout.deploy(service, tag=plan.tag, container=[chosen], stack=environment.stack, json=json)
        return
    report({"stack": environment.stack, **plan.document(), "digest": digest}, json=json, lines=[pushed])
    options = f"--container {chosen} --tag {plan.tag} --stack {environment.stack}"
    talk(f"Deploy it with `{command('service deploy', service, options)}`.")


def _push(plan: ImagePushPlan, registry: EcrRegistry, ecr: Ecr) -> str:
    """Return the digest of what is in the registry now."""
    digest = None if plan.built else plan.existing_digest
    if digest is None:
        digest = push_image(plan, docker=Docker.find(), registry=registry, ecr=ecr)
    if plan.other_tags:
        add_other_tags(plan, ecr)
    return digest


@app.command("list")
def list_images(
    service: ServiceArgument,
    container: ContainerOption = None,
    newest: Annotated[int, typer.Option(min=1, metavar="COUNT", help="How many of each repository.")] = 20,
    stack: StackOption = None,
    json: JsonOption = False,
) -> None:
    """List the images of a service, the newest first, and which one is deployed in the stack."""
    repositories = _repositories(service)
    if container is not None:
        chosen = chosen_container(service, container, tuple(repositories))
        repositories = {chosen: repositories[chosen]}
    environment = open_environment(stack)
    images = listed(
        repositories, deployed=_deployed(environment, service), ecr=Ecr(environment.registry), newest=newest
    )
    if json:
        print_json({"stack": environment.stack, "service": service, "images": [image.document() for image in images]})
        return
    table = Table("container", "tags", "digest", "pushed at", "size", "architecture", "deployed", box=None)
    for one in images:
        table.add_row(
            one.container,
            comma_separated(one.image.tags),
            one.image.digest,
            utc(one.image.pushed_at),
            size(one.image),
            comma_separated(one.architectures),
            environment.stack if one.is_deployed else "-",
        )
    data_console().print(table)
    for one in repositories.keys() - {image.container for image in images}:
        talk(f"{one}: no image in {repositories[one]} yet; `{command('image push')}` brings one")


@app.command()
def keep(
    service: ServiceArgument, stack: StackOption = None, dry_run: DryRunOption = False, json: JsonOption = False
) -> None:
    """Tag what runs, and what a rollback would go to, as deployed: the registry keeps such images longest.

    Deploys, rollbacks and promotes do so by themselves. Nothing is started or stopped. It exits with 1 when one of them
    is not in the registry.
    """
    environment = open_environment(stack)
    aws = service_rollout.rollout_aws(environment)
    plan = plan_keep(service_rollout.deployed(environment, service), aws)
    if approved(plan, dry_run=dry_run, json=json, yes=True):
        carry_out(plan, aws.ecr)
        count = len(plan.marks)
        are = "is" if count == 1 else "are"
        line = f"{counted(count, 'image')} of {service} {are} tagged as deployed in {environment.stack}."
        report(
            {"stack": environment.stack, **plan.document()}, json=json, lines=[line if count else "Nothing changed."]
        )
        if plan.absent:
            raise typer.Exit(1)


def _deployed(environment: Environment, service: str) -> Mapping[str, str]:
    name = environment.names.image_parameter(service)
    try:
        return recorded_images(name, Ssm(environment.aws).history(name))
    except AwsError as error:
        # The registry is there before the stack is.
        if error.code != "ParameterNotFound":
            raise
        return {}
