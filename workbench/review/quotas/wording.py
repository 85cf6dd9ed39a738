"""Wording of a plan's needs against AWS's defaults."""

from collections.abc import Sequence

from workbench.providers.quotas import Standing
from workbench.review.quotas.needs import Need, Needs
from workbench.words import command

FREE_PLAN = "an account on AWS's free plan is refused every instance type that is not free-tier-eligible"
"""RunInstances then answers InvalidParameterCombination, "The specified instance type is not eligible for Free Tier"
("Explore AWS services with AWS Free Tier", AWS Billing User Guide)."""


def short_lines(needs: Needs) -> Sequence[str]:
    """Return only what exceeds a default or comes near it, and how many others there are."""
    shown = [need for need in needs.needs if need.standing(need.quota.default) is not Standing.WITHIN]
    if not shown and not needs.uncounted:
        return []
    others = len(needs.needs) - len(shown)
    return [
        *(_line(need) for need in shown),
        *needs.uncounted,
        f"{others} {'more is' if others == 1 else 'others are'} well within; {command('plan --quotas')} shows all",
    ]


def all_lines(needs: Needs, region: str) -> Sequence[str]:
    """Return every need, and the commands that ask for what is too little."""
    above = [need for need in needs.needs if need.standing(need.quota.default) is Standing.ABOVE]
    return [
        *(_line(need) for need in needs.needs),
        *needs.uncounted,
        *([f"hosts are {', '.join(needs.instance_types)}: {FREE_PLAN}"] if needs.instance_types else []),
        *([f"{command('doctor')} reads the account's own quotas. To ask for more:"] if above else []),
        *(need.quota.increase_command(need.peak, region) for need in above),
    ]


def _line(need: Need) -> str:
    quota = need.quota
    return f"{quota.name} ({quota.code}): {need.words}; {need.relation(quota.default)} the default of {quota.default}"
