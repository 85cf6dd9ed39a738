"""``doctor``: the open steps and the invariants of an environment, checked."""

from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from workbench.aws.kms import Kms
from workbench.aws.logs.groups import LogGroups
from workbench.aws.s3 import S3
from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.aws.sns import Sns
from workbench.cli.shared.account import account_aws, account_outside
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, report_columns, talk
from workbench.cli.shared.environment import Environment, is_embedded, open_environment
from workbench.cli.shared.stack import StackOption
from workbench.cli.shared.writing import write_text
from workbench.cli.status import status_aws
from workbench.cloudflare import CloudflareError, published_ranges
from workbench.operations.account.cloudflare_names import found_conflicts, import_file
from workbench.operations.account.service_linked_roles import needed_by
from workbench.operations.deploys.environment import deployed_services
from workbench.operations.doctor.checks import examine
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.reading import DoctorAws, Outside, read_facts, system_resolver
from workbench.operations.readings import Unclear
from workbench.operations.state.backend import StateBackend

if TYPE_CHECKING:
    from workbench.operations.doctor.report import Report

app = App()

_STYLES = {"done": "green", "to do": "yellow", "broken": "bold red", "can't tell": "magenta"}
"""Beside the words, which say the same."""


@app.command()
def doctor(
    stack: StackOption = None,
    json: JsonOption = False,
    import_file: Annotated[
        Path | None,
        typer.Option(
            "--import-file",
            metavar="FILE",
            help="Also write the records in Cloudflare that stand where the program makes one, for pulumi import.",
        ),
    ] = None,
) -> None:
    """Check an environment: which steps of setting it up are done, and whether what has to stay true is true.

    Each finding that is not done names the command to go on with. It changes nothing. It exits with 1 when something
    is to do or broken, or when AWS refused to tell; what cannot be seen from outside at all does not count.
    """
    environment = open_environment(stack)
    where = _where(environment)
    facts = read_facts(where, _aws(environment, where), _outside(environment))
    report = examine(where, facts)
    if json:
        print_json(report.document())
    else:
        data_console().print(_text(report))
    if import_file is not None:
        _write_import_file(import_file, environment, where, facts)
    if not report.is_well:
        raise typer.Exit(1)


def _where(environment: Environment) -> Where:
    program = environment.program
    source, target = program.promotion or (None, None)
    return Where(
        description=environment.description,
        services=deployed_services(program, environment.description),
        backend=StateBackend(
            program=program.name,
            bucket=program.state.bucket,
            alias=program.state.key_alias,
            region=environment.description.registry_region,
            account_id=environment.config.aws_account_id,
        ),
        is_embedded=is_embedded(),
        at=datetime.now(UTC),
        units=program.units,
        linked_services=needed_by(program),
        rehearsed_in=source if target == environment.description.stack else None,
    )


def _aws(environment: Environment, where: Where) -> DoctorAws:
    connection, backend = environment.aws, where.backend
    return DoctorAws(
        **vars(status_aws(environment)),
        secrets=SecretVersions(connection),
        state_bucket=S3(environment.registry, backend.bucket, backend.account_id),
        state_keys=Kms(environment.registry),
        sns=Sns(connection),
        log_groups=LogGroups(connection),
        account=account_aws(environment),
    )


def _outside(environment: Environment) -> Outside:
    """Return what is asked beside AWS: of the embedded one nothing, whose addresses may be somebody else's."""
    return Outside(
        resolve=None if is_embedded() else system_resolver,
        reaches_hosts=not is_embedded(),
        account=account_outside(environment),
        published_ranges=None if is_embedded() else _published_ranges,
    )


def _published_ranges() -> frozenset[str] | Unclear:
    try:
        return published_ranges()
    except CloudflareError as error:
        return Unclear(error.lines[0])


def _write_import_file(path: Path, environment: Environment, where: Where, facts: Facts) -> None:
    document = import_file(found_conflicts(where.description, facts), environment.description.dns_zone_id)
    if not document["resources"]:
        talk(f"{path}: not written; there is no record to take over")
        return
    write_text(path, dumps(document, indent=2) + "\n", option="--import-file")
    talk(f"pulumi import --file {path} --protect=false --generate-code=false --stack {environment.stack}")


def _text(report: "Report") -> Text:
    text = Text()
    lines = report.lines(report_columns())
    for position, (line, verdict) in enumerate(lines):
        if verdict is None:
            text.append(line, style=None if line.startswith(" ") else "bold")
        else:
            before, word, after = line.partition(verdict.value)
            text.append(before).append(word, style=_STYLES[verdict.value]).append(after)
        if position < len(lines) - 1:
            text.append("\n")
    return text
