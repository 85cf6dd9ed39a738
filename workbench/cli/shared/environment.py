"""The environment that a command is for, and its AWS."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.aws.account.identity import Sts
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.endpoint import VARIABLE, answers, embedded_endpoint
from workbench.cli.shared.program import current_program, project_root
from workbench.cli.shared.stack import selected_stack
from workbench.config.stack_file import StackFile, other_stacks, read_stack_file
from workbench.errors import OperatorError
from workbench.names import Names
from workbench.sandbox.embedded import STATE_FILE, running
from workbench.words import command

if TYPE_CHECKING:
    from workbench.program import Description, Program, StackConfig


@dataclass(frozen=True)
class Environment:
    """A stack's configuration and its AWS."""

    root: Path
    """The project's folder."""
    file: StackFile[Any]
    aws: Connection
    """In the stack's region."""

    @property
    def stack(self) -> str:
        """The stack's name, which is the environment's."""
        return self.file.stack

    @property
    def config(self) -> "StackConfig":
        """The configuration, as far as every program's has the same."""
        return self.file.environment

    @property
    def program(self) -> "Program[Any]":
        """The program that the stack is of."""
        return self.file.program

    @property
    def description(self) -> "Description":
        """The parts of the environment."""
        return self.file.description

    @property
    def names(self) -> Names:
        """What its parts are called in AWS."""
        return self.program.names(self.stack)

    @cached_property
    def registry(self) -> Connection:
        """The same credentials in the region of the image repositories."""
        return self.aws.in_region(self.description.registry_region)


def open_environment(stack: str | None) -> Environment:
    """Return the environment that a command is for, after making sure that the credentials are its account's.

    Raises:
        OperatorError: when no stack is named, its file has mistakes, or the credentials are none or another account's.
    """
    root = project_root()
    file = read_stack_file(current_program(), selected_stack(stack, root), root)
    environment = Environment(root, file, Connection(file.region))
    _check_account(environment)
    return environment


def open_account(region: str | None) -> Environment:
    """Return what all stacks share: the environment that owns the image repositories, its AWS in ``region``.

    Without ``region`` it is that of the repositories.

    Raises:
        OperatorError: as :func:`open_environment`, or when no stack owns them.
    """
    root, program = project_root(), current_program()
    # What is wrong with another stack's file is no reason to leave the account alone.
    owner = next((each.name for each in other_stacks(program, root) if each.value(program.owner_flag) is True), None)
    if owner is not None:
        file = read_stack_file(program, owner, root)
        environment = Environment(root, file, Connection(region or file.description.registry_region))
        _check_account(environment)
        return environment
    raise OperatorError(f"{root}: no stack file with {program.owner_flag}: true, as an account's first has")


def _check_account(environment: Environment) -> None:
    endpoint = embedded_endpoint()
    if endpoint is not None:
        _check_answers(endpoint, environment.root)
        return
    wanted = environment.config.aws_account_id
    caller = Sts(environment.aws).caller()
    if caller.account_id != wanted:
        raise OperatorError(
            f"credentials: came {caller.arn} of account {caller.account_id}; "
            f"allowed for {environment.stack}: account {wanted}"
        )


def is_embedded() -> bool:
    """Tell whether AWS is one on this machine: no account's money or data is at stake."""
    return embedded_endpoint() is not None


def _check_answers(endpoint: str, root: Path) -> None:
    """Refuse an embedded AWS that has ended, before every single call finds out.

    Raises:
        OperatorError: when nothing answers.
    """
    if answers(endpoint):
        return
    found = running(root / STATE_FILE)
    way = (
        f"`{command('sandbox up STACK --detach')}` starts another"
        if found is None
        else f'another runs at {found.endpoint_url}: eval "$({command("sandbox env")})"'
    )
    raise OperatorError(
        f"{VARIABLE}: the embedded AWS at {endpoint} has ended; {way}, and `unset {VARIABLE}` turns to AWS itself"
    )
