"""The scope of the composition, which every part gets: the config, the provider and the names."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from relay_infra.config import EnvironmentConfig
from relay_infra.names import Names
from workbench.composition.provider import environment_provider


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
        """Return the logical name of a component, ``relay-<environment>-<part>``."""
        return self.names.name(part)


def make_scope(environment: EnvironmentConfig) -> Scope:
    """Make the AWS provider of an environment, with its region, its tags and its account alone."""
    provider = environment_provider(Names(environment.environment).prefix, environment, environment.tags)
    return Scope(environment=environment, provider=provider)
