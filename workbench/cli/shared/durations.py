"""Durations as operators write them."""

import re
from datetime import timedelta

from workbench.errors import OperatorError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(rf"([1-9][0-9]{{0,3}})([{''.join(_UNITS)}])")


def parse_duration(option: str, text: str) -> timedelta:
    """Return the duration in an option's value: a whole number and its unit, e.g. ``90s``, ``15m``, ``2h``.

    Raises:
        OperatorError: for anything else.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise OperatorError(f"{option}: came {text!r}; allowed: 1 to 9999 and s, m, h or d, e.g. 90s, 15m, 2h")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
