"""``zelly secrets``: what Secrets Manager holds for the services, without ever showing it."""

import re
import stat
import sys
from json import dumps
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.console import JsonOption, data_console, print_json, project_root, talk
from workbench.cli.shared.environment import Environment, StackOption, open_environment, selected_stack
from workbench.cli.shared.program import current_program
from workbench.errors import OperatorError

if TYPE_CHECKING:
    from workbench.operations.secrets.changes import ChangesPlan

app = typer.Typer(help="Fill and check the secrets of the services. No value is ever shown.", no_args_is_help=True)

_STDIN = Path("-")
# Several letters behind one dash: a value, or short options in one word, which `set` does without.
_SHORT_OPTIONS = re.compile(r"-[^-].", re.DOTALL)
_VALUE_ON_COMMAND_LINE = (
    "came more than SECRET and KEY, which is not shown here: a value on the command line would stand in the process "
    "list and the shell's history; type it when asked, or use --stdin or --file"
)


def _complete_secret(incomplete: str) -> list[str]:
    return [name for name in current_program().secrets.application if name.startswith(incomplete)]


def _complete_key(context: typer.Context, incomplete: str) -> list[str]:
    keys = current_program().secrets.application.get(context.params.get("secret", ""), ())
    return [key for key in keys if key.startswith(incomplete)]


SecretArgument = Annotated[
    str,
    typer.Argument(metavar="SECRET", help="Its path, e.g. zelly/fastify-nova/env.", autocompletion=_complete_secret),
]
NewKeyOption = Annotated[bool, typer.Option("--new-key", help="Allow keys that the catalog does not know.")]


@app.command("list")
def list_secrets(stack: StackOption = None, json: JsonOption = False) -> None:
    """List the secrets: whose the values are, which keys have one, who needs them."""
    from rich.table import Table  # noqa: PLC0415

    from workbench.aws.secrets_manager.versions import SecretVersions  # noqa: PLC0415
    from workbench.operations.secrets.inventory import inventory, timestamp  # noqa: PLC0415

    environment = open_environment(stack)
    rows = inventory(environment.program, SecretVersions(environment.aws))
    if json:
        print_json({"stack": environment.stack, "secrets": [row.document() for row in rows]})
        return
    table = Table("secret", "key", "state", "values of", "changed", "needed by", box=None)
    for row in rows:
        # One on its way out shows when it goes in the place of when it changed.
        when = f"gone on {timestamp(row.deleted_on)}" if row.deleted_on else timestamp(row.changed_at)
        needed = ", ".join(row.needed_by)
        table.add_row(row.name, "", row.state, row.owner or "unknown", when or "-", needed or "-")
        for key, state in row.keys.items():
            table.add_row("", key, state.value, "", "", "")
    data_console().print(table)


@app.command()
def check(stack: StackOption = None, json: JsonOption = False) -> None:
    """Compare every key that a task definition refers to with what is stored; exit 1 when one has no value."""
    from workbench.aws.ecs.services import Ecs  # noqa: PLC0415
    from workbench.aws.ecs.task_definitions import TaskDefinitions  # noqa: PLC0415
    from workbench.aws.secrets_manager.versions import SecretVersions  # noqa: PLC0415
    from workbench.operations.secrets.check import check_secrets  # noqa: PLC0415

    environment = open_environment(stack)
    result = check_secrets(
        {name: environment.names.name(name) for name in environment.program.service_names},
        ecs=Ecs(environment.aws, environment.names.prefix),
        task_definitions=TaskDefinitions(environment.aws),
        secrets=SecretVersions(environment.aws),
    )
    if json:
        print_json(
            {
                "stack": environment.stack,
                "checked_keys": result.checked,
                "lacks": [lack.document() for lack in result.lacks],
                "absent_services": list(result.absent_services),
            }
        )
    else:
        lines = [lack.line for lack in result.lacks]
        lines += [f"{service}: no task definition yet; `pulumi up` makes it" for service in result.absent_services]
        typer.echo("\n".join(lines) or f"All {result.checked} keys that task definitions refer to have values.")
    if not result.passed:
        raise typer.Exit(1)


@app.command("template")
def print_template(
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write it into a file that only you may read; one that is there stays."),
    ] = None,
    stack: StackOption = None,
    json: JsonOption = False,
) -> None:
    """Print the file that `push` takes: every key, empty, with who reads it. Nothing is read from AWS.

    In YAML, which has room for comments; with --json without them. push refuses what is still empty.
    """
    from workbench.config.stack_file import check_stack_name  # noqa: PLC0415
    from workbench.operations.private_files import write_private  # noqa: PLC0415
    from workbench.operations.secrets.template import template, template_text  # noqa: PLC0415

    root = project_root()
    name = selected_stack(stack, root)
    check_stack_name(name, root)
    if output is None:
        if json:
            print_json(template(current_program()))
        else:
            typer.echo(template_text(current_program(), name), nl=False)
        return
    text = f"{dumps(template(current_program()), indent=2)}\n" if json else template_text(current_program(), name)
    write_private(output, text, replace=False, otherwise="it may hold values, and stays; another name is required")
    count = sum(map(len, template(current_program()).values()))
    talk(
        f"{output}: written, mode 600; {count} keys of {len(template(current_program()))} secrets to fill. Then:",
        f"zelly secrets push {quote(str(output))} --stack {name}",
    )


class _ValueRefused(TyperCommand):
    """A command that refuses a word such as ``-secret``, which the parser would take apart into ``-s ecret``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing and any(_SHORT_OPTIONS.match(word) for word in args):
            raise OperatorError(_VALUE_ON_COMMAND_LINE)
        return super().parse_args(ctx, args)


# A value that was typed behind the key would be named in the parser's own complaint.
@app.command("set", cls=_ValueRefused, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def set_key(
    context: typer.Context,
    secret: SecretArgument,
    key: Annotated[str, typer.Argument(metavar="KEY", help="E.g. JWT_SECRET.", autocompletion=_complete_key)],
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the value from standard input.")] = False,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the value from a file.", readable=False)
    ] = None,
    new_key: NewKeyOption = False,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Give one key a value: typed twice without being shown, or from standard input or a file.

    One newline at the end of standard input or of the file is not a part of the value. The value before it stays as
    the secret's previous version.
    """
    from workbench.aws.secrets_manager.versions import SecretVersions  # noqa: PLC0415
    from workbench.operations.secrets.changes import check_names, plan_changes  # noqa: PLC0415

    if context.args:
        raise OperatorError(_VALUE_ON_COMMAND_LINE)
    environment = open_environment(stack)
    # Before anybody types a value in vain.
    if lines := check_names(current_program(), secret, [key], new_keys=new_key):
        raise OperatorError(*lines)
    value = _value(f"{secret} {key}", stdin=stdin, file=file)
    plan = plan_changes(current_program(), {secret: {key: value}}, SecretVersions(environment.aws), new_keys=new_key)
    _change(environment, plan, question=None, dry_run=dry_run, json=json, yes=True)


@app.command()
def push(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help='YAML or JSON, {secret: {KEY: "value"}}; - is standard input.', readable=False
        ),
    ],
    new_key: NewKeyOption = False,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Give many keys the values of a file; keys that are not in it stay as they are."""
    from workbench.aws.secrets_manager.versions import SecretVersions  # noqa: PLC0415
    from workbench.operations.secrets.changes import plan_changes  # noqa: PLC0415
    from workbench.operations.secrets.files import all_values  # noqa: PLC0415

    environment = open_environment(stack)
    given = all_values(_content(file), _source(file))
    plan = plan_changes(current_program(), given, SecretVersions(environment.aws), new_keys=new_key)
    names = ", ".join(change.name for change in plan.pending)
    question = f"Write {names} of {environment.stack}?" if plan.pending else None
    _change(environment, plan, question=question, dry_run=dry_run, json=json, yes=yes)


@app.command()
def restore(
    secret: Annotated[str, typer.Argument(metavar="SECRET", help="Its path, as `zelly secrets list` shows it.")],
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Keep a secret that is scheduled for deletion."""
    from workbench.aws.secrets_manager.versions import SecretVersions  # noqa: PLC0415
    from workbench.operations.secrets.restore import plan_restore  # noqa: PLC0415
    from workbench.operations.secrets.restore import restore as carry_out  # noqa: PLC0415

    environment = open_environment(stack)
    secrets = SecretVersions(environment.aws)
    plan = plan_restore(secret, secrets)
    if approved(plan, dry_run=dry_run, json=json, yes=True):
        carry_out(plan, secrets)
        lines = [
            f"{plan.secret} stays, with everything in it.",
            "If its stack has deleted it, `pulumi up` does not know it any more: `pulumi import` it first.",
        ]
        report({"stack": environment.stack, **plan.document()}, json=json, lines=lines)


def _change(
    environment: Environment, plan: "ChangesPlan", *, question: str | None, dry_run: bool, json: bool, yes: bool
) -> None:
    from workbench.aws.secrets_manager.versions import SecretVersions  # noqa: PLC0415
    from workbench.operations.secrets.changes import change_secrets  # noqa: PLC0415

    if not approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        return
    change_secrets(plan, SecretVersions(environment.aws))
    restarts = {service: _restart_command(environment, service) for service in plan.services}
    lines = [f"Written: {', '.join(change.name for change in plan.pending)}."] if plan.pending else ["Nothing changed."]
    if restarts:
        lines += ["Tasks that run keep what they started with. A deploy brings it to them, or without one:"]
        lines += restarts.values()
    report({"stack": environment.stack, **plan.document(), "restart": restarts}, json=json, lines=lines)


def _restart_command(environment: Environment, service: str) -> str:
    return f"zelly service restart {service} --stack {environment.stack}"


def _value(what: str, *, stdin: bool, file: Path | None) -> str:
    from workbench.operations.secrets.files import one_value  # noqa: PLC0415

    if stdin and file is not None:
        raise OperatorError("--stdin, --file: came both; allowed: one of them, or neither to be asked")
    source = _STDIN if stdin else file
    if source is not None:
        return one_value(_content(source), _source(source))
    if not sys.stdin.isatty():
        raise OperatorError("value: missing; allowed: --stdin, --file FILE, or a terminal to type it at")
    return typer.prompt(what, hide_input=True, confirmation_prompt="The same once more", err=True)


def _source(file: Path) -> str:
    return "standard input" if file == _STDIN else str(file)


def _content(file: Path) -> bytes:
    """Return what a file holds, after a warning when others may read it, too."""
    if file == _STDIN:
        return sys.stdin.buffer.read()
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        content = file.read_bytes()
    except OSError as error:
        raise OperatorError(f"{file}: {error.strerror}; a file that can be read is required") from None
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        talk(f"{file}: others on this machine may read it (mode {mode:o}); chmod 600 {file}")
    return content
