"""What every part of the composition is given: the config, the provider and the names."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.naming import physical_name
from zelly_infra.config import EnvironmentConfig

PLATFORM = "zelly"


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
    def prefix(self) -> str:
        """``zelly-<environment>``, e.g. the ECS cluster's name."""
        return f"{PLATFORM}-{self.environment.environment}"

    def name(self, part: str) -> str:
        """Return the logical name of a component, ``zelly-<environment>-<part>``."""
        return f"{self.prefix}-{part}"

    def role_name(self, part: str) -> str:
        """Return the physical name of an IAM role: IAM is one for the account, so the environment is part of it."""
        return physical_name(self.name(part), limit=64)

    def parameter_name(self, path: str) -> str:
        """Return the name of an SSM parameter, ``/zelly/<environment>/<path>``."""
        return f"/{PLATFORM}/{self.environment.environment}/{path}"


def make_scope(environment: EnvironmentConfig) -> Scope:
    """Make the AWS provider of an environment: its region, its tags on everything, no account but its own."""
    name = f"{PLATFORM}-{environment.environment}"
    provider = aws.Provider(
        name,
        region=environment.region,
        allowed_account_ids=[environment.aws_account_id],
        default_tags={"tags": {**environment.tags, "environment": environment.environment}},
    )
    return Scope(environment=environment, provider=provider)
