"""All entries of the supplement, a module per AWS service."""

from zelly_infra.sandbox.supplement import ec2, elastic_load_balancing
from zelly_infra.sandbox.supplement.table import Forgotten, Missing, Preparation

_MODULES = (elastic_load_balancing,)

MISSING: tuple[Missing, ...] = tuple(entry for module in _MODULES for entry in module.MISSING)
FORGOTTEN: tuple[Forgotten, ...] = tuple(entry for module in _MODULES for entry in module.FORGOTTEN)
PREPARATIONS: tuple[Preparation, ...] = ec2.PREPARATIONS
