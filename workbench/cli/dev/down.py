"""``dev down | reset``: the platform stopped, and its data deleted."""

from workbench.cli.dev.platform import current_platform
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption
from workbench.counting import counted
from workbench.operations.local_dev.docker import Compose
from workbench.operations.local_dev.stopping import down as carry_out
from workbench.operations.local_dev.stopping import plan_down

app = App()


@app.command()
def down(dry_run: DryRunOption = False, json: JsonOption = False) -> None:
    """Stop the platform and remove its containers; the data stays."""
    platform, root = current_platform()
    compose = Compose.find(platform, root)
    plan = plan_down(compose, keeps_data=True)
    if approved(plan, dry_run=dry_run, json=json, yes=True):
        carry_out(plan, compose)
        report(plan.document(), json=json, lines=[f"{platform.name} is stopped; its data is kept."])


@app.command()
def reset(dry_run: DryRunOption = False, yes: YesOption = False, json: JsonOption = False) -> None:
    """Stop the platform and delete all of its data: databases, queues, issued certificates, analytics.

    Values and certificates of this machine stay, and so do images and repositories. The next start makes empty stores.
    """
    platform, root = current_platform()
    compose = Compose.find(platform, root)
    plan = plan_down(compose, keeps_data=False)
    question = f"Delete all data of {platform.name} on this machine?" if plan.volumes else None
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        carry_out(plan, compose)
        report(plan.document(), json=json, lines=[f"{platform.name} is stopped, {_deleted(len(plan.volumes))}."])


def _deleted(volumes: int) -> str:
    return f"and {counted(volumes, 'volume')} deleted"
