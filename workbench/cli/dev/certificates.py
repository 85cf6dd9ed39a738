"""``dev certificates``: this machine's own authority, and what it signs."""

from datetime import UTC, datetime

from workbench.cli.dev.platform import current_platform
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption
from workbench.counting import counted
from workbench.operations.local_dev.certificates import (
    how_to_trust,
    is_trusted,
    plan_certificates,
    write_certificates,
)
from workbench.words import command

app = App()


@app.command()
def certificates(dry_run: DryRunOption = False, json: JsonOption = False) -> None:
    """Make an authority for this machine alone, and the certificates of the stores; say how it is trusted.

    What is there stays until a month before its end. The authority's key leaves this machine nowhere.
    """
    platform, root = current_platform()
    now = datetime.now(UTC)
    plan = plan_certificates(platform, root, now)
    if not approved(plan, dry_run=dry_run, json=json, yes=True):
        return
    if not plan.is_empty:
        write_certificates(plan, root, now)
    trusted = is_trusted(root)
    lines = [f"{counted(len(plan.reasons), 'certificate')} made."]
    if plan.reasons:
        lines.append(f"Containers that run have the earlier ones: {command('dev up --recreate')}")
    lines += ["This machine trusts the authority."] if trusted else how_to_trust(root, platform.name)
    report({**plan.document(), "is_trusted": trusted}, json=json, lines=lines)
