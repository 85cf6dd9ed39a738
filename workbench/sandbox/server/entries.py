"""All entries of the supplement, a module per AWS service."""

from workbench.sandbox.application_auto_scaling import supplement as application_auto_scaling
from workbench.sandbox.backup import supplement as backup
from workbench.sandbox.cloudwatch import supplement as cloudwatch
from workbench.sandbox.dlm import supplement as dlm
from workbench.sandbox.ec2 import account as ec2_account
from workbench.sandbox.ec2 import supplement as ec2
from workbench.sandbox.ecr import supplement as ecr
from workbench.sandbox.ecs import supplement as ecs
from workbench.sandbox.efs import supplement as efs
from workbench.sandbox.elastic_load_balancing import supplement as elastic_load_balancing
from workbench.sandbox.elasticache import supplement as elasticache
from workbench.sandbox.iam import supplement as iam
from workbench.sandbox.rds import supplement as rds
from workbench.sandbox.secrets_manager import supplement as secrets_manager
from workbench.sandbox.server import maintenance, sizes
from workbench.sandbox.server.table import Consequence, Forgotten, Missing, Preparation
from workbench.sandbox.service_quotas import supplement as service_quotas

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
