"""The resource table, a module per AWS service, merged."""

from collections.abc import Mapping

from zelly_infra.sandbox.services import (
    acm,
    cloudflare,
    ec2_compute,
    ec2_network,
    ec2_security,
    elastic_load_balancing,
    iam,
    random_values,
    s3,
)
from zelly_infra.sandbox.table import Function, ResourceRow

_MODULES = (
    acm,
    cloudflare,
    ec2_compute,
    ec2_network,
    ec2_security,
    elastic_load_balancing,
    iam,
    random_values,
    s3,
)

RESOURCES: Mapping[str, ResourceRow] = {token: row for module in _MODULES for token, row in module.RESOURCES.items()}
"""Type token -> how it is made."""

FUNCTIONS: Mapping[str, Function] = {
    token: function for module in _MODULES for token, function in module.FUNCTIONS.items()
}
"""Function token -> how it is answered."""
