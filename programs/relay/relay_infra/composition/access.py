"""Access of the pipeline's jobs: what may be done in an environment is a role of that environment.

A job runs on an agent of its pool, and each pool has a role of its own (composition/jenkins.py). The pool that builds
may push images and tell others; those that deploy may take on their environment's role, and no other.
"""

from collections.abc import Mapping

from relay_infra import catalog
from relay_infra.composition.foundation import Foundation
from relay_infra.composition.scope import Scope
from relay_infra.names import Names, agent_role_name, log_group_name
from zelly_components.deploy_role import DeployRole, DeployRoleArgs, SourceArgs
from zelly_components.ecs_service import EcsService
from zelly_components.github_oidc import DeployGrantArgs

SOURCE = "preproduction"
"""The environment that images are promoted from."""


def deploy_label(environment: str) -> str:
    """Return the label of the pool that deploys to an environment."""
    return f"deploy-{environment}"


def role_arn(account_id: str, name: str) -> str:
    """Return the ARN of a role by its name."""
    return f"arn:aws:iam::{account_id}:role/{name}"


def build_access(scope: Scope, *, foundation: Foundation, services: Mapping[str, EcsService]) -> DeployRole:
    """Make the role that deploys the environment's services."""
    environment, names = scope.environment, scope.names
    account, region = environment.aws_account_id, environment.region
    service_names = [names.name(entry.name) for entry in catalog.SERVICES]
    return DeployRole(
        scope.name("deploy"),
        DeployRoleArgs(
            role_name=names.deploy_role,
            trusted_role_arn=role_arn(account, agent_role_name(deploy_label(environment.environment))),
            deploys=DeployGrantArgs(
                region=region,
                account_id=account,
                cluster_arn=foundation.cluster.cluster_arn,
                cluster_name=names.prefix,
                service_names=service_names,
                # A family is called like its service.
                task_families=service_names,
                pass_role_arns=[
                    arn for service in services.values() for arn in (service.execution_role_arn, service.task_role_arn)
                ],
                image_parameter_arns=_image_parameters(names, region, account),
                log_group_names=[log_group_name(entry.name) for entry in catalog.SERVICES],
            ),
            repository_arns=list(foundation.registry.repository_arns.values()),
            approval_parameter_arns=[
                _parameter(region, account, names.parameter(f"approvals/{entry.name}")) for entry in catalog.SERVICES
            ],
            source=_source(scope),
        ),
        scope.options,
    )


def _source(scope: Scope) -> SourceArgs | None:
    """Return what is looked at before a promotion to the environment.

    It stands where the registry is, which the stack owns in which images arrive first.
    """
    environment = scope.environment
    if environment.environment == SOURCE:
        return None
    names, region, account = Names(SOURCE), environment.registry.region, environment.aws_account_id
    return SourceArgs(
        region=region,
        cluster_arn=f"arn:aws:ecs:{region}:{account}:cluster/{names.prefix}",
        cluster_name=names.prefix,
        service_names=[names.name(entry.name) for entry in catalog.SERVICES],
        image_parameter_arns=_image_parameters(names, region, account),
    )


def _image_parameters(names: Names, region: str, account: str) -> list[str]:
    return [_parameter(region, account, names.image_parameter(entry.name)) for entry in catalog.SERVICES]


def _parameter(region: str, account: str, name: str) -> str:
    return f"arn:aws:ssm:{region}:{account}:parameter{name}"
