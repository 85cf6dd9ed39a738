"""The ledger of an embedded AWS: what the resource table made in it, with the inputs that it was made of.

It lies in the server's memory, so that whoever comes later, as the engine of another command, reads what was made
before. What boto3 or a person made is not in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from workbench.sandbox.asking import Asker
from workbench.sandbox.errors import SandboxError
from workbench.sandbox.server import process as server


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One resource as it was last made or changed; all values plain."""

    type: str
    region: str
    """Empty for what no AWS service makes."""
    id: str
    """The provider's id of it."""
    key: str
    """The id that finds it again, by its type and region: the provider's, or that of an import where only that one is
    its alone."""
    urn: str
    inputs: Mapping[str, Any] = field(repr=False)
    """The program's, with the physical name filled in."""
    outputs: Mapping[str, Any] = field(repr=False)
    """Every property, the inputs among them."""
    secrets: Sequence[str] = ()
    """The properties that are secret."""


class Ledger:
    """The ledger of the embedded AWS at a port of this machine. Only the holder of its token reads or writes it."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._asker = Asker(port, token)

    def note(self, entry: Entry) -> None:
        """Keep a resource that was made or changed, in the place of what was kept of it.

        Raises:
            SandboxError: when the embedded AWS does not answer.
        """
        # Not asdict, which copies every value of it.
        self._ask({"note": {each.name: getattr(entry, each.name) for each in fields(entry)}})

    def forget(self, type_token: str, region: str, key: str) -> None:
        """Keep nothing more of a resource that was deleted."""
        self._ask({"forget": {"type": type_token, "region": region, "key": key}})

    def find(self, type_token: str, region: str, key: str) -> Entry | None:
        """Return what is kept of a resource, or None."""
        found = self._ask({"find": {"type": type_token, "region": region, "key": key}})["entry"]
        return None if found is None else Entry(**found)

    def entries(self) -> Sequence[Entry]:
        """Return everything that is kept, in the order in which it was made."""
        return [Entry(**entry) for entry in self._ask({})["entries"]]

    def _ask(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self._asker.ask(server.LEDGER_PATH, content)
        if answer is None:
            raise SandboxError(f"no embedded AWS that was started here answers at port {self._port}")
        return answer
