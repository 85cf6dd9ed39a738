"""What takes the imported resources out of Terraform's state, and leaves them in AWS."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_FIRST_WITH_BLOCKS = (1, 7)
"""The first Terraform with ``removed`` blocks ("Upgrading to Terraform v1.7")."""


@dataclass(frozen=True, kw_only=True)
class Removal:
    """The ways out of Terraform's state for the imported addresses, each of them once."""

    blocks: tuple[str, ...]
    """Resources of which every instance is imported: a block takes no instance key."""
    commands: tuple[str, ...]
    """Single instances, of resources of which others stay."""

    def file(self) -> str:
        """Return the text of ``removed.tf``."""
        return "\n".join(_BLOCK.format(address=address) for address in self.blocks)

    def state_rm(self) -> list[str]:
        """Return the arguments of ``terraform state rm`` for the single instances, quoted for a shell."""
        return [shlex.quote(address) for address in self.commands]


_BLOCK = """\
removed {{
  from = {address}

  lifecycle {{
    destroy = false
  }}
}}
"""


def removal(imported: Iterable[str], managed: Sequence[str], *, terraform_version: str) -> Removal:
    """Return what removes the imported addresses, of all that are managed, and nothing else."""
    wanted = set(imported)
    instances: dict[str, list[str]] = {}
    for address in managed:
        instances.setdefault(without_keys(address), []).append(address)
    has_blocks = _numbers(terraform_version) >= _FIRST_WITH_BLOCKS
    whole: Mapping[str, Sequence[str]] = {
        resource: all_of for resource, all_of in instances.items() if has_blocks and wanted.issuperset(all_of)
    }
    covered = {address for all_of in whole.values() for address in all_of}
    return Removal(blocks=tuple(whole), commands=tuple(address for address in managed if address in wanted - covered))


def without_keys(address: str) -> str:
    """Return a resource's address without instance keys, of modules too; ``a["x.y[0]"]`` is ``a``."""
    return re.sub(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]', "", address)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])
