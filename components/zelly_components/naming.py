"""Physical names as pure functions: a name is cut to its service's limit, and a hash tells cut names apart."""

import hashlib
import re

_HASH_LENGTH = 7


def physical_name(name: str, *, limit: int) -> str:
    """Return ``name`` if it fits into ``limit`` characters, else its beginning and a hash of the whole.

    Equal names give equal results in every run, and two long names with one beginning stay different.

    Raises:
        ValueError: when the limit leaves no room for a letter, a hyphen and the hash.
    """
    if limit < _HASH_LENGTH + 2:
        raise ValueError(f"limit: {limit}; a physical name needs at least {_HASH_LENGTH + 2} characters")
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    return f"{name[: limit - _HASH_LENGTH - 1].rstrip('-')}-{digest}"


def name_prefix(name: str, *, limit: int) -> str:
    """Return a prefix of at most ``limit`` characters, ending in a hyphen, for a name whose suffix the provider makes.

    A target group takes six characters (``name_prefix`` of ``aws_lb_target_group``): too short to read, so the
    resource also carries a ``Name`` tag.
    """
    return f"{name[: limit - 1].rstrip('-')}-"


def load_balancer_name(name: str) -> str:
    """Return ``name`` if Elastic Load Balancing takes it (API reference, "CreateLoadBalancer", ``Name``).

    Raises:
        ValueError: when it is too long, holds another character, or begins as only internal balancers' names may.
    """
    if not re.fullmatch(r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?", name):
        raise ValueError(
            f"load_balancer_name: came {name!r}; allowed 1 to 32 letters, digits and inner hyphens, not 'internal-…'"
        )
    return name
