"""The VPC in which everything of an environment stands."""

from pakashop_infra.composition.scope import Scope
from pakashop_infra.names import NAT_LOG_GROUP
from workbench.composition.network import vpc_args
from zelly_components.vpc import Vpc


def build_network(scope: Scope) -> Vpc:
    """Make the VPC."""
    environment, names = scope.environment, scope.names
    return Vpc(
        scope.name("network"),
        vpc_args(
            environment,
            environment.network,
            nat_log_group=NAT_LOG_GROUP,
            bucket_names=[
                names.release_bucket(environment.aws_account_id),
                names.backup_bucket(environment.aws_account_id),
            ],
        ),
        scope.options,
    )
