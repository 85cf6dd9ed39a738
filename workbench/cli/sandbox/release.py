"""``sandbox release``: a practice release in the embedded AWS."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from workbench.aws.s3_objects import S3Objects
from workbench.aws.shared.connection import Connection
from workbench.cli.release.place import unit_names
from workbench.cli.sandbox.running import running_in
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, command_word, print_json, talk
from workbench.cli.shared.program import current_program, project_root
from workbench.cli.shared.stack import STACK_VARIABLE, StackOption, selected_stack
from workbench.config.stack_file import read_stack_file
from workbench.errors import OperatorError
from workbench.operations.releases.push import PushPlan, plan_push
from workbench.operations.releases.push import push as carry_out
from workbench.program import Description
from workbench.sandbox.clients import Clients
from workbench.sandbox.ssm.host.behaviour import BEHAVIOURS
from workbench.sandbox.ssm.host.practice import Practice, build

app = App()

_CREATED = "2026-01-01T00:00:00Z"
"""A practice commit has no time of its own."""


@app.command()
def release(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called; another name is another commit.")],
    behaviour: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVICE=BEHAVIOUR",
            help=f"How a service behaves: {', '.join(BEHAVIOURS)}. Again for another; the others just work.",
        ),
    ] = None,
    migration: Annotated[
        list[str] | None, typer.Option(metavar="MIGRATION", help="A migration that it brings; again for another.")
    ] = None,
    failing_migration: Annotated[
        str | None, typer.Option(metavar="MIGRATION", help="One of them that fails half-way.")
    ] = None,
    stack: StackOption = None,
    json: JsonOption = False,
) -> None:
    """Bring a practice release into the embedded AWS: services of nothing but word of how they behave.

    The same name with the same behaviours is the same release, with the same id. A host that is asked for it carries
    its release agent out, below a directory of this machine.
    """
    behaviours = dict(_behaviour(given) for given in behaviour or ())
    names = sorted({*(migration or ()), *((failing_migration,) if failing_migration else ())})
    described, bucket = _bucket(stack)
    plan = _pushed(
        name, described, bucket, Practice(behaviours=behaviours, migrations=names, failing=failing_migration)
    )
    if json:
        print_json({"executed": True, **plan.document()})
    else:
        talk(*plan.lines())
        typer.echo(plan.manifest.id)


def _pushed(name: str, described: Description, bucket: S3Objects, practice: Practice) -> PushPlan:
    """Build a practice release, push it as any other, and return what was pushed."""
    commit = hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), unit_names(), practice, commit=commit)
        plan = plan_push(
            Path(folder),
            stack=described.stack,
            platform=current_program().name,
            commit=commit,
            created=_CREATED,
            services=unit_names(),
            bucket=bucket,
        )
        if not plan.is_there:
            carry_out(plan, bucket, lambda _: None)
    return plan


def _behaviour(given: str) -> tuple[str, str]:
    service, separator, behaviour = given.partition("=")
    if not separator or service not in unit_names() or behaviour not in BEHAVIOURS:
        raise OperatorError(
            f"--behaviour: came {given}; allowed: SERVICE=BEHAVIOUR, of {', '.join(unit_names())} and of "
            f"{', '.join(BEHAVIOURS)}"
        )
    return service, behaviour


def _bucket(stack: str | None) -> tuple[Description, S3Objects]:
    """Return the release bucket of a stack in the embedded AWS: of the named, the chosen, or the only one."""
    root = project_root()
    aws = running_in(root)
    if aws is None or not aws.state.stacks:
        raise OperatorError(f"no embedded AWS is running; start one with `{command_word()} sandbox up STACK --detach`")
    only = aws.state.stacks[0] if len(aws.state.stacks) == 1 else None
    chosen = stack or os.environ.get(STACK_VARIABLE) or only or selected_stack(None, root)
    if chosen not in aws.state.stacks:
        raise OperatorError(f"stack: {chosen} is not up in the embedded AWS; allowed: {', '.join(aws.state.stacks)}")
    described = read_stack_file(current_program(), chosen, root).description
    if described.releases is None:
        raise OperatorError(f"{chosen}: nothing is released to hosts there")
    connection = _Embedded(aws.clients, described.region)
    return described, S3Objects(connection, described.releases.bucket, described.account_id)


class _Embedded(Connection):
    """The embedded AWS that runs, whatever the environment's variables name."""

    def __init__(self, clients: Clients, region: str) -> None:
        super().__init__(region)
        self._clients = clients

    def client(self, service: str, *, repeatable: bool = True) -> object:
        """Return its client of a service."""
        del repeatable
        return self._clients.get(service, self.region)
