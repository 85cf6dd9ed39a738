"""The resource table, a module per AWS service, merged."""

from collections.abc import Mapping

from zelly_infra.sandbox.services import (
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
from zelly_infra.sandbox.table import Function, ResourceRow

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
