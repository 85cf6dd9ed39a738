"""All entries of the supplement, a module per AWS service."""

from zelly_infra.sandbox.supplement import dlm, ec2, ecs, efs, elastic_load_balancing, elasticache, rds
from zelly_infra.sandbox.supplement.table import Forgotten, Missing, Preparation

_MODULES = (dlm, ec2, ecs, efs, elastic_load_balancing, elasticache, rds)

MISSING: tuple[Missing, ...] = tuple(entry for module in _MODULES for entry in module.MISSING)
FORGOTTEN: tuple[Forgotten, ...] = tuple(entry for module in _MODULES for entry in module.FORGOTTEN)
PREPARATIONS: tuple[Preparation, ...] = (*ec2.PREPARATIONS, *ecs.PREPARATIONS, *rds.PREPARATIONS)
