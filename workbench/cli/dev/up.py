"""``dev up``: everything that is missing made, and the platform started."""

from typing import Annotated

import typer

from workbench.cli.dev.platform import current_platform
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, talk
from workbench.local_dev.model import FOLDER, ClickHouse, LocalPlatform
from workbench.operations.local_dev.certificates import how_to_trust
from workbench.operations.local_dev.chosen import Chosen, choose, host_address
from workbench.operations.local_dev.docker import Compose
from workbench.operations.local_dev.starting import addresses_of, plan_up
from workbench.operations.local_dev.starting import up as carry_out
from workbench.words import command

app = App()


@app.command()
def up(
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERVICE]...", help="Start these alone, and what they wait for.", show_default=False),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="SERVICE", help="Leave it to you, outside of Docker: the others reach it there."
        ),
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(metavar="PROFILE", help="Start a profile, and the stores; without it, apps and edge."),
    ] = None,
    build: Annotated[bool, typer.Option("--build", help="Build the images anew, as the sources are now.")] = False,
    recreate: Annotated[
        bool, typer.Option("--recreate", help="Make running containers anew, e.g. after `PROGRAM dev write`.")
    ] = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Start the platform on this machine, and wait until everything is healthy.

    What is missing is made first: values, certificates, images. What was left to you by --without is started in Docker
    again by the next start that does not say so. Data stays, from one start to the next.
    """
    platform, root = current_platform()
    chosen = choose(platform, services or [], profile or [], without or [])
    compose = Compose.find(platform, root)
    plan = plan_up(platform, root, compose, chosen, builds=build, recreates=recreate)
    if not approved(plan, dry_run=dry_run, json=json, yes=True):
        return
    states = carry_out(plan, root, compose)
    if plan.certificates.makes_authority:
        talk(*how_to_trust(root, platform.name))
    urls = addresses_of(platform, chosen)
    lines = [f"{url:<42} {name}" for url, name in urls.items()]
    lines += [line for each in chosen.on_host for line in host_address(platform, each, root / FOLDER)]
    lines += _tables(platform, chosen)
    document = {"services": states, "urls": urls, "without": [each.name for each in chosen.on_host]}
    report(document, json=json, lines=lines or ["Everything is healthy."])


def _tables(platform: LocalPlatform, chosen: Chosen) -> list[str]:
    """Return how ClickHouse gets its tables, which no start makes."""
    servers = [server for server in platform.stores_of(ClickHouse) if server in chosen.stores]
    return [
        f"ClickHouse's tables, after the first start: {command('clickhouse init', _folder(server), '--local')}"
        for server in servers
    ]


def _folder(server: ClickHouse) -> str:
    build = server.statements
    return build.folder if build.repository is None else f"../{build.repository}/{build.folder}"
