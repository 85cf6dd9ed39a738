"""What a command ends with when something is not as it should be: lines for the operator, and an exit code."""

from typing import ClassVar


class OperatorError(Exception):
    """What an operator did wrong, or has to know before anything can be done.

    Printed to stderr as these lines, without a traceback.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines

    def __str__(self) -> str:
        """Return the lines as one text."""
        return "\n".join(self.lines)


class OperationFailedError(OperatorError):
    """What was begun did not succeed: the lines say what happened, what was done and how to go on."""

    exit_code: ClassVar[int] = 1


class OperationInterruptedError(OperatorError):
    """Ctrl-C came while something was under way: the lines say what goes on without the command, and how to go on."""

    exit_code: ClassVar[int] = 130
    """128 and the number of SIGINT, as shells count."""
