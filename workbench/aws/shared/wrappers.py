"""The wrappers of AWS's services, each made when it is first asked for."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from workbench.aws.shared.connection import Connection

_W = TypeVar("_W")


class Wrappers:
    """The wrappers of one connection.

    They are asked for in the thread that made the connection: boto3's sessions are not for several threads, its clients
    are.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._made: dict[Callable[[Connection], Any], Any] = {}

    def of(self, wrapper: Callable[[Connection], _W]) -> _W:
        """Return the connection's only wrapper of a class."""
        if wrapper not in self._made:
            self._made[wrapper] = wrapper(self._connection)
        return cast("_W", self._made[wrapper])
