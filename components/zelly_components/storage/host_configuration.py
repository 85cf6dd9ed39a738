"""The configuration of a host, as an object that it fetches and a parameter that names it."""

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, resolved_after
from zelly_components.hosts.configuration_object import Configuration


def write_configuration(
    component: Component,
    name: str,
    configuration: Configuration,
    *,
    bucket: pulumi.Input[str],
    bucket_name: str,
    parameter_name: str,
) -> aws.ssm.Parameter:
    """Make the object and the SSM parameter of a component's host; return the parameter, which comes second.

    ``bucket`` is waited for, and ``bucket_name`` told to people.
    """
    written = aws.s3.BucketObjectv2(
        f"{name}-configuration",
        bucket=bucket,
        key=configuration.key,
        content=configuration.content,
        content_type="application/json",
        opts=component.child(),
    )
    return aws.ssm.Parameter(
        f"{name}-configuration-parameter",
        name=parameter_name,
        type="String",
        # "Insecure" only says that a preview shows it: a reviewer sees that the host will change.
        insecure_value=resolved_after(pulumi.Output.from_input(configuration.parameter), written),
        description=f"Configuration of {name}: an object of {bucket_name} and its hash",
        opts=component.child(),
    )
