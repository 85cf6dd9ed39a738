"""``release list | push``: the releases in an environment's bucket."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from workbench.aws.ssm import Ssm
from workbench.cli.release.place import release_bucket, release_target, unit_names
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import open_environment
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperationInterruptedError, OperatorError
from workbench.operations.git import commit_time
from workbench.operations.releases.listing import list_releases
from workbench.operations.releases.manifest import checked_commit, checked_time
from workbench.operations.releases.push import plan_push
from workbench.operations.releases.push import push as carry_out
from workbench.operations.releases.record import read_record
from workbench.words import command

app = App()


@app.command("list")
def list_them(
    stack: StackOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 20,
    json: JsonOption = False,
) -> None:
    """List the releases in the stack's bucket, the newest first: their commits, and which were healthy or run."""
    environment = open_environment(stack)
    record = read_record(Ssm(environment.aws), release_target(environment).record)
    releases = list_releases(release_bucket(environment), record, limit=limit)
    if json:
        print_json({"stack": environment.stack, "releases": [each.document() for each in releases]})
        return
    if not releases:
        talk(f"No release is in {release_target(environment).bucket}; `{command('release push')}` brings one.")
        return
    table = Table("release", "commit", "of", "migrations", "healthy", "runs", box=None)
    for each in releases:
        manifest = each.manifest
        table.add_row(
            manifest.id,
            manifest.commit[:8],
            manifest.created,
            str(len(manifest.migration_names)),
            each.healthy_at or "-",
            _running(each.running, len(manifest.services)),
        )
    data_console().print(table)


def _running(services: tuple[str, ...], count: int) -> str:
    if not services:
        return "-"
    return "all services" if len(services) == count else ", ".join(services)


@app.command()
def push(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="With SERVICE/ or SERVICE.tar.gz for each service, and migrations.")
    ],
    commit: Annotated[
        str, typer.Option("--commit", metavar="SHA", help="The commit that it was built of, forty digits.")
    ],
    created: Annotated[
        str | None,
        typer.Option("--created", metavar="TIME", help="The commit's time, 2026-11-30T18:00:00Z; else git is asked."),
    ] = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Pack what CI built and bring it into the stack's bucket as a release; print the release's id.

    The same bytes make the same release, and what is there already is not brought again: after an interruption the
    same command goes on.
    """
    checked_commit("--commit", commit)
    time = commit_time(Path.cwd(), commit) if created is None else checked_time("--created", created)
    if time is None:
        raise OperatorError(f"--created: missing; git does not know {commit} here, so its time is required")
    environment = open_environment(stack)
    bucket = release_bucket(environment)
    plan = plan_push(
        folder,
        stack=environment.stack,
        platform=environment.program.name,
        commit=commit,
        created=time,
        services=unit_names(),
        bucket=bucket,
    )
    if not approved(plan, dry_run=dry_run, json=json, yes=True):
        return
    if not plan.is_there:
        try:
            carry_out(plan, bucket, talk)
        except KeyboardInterrupt:
            raise OperationInterruptedError(
                "Interrupted; the manifest was not written, so that there is no such release yet.",
                "The same command again goes on with what is left.",
            ) from None
    report(plan.document(), json=json, lines=[plan.manifest.id])
