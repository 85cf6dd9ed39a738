"""The one type for what an operator did wrong, or has to know before anything can be done."""


class OperatorError(Exception):
    """An error for the operator to read: printed to stderr as these lines, without a traceback, exit code 2."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines

    def __str__(self) -> str:
        """Return the lines as one text."""
        return "\n".join(self.lines)
