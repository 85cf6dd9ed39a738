"""``cost refresh``: the price table from the AWS Price List API."""

from typing import Annotated

import typer

from workbench.aws.pricing import ENDPOINT_REGION, Pricing
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.endpoint import VARIABLE
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption
from workbench.cli.shared.environment import is_embedded
from workbench.errors import OperatorError
from workbench.operations.prices.refresh import plan_refresh, refreshed, write
from workbench.review.cost.prices import TABLE, read_prices

app = App()


RegionOption = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="REGION", help="Only this region's prices; may be given more than once."),
]


@app.command()
def refresh(region: RegionOption = None, dry_run: DryRunOption = False, json: JsonOption = False) -> None:
    """Read the prices from the AWS Price List API and write them into the table in the repository.

    Needs credentials that may call pricing:GetProducts, of any account. What matches no product, or several, stays.
    """
    if is_embedded():
        raise OperatorError(f"{VARIABLE}: the embedded AWS has no prices; `unset {VARIABLE}` turns to AWS itself")
    table = read_prices()
    plan = plan_refresh(table, region or [*table.regions], Pricing(Connection(ENDPOINT_REGION)))
    if not approved(plan, dry_run=dry_run, json=json, yes=False):
        return
    write(refreshed(table, plan), TABLE)
    lines = [f"{TABLE}: written; look at the difference and commit it"]
    report({"plan": plan.document(), "table": str(TABLE)}, json=json, lines=lines)
