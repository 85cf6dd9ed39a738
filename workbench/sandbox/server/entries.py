"""All entries of the supplement, a module per AWS service."""

from zelly_infra.sandbox.supplement import (
    application_auto_scaling,
    backup,
    cloudwatch,
    dlm,
    ec2,
    ec2_account,
    ecr,
    ecs,
    efs,
    elastic_load_balancing,
    elasticache,
    iam,
    maintenance,
    rds,
    secrets_manager,
    service_quotas,
    sizes,
)
from zelly_infra.sandbox.supplement.table import Consequence, Forgotten, Missing, Preparation

_MODULES = (
    application_auto_scaling,
    backup,
    cloudwatch,
    dlm,
    ec2,
    ec2_account,
    ecr,
    ecs,
    efs,
    elastic_load_balancing,
    elasticache,
    iam,
    maintenance,
    rds,
    secrets_manager,
    service_quotas,
)

MISSING: tuple[Missing, ...] = tuple(entry for module in _MODULES for entry in module.MISSING)
FORGOTTEN: tuple[Forgotten, ...] = tuple(entry for module in _MODULES for entry in module.FORGOTTEN)
PREPARATIONS: tuple[Preparation, ...] = (
    *sizes.PREPARATIONS,
    *application_auto_scaling.PREPARATIONS,
    *ec2.PREPARATIONS,
    *ecs.PREPARATIONS,
    *elastic_load_balancing.PREPARATIONS,
    *elasticache.PREPARATIONS,
    *iam.PREPARATIONS,
    *rds.PREPARATIONS,
)
CONSEQUENCES: tuple[Consequence, ...] = (
    *cloudwatch.CONSEQUENCES,
    *ec2.CONSEQUENCES,
    *ecr.CONSEQUENCES,
    *ecs.CONSEQUENCES,
    *elastic_load_balancing.CONSEQUENCES,
    *rds.CONSEQUENCES,
    *secrets_manager.CONSEQUENCES,
)
