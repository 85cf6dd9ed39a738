"""Deploy the images of the commit to pre-production, one service after the other."""

import typer

from programs.relay.ci.commands import commit, each_service, relay, role_of
from tools.ci.actions import run

STACK = "preproduction"


def main() -> None:
    """Deploy, and wait for the end of each deployment: one that is rolled back fails the build."""
    tag = f"sha-{commit()}"
    # Who deploys may read no secret.
    options = ("--tag", tag, "--stack", STACK, "--skip-secret-check")
    each_service("deployed", lambda name: relay("service", "deploy", name, *options, environment=role_of(STACK)))
    typer.echo(f"{tag} runs in {STACK}")


if __name__ == "__main__":
    run(main)
