"""The services of an environment, as deploys see them."""

from typing import Any

from workbench.names import deployed_tag_prefix
from workbench.operations.deploys.service import Deployable
from workbench.program import Description, Program


def deployed_service(program: Program[Any], description: Description, service: str) -> Deployable:
    """Return a service as deploys see it."""
    entry, names = program.service(service), program.names(description.stack)
    return Deployable(
        stack=description.stack,
        service=service,
        name=names.name(service),
        image_parameter=names.image_parameter(service),
        log_group=entry.log_group,
        repositories=entry.repositories,
        registry=f"{description.account_id}.dkr.ecr.{description.registry_region}.amazonaws.com",
        tag_prefix=description.tag_prefix,
        deployed_tag_prefix=description.deployed_tag_prefix or deployed_tag_prefix(description.tag_prefix),
        commit_digits=description.commit_digits,
        approval_parameter=None if description.approval is None else names.approval_parameter(service),
    )


def deployed_services(program: Program[Any], description: Description) -> tuple[Deployable, ...]:
    """Return all services of an environment as deploys see them."""
    return tuple(deployed_service(program, description, name) for name in program.service_names)
