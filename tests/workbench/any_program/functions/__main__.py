"""A function with its code in an archive, behind an API: a module of its own, a secret, a configured size."""

# Pulumi takes more than the SDK's types say: resources as a whole.
# pyright: reportArgumentType=false

import pulumi
import pulumi_aws as aws
from roles import role

config = pulumi.Config()
limits = config.require_object("limits")
function = aws.lambda_.Function(
    "api",
    role=role.arn,
    runtime="python3.13",
    handler="main.handler",
    memory_size=config.require_int("memory"),
    code=pulumi.AssetArchive({".": pulumi.FileArchive("./handler")}),
    environment={"variables": {"TOKEN": config.require_secret("token")}},
)
api = aws.apigatewayv2.Api("api", protocol_type="HTTP", target=function.invoke_arn)
aws.apigatewayv2.Stage(
    "api",
    api_id=api.id,
    default_route_settings={"throttling_burst_limit": limits["burst"], "throttling_rate_limit": limits["rate"]},
)
aws.lambda_.Permission(
    "api",
    # The function as a whole, where its name is meant.
    function=function,
    action="lambda:InvokeFunction",
    principal="apigateway.amazonaws.com",
    source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
)
pulumi.export("url", api.api_endpoint)
