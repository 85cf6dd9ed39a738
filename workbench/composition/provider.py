"""The AWS provider of an environment."""

from collections.abc import Mapping

import pulumi_aws as aws

from workbench.program import StackConfig


def environment_provider(prefix: str, config: StackConfig, tags: Mapping[str, str]) -> aws.Provider:
    """Make the AWS provider of an environment, with its region, its tags and its account alone."""
    return aws.Provider(
        prefix,
        region=config.region,
        allowed_account_ids=[config.aws_account_id],
        default_tags={"tags": {**tags, "environment": config.environment}},
    )
