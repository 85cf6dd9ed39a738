"""The resource table, a module per AWS service, merged."""

from collections.abc import Mapping

from workbench.sandbox.acm import rows as acm
from workbench.sandbox.application_auto_scaling import rows as application_auto_scaling
from workbench.sandbox.cloudflare import rows as cloudflare
from workbench.sandbox.cloudwatch import rows as cloudwatch
from workbench.sandbox.dlm import rows as dlm
from workbench.sandbox.ec2 import compute as ec2_compute
from workbench.sandbox.ec2 import network as ec2_network
from workbench.sandbox.ec2 import security as ec2_security
from workbench.sandbox.ecr import rows as ecr
from workbench.sandbox.ecs import rows as ecs
from workbench.sandbox.efs import rows as efs
from workbench.sandbox.elastic_load_balancing import rows as elastic_load_balancing
from workbench.sandbox.elasticache import rows as elasticache
from workbench.sandbox.eventbridge_scheduler import rows as scheduler
from workbench.sandbox.iam import rows as iam
from workbench.sandbox.kms import rows as kms
from workbench.sandbox.making.table import Function, ResourceRow
from workbench.sandbox.random import rows as random_values
from workbench.sandbox.rds import rows as rds
from workbench.sandbox.s3 import rows as s3
from workbench.sandbox.secrets_manager import rows as secrets_manager
from workbench.sandbox.sns import rows as sns
from workbench.sandbox.ssm import rows as ssm

_MODULES = (
    acm,
    application_auto_scaling,
    cloudflare,
    cloudwatch,
    dlm,
    ec2_compute,
    ec2_network,
    ec2_security,
    ecr,
    ecs,
    efs,
    elastic_load_balancing,
    elasticache,
    iam,
    kms,
    random_values,
    rds,
    s3,
    scheduler,
    secrets_manager,
    sns,
    ssm,
)

RESOURCES: Mapping[str, ResourceRow] = {token: row for module in _MODULES for token, row in module.RESOURCES.items()}
"""Type token -> how it is made."""

FUNCTIONS: Mapping[str, Function] = {
    token: function for module in _MODULES for token, function in module.FUNCTIONS.items()
}
"""Function token -> how it is answered."""
