"""The readers of an account: AWS's wrappers, Cloudflare and the plan."""

import json
import os
import subprocess
import sys
from pathlib import Path

from workbench.aws.account.quotas import ServiceQuotas
from workbench.aws.account.settings import AccountSettings
from workbench.aws.iam.service_linked_roles import ServiceLinkedRoles
from workbench.cli.shared.environment import Environment, is_embedded
from workbench.cli.shared.program import current_program
from workbench.cloudflare import TOKEN_VARIABLE, URL_VARIABLE, CloudflareDns
from workbench.operations.account.reading import AccountAws, AccountOutside
from workbench.operations.readings import Unclear
from workbench.review.quotas.needs import Needs, needs_of

_PATIENCE_SECONDS = 60
_PROGRAM = "import sys; sys.argv[0] = {word!r}; from workbench.cli.main import main; main()"


def account_aws(environment: Environment) -> AccountAws:
    """Return the AWS wrappers that an account is read with."""
    account_id = environment.config.aws_account_id
    return AccountAws(
        roles=ServiceLinkedRoles(environment.aws),
        settings=AccountSettings(environment.aws, account_id),
        registry_settings=AccountSettings(environment.registry, account_id) if environment.program.services else None,
        quotas=ServiceQuotas(environment.aws),
    )


def account_outside(environment: Environment) -> AccountOutside:
    """Return the readers beside AWS's: the plan, and Cloudflare if there is a token."""
    return AccountOutside(
        needs=lambda: planned_needs(environment.stack, environment.root),
        cloudflare=_cloudflare(),
        zone_id=environment.description.dns_zone_id,
    )


def _cloudflare() -> CloudflareDns | Unclear:
    token = os.environ.get(TOKEN_VARIABLE)
    if is_embedded() and URL_VARIABLE not in os.environ:
        return Unclear("the embedded AWS's records are in no zone of Cloudflare's")
    if not token:
        return Unclear(f"Cloudflare is asked only with a token that may read the zone's DNS, in {TOKEN_VARIABLE}")
    return CloudflareDns(token)


def planned_needs(stack: str, root: Path) -> Needs | Unclear:
    """Plan a stack in a process of its own, since operating commands never load the SDK, and return its needs."""
    try:
        completed = subprocess.run(  # noqa: S603 (this interpreter and this program)
            [sys.executable, "-c", _PROGRAM.format(word=current_program().name), "plan", stack, "--quotas", "--json"],
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Unclear(f"the plan was not there after {_PATIENCE_SECONDS} s")
    if completed.returncode != 0:
        lines = completed.stderr.strip().splitlines() or [f"ended with {completed.returncode}"]
        return Unclear(f"there is no plan of {stack}: {lines[0]}")
    return needs_of(json.loads(completed.stdout))
