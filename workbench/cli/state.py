"""``state bootstrap | locks | unlock``: the backend of Pulumi's state."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.aws.account.settings import AccountSettings
from workbench.aws.iam.service_linked_roles import ServiceLinkedRoles
from workbench.aws.kms import Kms
from workbench.aws.s3 import S3
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, checked_region, complete_stack, print_json, talk
from workbench.cli.shared.environment import open_account
from workbench.cli.shared.program import current_program, project_root
from workbench.config.stack_file import check_stack_name, read_stack_file, stack_names
from workbench.errors import OperatorError
from workbench.operations.account.bootstrap import plan_roles, plan_settings
from workbench.operations.account.service_linked_roles import needed_by
from workbench.operations.state import bootstrap as bootstrapping
from workbench.operations.state import locks as locking
from workbench.operations.state.backend import OLD_VERSIONS_DAYS, StateBackend
from workbench.operations.state.bootstrap import AccountStep, plan_bootstrap
from workbench.operations.state.locks import locks, plan_unlock, this_machine
from workbench.words import command

if TYPE_CHECKING:
    from workbench.cli.shared.environment import Environment

app = App()


def _check(option: str, pattern: str, allowed: str, value: str | None) -> str | None:
    if value is not None and re.fullmatch(pattern, value) is None:
        raise OperatorError(f"{option}: came {value}; allowed: {allowed}")
    return value


def _bucket_name(value: str | None) -> str | None:
    # A dot would break TLS on the bucket's host name ("Bucket naming rules", S3 User Guide).
    allowed = "3 to 63 lower-case letters, digits and inner hyphens"
    return _check("--bucket", r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", allowed, value)


def _alias_name(value: str | None) -> str | None:
    example = current_program().state.key_alias
    allowed = f"alias/ and a name of letters, digits, / _ and -, not below alias/aws/, e.g. {example}"
    return _check("--alias", r"alias/(?!aws/)[A-Za-z0-9/_-]{1,250}", allowed, value)


def _region_name(value: str | None) -> str | None:
    return value if value is None else checked_region(value)


BucketOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The bucket, whose name is unique in all of AWS; without it the program's own.",
        callback=_bucket_name,
    ),
]
RegionOption = Annotated[
    str | None,
    typer.Option(
        metavar="REGION", help="Of bucket and key; without it that of the image repositories.", callback=_region_name
    ),
]
OneStackOption = Annotated[
    str | None,
    typer.Option("--stack", "-s", metavar="STACK", help="Only this stack's.", autocompletion=complete_stack),
]


@app.command()
def bootstrap(
    bucket: BucketOption = None,
    alias: Annotated[
        str | None,
        typer.Option(
            metavar="ALIAS", help="Of the KMS key, alias/…; without it the program's own.", callback=_alias_name
        ),
    ] = None,
    region: RegionOption = None,
    settings: Annotated[
        bool,
        typer.Option(
            "--account",
            help="Also set what holds for the whole account: encryption of EBS volumes, snapshots, images and buckets "
            "never public, IMDSv2, scanning of images on push, the password policy.",
        ),
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Make bucket and KMS key for the state of every stack, and the service-linked roles that the services need.

    What is there is completed and corrected; what others added stays. Then print the commands that use them.
    """
    account = open_account(region)
    program = account.program
    backend = StateBackend(
        program=program.name,
        bucket=bucket or program.state.bucket,
        alias=alias or program.state.key_alias,
        region=account.aws.region,
        account_id=account.config.aws_account_id,
    )
    kms = Kms(account.aws)
    s3 = S3(account.aws, backend.bucket, backend.account_id)
    plan = plan_bootstrap(backend, kms=kms, s3=s3, account_steps=_account_steps(account, settings=settings))
    question = f"Do this in account {backend.account_id}? A KMS key costs 1 USD a month." if plan.pending else None
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        key = bootstrapping.bootstrap(plan, kms=kms, s3=s3)
        commands = [backend.login_command, *(backend.init_command(stack) for stack in stack_names(account.root))]
        talk(f"Replaced states are kept for {OLD_VERSIONS_DAYS} days. What to type next, in this folder:")
        report({**plan.document(), "key_arn": key.arn, "commands": commands}, json=json, lines=commands)


@app.command("locks")
def list_locks(
    stack: OneStackOption = None,
    bucket: BucketOption = None,
    region: RegionOption = None,
    json: JsonOption = False,
) -> None:
    """List who holds which stack, and since when."""
    _check_stack(stack)
    bucket = bucket or current_program().state.bucket
    found = locks(_bucket(bucket, region), project=current_program().name, stack=stack)
    if json:
        print_json({"bucket": bucket, "locks": [lock.document() for lock in found]})
    else:
        typer.echo("\n".join(lock.line for lock in found) or f"No lock in {bucket}.")


@app.command()
def unlock(
    stack: OneStackOption = None,
    bucket: BucketOption = None,
    region: RegionOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Release the locks that dead commands of your own, on this machine, left behind; show the others.

    Whatever cannot be shown to be yours and dead is left to `pulumi cancel`.
    """
    _check_stack(stack)
    bucket = bucket or current_program().state.bucket
    s3 = _bucket(bucket, region)
    plan = plan_unlock(s3, bucket=bucket, project=current_program().name, stack=stack, machine=this_machine())
    question = "Release them?" if plan.releasing else None
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        released = locking.unlock(plan, s3)
        lines = [f"{lock.line}: released" for lock in released] or ["Nothing was released."]
        report({"bucket": bucket, "released": [lock.document() for lock in released]}, json=json, lines=lines)
    if plan.keeping and not dry_run:
        raise typer.Exit(1)


def _account_steps(account: "Environment", *, settings: bool) -> tuple[AccountStep, ...]:
    """Return the steps beside the state backend: service-linked roles, and settings in the region of each stack."""
    roles = plan_roles(ServiceLinkedRoles(account.aws), needed_by(current_program()))
    if not settings:
        return roles
    own, registry_region = account.config.aws_account_id, account.description.registry_region
    configs = [
        read_stack_file(current_program(), stack, account.root).environment for stack in stack_names(account.root)
    ]
    regions = dict.fromkeys([registry_region, *(config.region for config in configs if config.aws_account_id == own)])
    accounts = {region: AccountSettings(account.aws.in_region(region), own) for region in regions}
    has_registry = bool(current_program().services)
    return (*roles, *plan_settings(accounts, registry_region=registry_region if has_registry else None))


def _check_stack(stack: str | None) -> None:
    if stack is not None:
        check_stack_name(stack, project_root())


def _bucket(name: str, region: str | None) -> S3:
    """Return the state bucket.

    Raises:
        OperatorError: when there is none.
    """
    account = open_account(region)
    bucket = S3(account.aws, name, account.config.aws_account_id)
    if bucket.region() is None:
        raise OperatorError(
            f"bucket {name}: not there; `{command('state bootstrap')}` makes it, --bucket names another"
        )
    return bucket
