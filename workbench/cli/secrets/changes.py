"""``secrets set | push``: values for the services' secrets, which are never shown."""

import re
import stat
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from workbench.aws.secrets_manager.versions import SecretVersions
from workbench.cli.shared.acting import DryRunOption, YesOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, talk
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.program import current_program, known_program
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperatorError
from workbench.operations.secrets.changes import ChangesPlan, change_secrets, check_names, plan_changes
from workbench.operations.secrets.files import all_values, one_value
from workbench.words import command

app = App()

_STDIN = Path("-")
# Several letters behind one dash: a value, or short options in one word, which `set` does without.
_SHORT_OPTIONS = re.compile(r"-[^-].", re.DOTALL)
_VALUE_ON_COMMAND_LINE = (
    "came more than SECRET and KEY, which is not shown here: a value on the command line would stand in the process "
    "list and the shell's history; type it when asked, or use --stdin or --file"
)


def _example() -> str:
    program = known_program()
    return next(iter(program.secrets.application), "SECRET") if program is not None else "shop/api/env"


def _complete_secret(incomplete: str) -> list[str]:
    return [name for name in current_program().secrets.application if name.startswith(incomplete)]


def _complete_key(context: typer.Context, incomplete: str) -> list[str]:
    keys = current_program().secrets.application.get(context.params.get("secret", ""), ())
    return [key for key in keys if key.startswith(incomplete)]


SecretArgument = Annotated[
    str,
    typer.Argument(metavar="SECRET", help=f"Its path, e.g. {_example()}.", autocompletion=_complete_secret),
]
NewKeyOption = Annotated[bool, typer.Option("--new-key", help="Allow keys that the catalog does not know.")]


class _ValueRefused(TyperCommand):
    """A command that refuses words such as ``-secret``, which the parser would read as ``-s ecret``."""

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
    environment = open_environment(stack)
    given = all_values(_content(file), _source(file))
    plan = plan_changes(current_program(), given, SecretVersions(environment.aws), new_keys=new_key)
    names = ", ".join(change.name for change in plan.pending)
    question = f"Write {names} of {environment.stack}?" if plan.pending else None
    _change(environment, plan, question=question, dry_run=dry_run, json=json, yes=yes)


def _change(
    environment: Environment, plan: ChangesPlan, *, question: str | None, dry_run: bool, json: bool, yes: bool
) -> None:
    if not approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        return
    change_secrets(plan, SecretVersions(environment.aws))
    restarts = {service: _restart_command(environment, service) for service in plan.services}
    lines = [f"Written: {', '.join(change.name for change in plan.pending)}."] if plan.pending else ["Nothing changed."]
    if restarts:
        running = "Services" if environment.program.units else "Tasks"
        lines += [f"{running} that run keep what they started with. A deploy brings it to them, or without one:"]
        lines += restarts.values()
    report({"stack": environment.stack, **plan.document(), "restart": restarts}, json=json, lines=lines)


def _restart_command(environment: Environment, service: str) -> str:
    verb = "restart" if service in {unit.name for unit in environment.program.units} else "service restart"
    return command(verb, service, "--stack", environment.stack)


def _value(what: str, *, stdin: bool, file: Path | None) -> str:
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
    """Return the content of a file, after a warning if others may read it too."""
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
