"""A server and a service: look-ups, another stack's outputs, a component, and inputs made of outputs."""

import json

import pulumi
import pulumi_aws as aws

from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

other = pulumi.StackReference(pulumi.Config().require("network"))
zones = aws.get_availability_zones(state="available").names[:2]
network = aws.ec2.Vpc("main", cidr_block="10.9.0.0/16")
gateway = aws.ec2.InternetGateway("main", vpc_id=network.id)
routes = aws.ec2.RouteTable("main", vpc_id=network.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}])
subnets = [
    aws.ec2.Subnet(f"main-{number}", vpc_id=network.id, cidr_block=f"10.9.{number}.0/24", availability_zone=zone)
    for number, zone in enumerate(zones)
]
for number, subnet in enumerate(subnets):
    aws.ec2.RouteTableAssociation(f"main-{number}", route_table_id=routes.id, subnet_id=subnet.id)
web = aws.ec2.SecurityGroup(
    "web",
    vpc_id=network.id,
    ingress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"]}],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}],
)
image = aws.ec2.get_ami(most_recent=True, owners=["amazon"], filters=[{"name": "name", "values": ["al2023-ami-*"]}])
server = aws.ec2.Instance(
    "web",
    ami=image.id,
    instance_type="t3.micro",
    subnet_id=subnets[0].id,
    vpc_security_group_ids=[web.id],
    user_data=subnets[0].availability_zone.apply(lambda zone: f"#!/bin/sh\necho {zone}\n"),
    tags={"Team": other.require_output("team")},
)
cluster = aws.ecs.Cluster("jobs")
definition = aws.ecs.TaskDefinition(
    "jobs",
    family="jobs",
    cpu="256",
    memory="512",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    container_definitions=json.dumps([{"name": "jobs", "image": "public.ecr.aws/docker/library/busybox:1"}]),
)
jobs = SecurityGroup("jobs", SecurityGroupArgs(vpc_id=network.id, description="Jobs"))
aws.ecs.Service(
    "jobs",
    cluster=cluster.arn,
    task_definition=definition.arn,
    launch_type="FARGATE",
    network_configuration={"subnets": [subnet.id for subnet in subnets], "security_groups": [jobs.security_group_id]},
)
pulumi.export("address", server.public_ip)
