"""Matching of a program's resources with a state's instances, each pair with its proof."""

from workbench.adopt.matching.confirmed import Confirmed
from workbench.adopt.matching.engine import match

__all__ = ["Confirmed", "match"]
