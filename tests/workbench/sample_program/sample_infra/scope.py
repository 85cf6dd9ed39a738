"""What every part is given."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from sample_infra import services as shop
from sample_infra.config import EnvironmentConfig
from workbench.names import Names

RETENTION_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Scope:
    config: EnvironmentConfig
    names: Names
    options: pulumi.ResourceOptions


def make_scope(config: EnvironmentConfig) -> Scope:
    names = shop.names_of(config.environment)
    provider = aws.Provider(
        names.prefix,
        region=config.region,
        allowed_account_ids=[config.aws_account_id],
        default_tags={
            "tags": {"project": shop.PROJECT, "environment": config.environment, "managed-by": "pulumi"},
        },
    )
    return Scope(config=config, names=names, options=pulumi.ResourceOptions(provider=provider))
