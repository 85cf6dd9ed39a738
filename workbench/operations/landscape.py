"""The parts of an environment, with its services as deploys see them."""

from dataclasses import dataclass
from typing import Any

from workbench.operations.deploys.service import Deployable
from workbench.program import Description, Program


@dataclass(frozen=True, kw_only=True)
class Landscape(Description):
    """The parts of one environment."""

    services: tuple[Deployable, ...]


def landscape(program: Program[Any], description: Description) -> Landscape:
    """Return the parts of an environment of a program."""
    services = tuple(deployable(program, description, name) for name in program.service_names)
    return Landscape(**vars(description), services=services)


def deployable(program: Program[Any], description: Description, service: str) -> Deployable:
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
    )
