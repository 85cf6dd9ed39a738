"""Words in names and addresses: which of them tell one thing from its like."""

import functools
import re
from collections import Counter
from collections.abc import Iterable

from workbench.adopt.matching.program import Program
from workbench.adopt.matching.values import member
from workbench.adopt.model import Translated
from workbench.adopt.state import indices

_WORD = re.compile(r"[a-z]{2,}\d*")
_GENERAL = frozenset({"module", "this", "main", "default", "aws", "tf", "terraform", "of", "the", "and", "for", "to"})
_COMMON = 0.5
"""The part of all resources from which on a word in their names says nothing: the project's name, the stack's."""


@functools.cache
def words_in(text: str) -> frozenset[str]:
    """Return the words of a name: ``shop-ordersDb_sg1`` has four."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return frozenset(_WORD.findall(spaced.lower())) - _GENERAL


def words_of(item: Translated) -> frozenset[str]:
    """Return the words of an instance's address and names, without those of its type."""
    instance = item.instance
    # The type stands in the address.
    texts = [instance.address.replace(f"{instance.type}.", ".")]
    texts += [str(member(instance.attributes, path) or "") for path in ("tags.Name", "name", "bucket", "identifier")]
    return frozenset(word for text in texts for word in words_in(text)) - words_in(instance.type)


def keys_of(item: Translated) -> frozenset[str]:
    """Return the keys of ``for_each`` in an instance's address."""
    return frozenset(key for key in indices(item.instance.address) if key.startswith('"'))


def common_words(program: Program) -> frozenset[str]:
    """Return the words that most resources have in their names."""
    counts = Counter(word for each in program.resources for word in words_in(each.name))
    return frozenset(word for word, count in counts.items() if count > _COMMON * len(program.resources))


def own_words(name: str, others: Iterable[str], common: frozenset[str]) -> frozenset[str]:
    """Return the words of a name that none of the others has."""
    return words_in(name) - common - frozenset(word for other in others if other != name for word in words_in(other))
