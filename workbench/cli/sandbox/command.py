"""``sandbox``: a stack brought up in the embedded AWS, to be looked at with any AWS tool."""

import gc
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.plan.evaluation import AnyStackFile, read_any_stack_file
from workbench.cli.sandbox.bring_up import (
    Ending,
    Session,
    already_up,
    bring_up,
    embedded_aws,
    how_many,
    owns_shared_resources,
)
from workbench.cli.sandbox.endpoint import bring_up_at
from workbench.cli.sandbox.engine import practise
from workbench.cli.sandbox.running import (
    EndpointOption,
    checked_endpoint,
    end_running,
    export_lines,
    in_words,
    one_maker,
    running_in,
)
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, command_word, output_lines, print_json, talk
from workbench.cli.shared.program import current_program, project_root
from workbench.cli.shared.stack import StackOption, selected_stack
from workbench.config.stack_file import read_stack_file, stack_names
from workbench.counting import counted
from workbench.errors import OperatorError
from workbench.review.tree import count_by_type
from workbench.sandbox.embedded import EmbeddedAws, running

if TYPE_CHECKING:
    from workbench.evaluate import Evaluation

app = App()

_POLL_SECONDS = 0.5


@app.command()
def up(
    stack: StackOption = None,
    all_stacks: Annotated[bool, typer.Option("--all", help="Every stack that is not up yet, in one account.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Leave it running; `PROGRAM sandbox down` ends it.")] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port to listen on; any free one if left out.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="End the embedded AWS that is running, with everything in it, first.")
    ] = False,
    json: JsonOption = False,
    *,
    endpoint: EndpointOption = None,
    engine: Annotated[
        bool, typer.Option("--engine", help="Let the Pulumi engine make it, then open a shell to practise `pulumi` in.")
    ] = False,
    plugins: Annotated[
        bool, typer.Option("--plugins", help="With --engine: the real aws and random plugins, which Pulumi downloads.")
    ] = False,
) -> None:
    """Make every resource of a stack in an embedded AWS on this machine, and tell how to look around.

    On a terminal it stays until Ctrl-C. Elsewhere it ends when everything is made, unless --detach is given. When one
    is running already, the stack is made in that one, unless --replace is given.

    With --endpoint it is made in another emulator, which somebody else has started and ends: what that lacks is named
    and left out. The exit code is then 0 when all is there, 3 when something is missing, 1 when it could not go on.
    """
    root = project_root()
    if all_stacks and stack is not None:
        raise OperatorError(f"--all: came with {stack}; allowed: either one stack or --all")
    given = {"--all": all_stacks, "--detach": detach, "--json": json, "--port": port is not None, "--replace": replace}
    if endpoint is not None:
        url = _endpoint_alone(endpoint, {**given, "--engine": engine, "--plugins": plugins})
        bring_up_at(url, _missing(root, None) if all_stacks else _named(stack, root), root, json=json)
        return
    if _uses_engine(engine=engine, plugins=plugins, others=given):
        practise(read_stack_file(current_program(), selected_stack(stack, root), root), root, plugins=plugins)
        return
    files = None if all_stacks else _named(stack, root)
    _bring_up_embedded(root, files, detach=detach, port=port, replace=replace, json=json)


def _bring_up_embedded(
    root: Path,
    named: "Sequence[AnyStackFile] | None",
    *,
    detach: bool,
    port: int | None,
    replace: bool,
    json: bool,
) -> None:
    """Make the stacks that were named, or all that are missing, in the project's embedded AWS."""
    with ExitStack() as lock:
        lock.enter_context(one_maker(root))
        present = running_in(root)
        files = named if named is not None else _missing(root, None if replace else present)
        # Before anything is ended or made: what is wrong with a stack or with the program shows here.
        totals = [how_many(file, root) for file in files]
        if replace and present is not None:
            end_running(root)
            present = None
        with embedded_aws(root, present, files, port=port, ending=_ending(detach=detach, json=json)) as session:
            made = {file.stack: bring_up(session, file, total=total) for file, total in zip(files, totals, strict=True)}
            _tell(session, files, made, detach=detach, json=json)
            if session.ending == "on_interrupt":
                # From here on, others may make stacks in it, too.
                lock.close()
                _wait(session.state_file)


def _tell(
    session: Session, files: Sequence[AnyStackFile], made: "Mapping[str, Evaluation]", *, detach: bool, json: bool
) -> None:
    url = session.aws.endpoint_url
    if json:
        print_json(_document(url, files, made))
        return
    lines = [line for file in files for line in _report(file, made[file.stack])]
    if detach:
        # Standard output is for `eval`, which takes nothing else.
        talk(*lines, "")
        typer.echo("\n".join(export_lines(url, files[0].region)))
        talk(*_how_to_look_around(files))
    else:
        typer.echo("\n".join(lines))
        if session.ending != "with_the_command":
            talk("", *export_lines(url, files[0].region), *_how_to_look_around(files))
    talk(_how_it_ends(session.ending))


def _endpoint_alone(endpoint: str, others: Mapping[str, bool]) -> str:
    for option in (option for option, given in others.items() if given and option not in {"--all", "--json"}):
        raise OperatorError(f"--endpoint: came with {option}, which is for the embedded AWS; one of the two is allowed")
    return checked_endpoint(endpoint)


def _uses_engine(*, engine: bool, plugins: bool, others: Mapping[str, bool]) -> bool:
    if plugins and not engine:
        raise OperatorError("--plugins: came without --engine, which they are for")
    for option in (option for option, given in others.items() if engine and given):
        raise OperatorError(f"--engine: came with {option}; allowed: one stack, in an embedded AWS of its own")
    return engine


def _ending(*, detach: bool, json: bool) -> Ending:
    if detach:
        return "never"
    # Without a terminal nobody could end it, and whoever reads a pipe waits for its end.
    return "on_interrupt" if not json and sys.stdin.isatty() and sys.stdout.isatty() else "with_the_command"


def _named(stack: str | None, root: Path) -> list[AnyStackFile]:
    return [read_any_stack_file(selected_stack(stack, root), root)]


def _missing(root: Path, present: EmbeddedAws | None) -> list[AnyStackFile]:
    """Return every stack that is not up yet; the one that owns what the others look up comes first."""
    up = present.state.stacks if present is not None else ()
    missing = [name for name in stack_names(root) if name not in up]
    if present is not None and not missing:
        raise already_up(up, present)
    if up:
        talk(f"Already up: {in_words(up)}. To be made: {in_words(missing)}.")
    files = [read_any_stack_file(name, root) for name in missing]
    return sorted(files, key=lambda file: (not owns_shared_resources(file), file.stack))


def _report(file: AnyStackFile, evaluation: "Evaluation") -> list[str]:
    count = count_by_type(evaluation).total()
    return [
        f"{file.stack} is up in {file.region}: {counted(count, 'resource')}",
        *output_lines(evaluation.outputs),
    ]


def _document(endpoint_url: str, files: Sequence[AnyStackFile], made: "Mapping[str, Evaluation]") -> dict[str, Any]:
    stacks: dict[str, Any] = {}
    for file in files:
        by_type = count_by_type(made[file.stack])
        stacks[file.stack] = {
            "region": file.region,
            "resources": by_type.total(),
            "resources_by_type": dict(by_type),
            "outputs": made[file.stack].outputs,
        }
    return {"endpoint_url": endpoint_url, "stacks": stacks}


def _how_to_look_around(files: Sequence[AnyStackFile]) -> list[str]:
    code = 'import boto3; print([vpc["CidrBlock"] for vpc in boto3.client("ec2").describe_vpcs()["Vpcs"]])'
    return [
        "",
        f'With these exports (or `eval "$({command_word()} sandbox env)"`) any AWS tool looks around:',
        *(f"  aws ec2 describe-vpcs --region {file.region}" for file in files),
        f"  {shlex.quote(_interpreter())} -c {shlex.quote(code)}",
        "",
    ]


def _interpreter() -> str:
    """Return how to call this Python, which has boto3: as short as the working directory allows."""
    interpreter = Path(sys.executable)
    return str(interpreter.relative_to(Path.cwd())) if interpreter.is_relative_to(Path.cwd()) else str(interpreter)


def _how_it_ends(ending: Ending) -> str:
    return {
        "with_the_command": "The embedded AWS ends here, as this is no terminal; --detach leaves it running.",
        "on_interrupt": "It stays until Ctrl-C.",
        "never": f"It goes on running; `{command_word()} sandbox down` ends it.",
    }[ending]


def _wait(state_file: Path) -> None:
    """Wait until Ctrl-C, or until somebody else ends the embedded AWS."""
    # What a short command does without is needed by one that stays for hours.
    gc.freeze()
    gc.enable()
    try:
        while running(state_file) is not None:
            time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        # The terminal shows ^C; the rest of the line is left to it.
        talk("")
    talk("The embedded AWS has ended.")
