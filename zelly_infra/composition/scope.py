"""The scope of the composition, which every part gets: the config, the provider and the names."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from workbench.composition.provider import environment_provider
from zelly_components.naming import physical_name
from zelly_infra.config import EnvironmentConfig
from zelly_infra.names import Names


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The environment that is being composed."""

    environment: EnvironmentConfig
    provider: aws.Provider

    @property
    def options(self) -> pulumi.ResourceOptions:
        """Options of a top-level component: the environment's own provider."""
        return pulumi.ResourceOptions(provider=self.provider)

    @property
    def names(self) -> Names:
        """The names of the environment's parts in AWS."""
        return Names(self.environment.environment)

    def name(self, part: str) -> str:
        """Return the logical name of a component, ``zelly-<environment>-<part>``."""
        return self.names.name(part)

    def role_name(self, part: str) -> str:
        """Return the physical name of an IAM role: IAM is one for the account, so the environment is part of it."""
        return role_name(self.names, part)


def role_name(names: Names, part: str) -> str:
    """Return the physical name of an environment's IAM role, which IAM limits to 64 characters."""
    return physical_name(names.name(part), limit=64)


def make_scope(environment: EnvironmentConfig) -> Scope:
    """Make the AWS provider of an environment, with its region, its tags and its account alone."""
    provider = environment_provider(Names(environment.environment).prefix, environment, environment.tags)
    return Scope(environment=environment, provider=provider)
