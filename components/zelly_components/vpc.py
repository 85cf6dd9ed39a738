"""A VPC with public and private subnets, internet access, an S3 endpoint and flow logs."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, resolved_after
from zelly_components.identity.iam import Statement, policy, service_trust
from zelly_components.limits.allowed_values import LOG_RETENTION_DAYS
from zelly_components.limits.instance_type import CpuCredits
from zelly_components.nat_instance import NatInstance, NatInstanceArgs
from zelly_components.network.subnets import SubnetPair, given_subnets, plan_subnets


@dataclass(frozen=True, kw_only=True)
class VpcNatInstanceArgs:
    """Arguments of the NAT instance in a VPC."""

    instance_type: str
    """A Nitro type, e.g. ``t4g.micro``."""
    cpu_credits: CpuCredits | None
    """The behaviour of a burstable (T) type that has spent its CPU credits: ``standard`` slows it down, ``unlimited``
    charges for more. None for every other type."""
    ami_id: str
    """Amazon Linux 2023, for the instance type's architecture. Only read when the instance is made."""
    ports: Sequence[int]
    """The TCP ports that may be reached on the internet through it."""
    log_group_name: str
    """The name of the host's log group in CloudWatch, which is made here, e.g. ``/shop/nat``. Another name replaces the
    group, and the host, whose programs write to it."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""


@dataclass(frozen=True, kw_only=True)
class VpcSubnetsArgs:
    """Address ranges of the subnets in a VPC, each inside its own and apart from the others."""

    public_cidr_blocks: Sequence[str]
    """The ranges of the public subnets, /16 to /28, in the order of the zones."""
    private_cidr_blocks: Sequence[str]
    """The ranges of the private subnets, /16 to /28, in the order of the zones."""


@dataclass(frozen=True, kw_only=True)
class VpcArgs:
    """Arguments of a VPC."""

    region: str
    """Its region, e.g. ``ap-south-1``; part of the S3 endpoint's service name."""
    account_id: str
    """The account that it lies in, twelve digits: flow logs of this account alone are written."""
    cidr_block: str
    """Its IPv4 range, /16 to /24, e.g. ``10.0.0.0/16``."""
    availability_zones: Sequence[str]
    """The zones in full, e.g. ``eu-west-1a``, in a fixed order; append new ones at the end. Each has a public and a
    private subnet."""
    nat_gateway_zones: Sequence[str]
    """The zones with a NAT gateway (each about 33 to 43 USD a month before traffic). A zone without one leaves through
    the first: cheaper, but it loses the internet when that zone fails, and pays for traffic between zones. Empty: all
    zones leave through the NAT instance."""
    flow_log_retention_days: int
    """Days for which rejected and accepted flows are kept in CloudWatch Logs."""
    nat_instance: VpcNatInstanceArgs | None = None
    """A host in the first zone that does a NAT gateway's work. Beside gateways it stands by, so that routes can be
    moved to it, or away from it, while both are there. Left out, there is none."""
    subnets: VpcSubnetsArgs | None = None
    """The ranges of subnets that are there already. Another range replaces a subnet, and all that stands in it. Left
    out, the ranges follow from ``cidr_block`` and the zones' positions."""
    s3_bucket_names: Sequence[str] = ()
    """The buckets of the same region that what stands in the VPC reads and writes. Any other bucket of the region is
    out of its reach, whosesoever credentials it has; buckets of other regions are reached through NAT. Empty: none
    but AWS's own, with image layers and packages (:func:`endpoint_statements`)."""


class Vpc(Component):
    """A VPC whose private subnets reach the internet through NAT and whose default security group lets nothing pass.

    Every zone has a private route table of its own, so that changing the number of NAT gateways, or putting a NAT
    instance in their place, changes routes and replaces no subnet or table.

    Example::

        from zelly_components.vpc import Vpc, VpcArgs

        network = Vpc(
            "shop",
            VpcArgs(
                region="eu-west-1",
                account_id="123456789012",
                cidr_block="10.8.0.0/16",
                availability_zones=["eu-west-1a", "eu-west-1b"],
                nat_gateway_zones=["eu-west-1a"],
                flow_log_retention_days=30,
            ),
        )
    """

    vpc_id: pulumi.Output[str]
    """The VPC's id."""
    cidr_block: str
    """The VPC's IPv4 range."""
    public_subnet_ids: list[pulumi.Output[str]]
    """The public subnets, in the order of the zones. They resolve once the internet is reachable: a balancer that faces
    it cannot be made before."""
    private_subnet_ids: list[pulumi.Output[str]]
    """The private subnets, in the order of the zones."""
    nat_public_ips: list[pulumi.Output[str]]
    """The addresses that the outside sees: the gateways' in the order of ``nat_gateway_zones``, then the NAT
    instance's, also while it stands by."""
    nat_instance_id: pulumi.Output[str] | None
    """The NAT instance, to be watched and stopped as other hosts are; None where there is none, as the next two."""
    nat_failed_units_metric: str | None
    """The metric that counts the NAT instance's failed systemd units."""
    nat_mount_points: dict[str, str] | None
    """The file systems of the NAT instance whose use is published, by a short name."""

    def __init__(self, name: str, args: VpcArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        plan = _subnets(args)
        _check_nat(args)
        LOG_RETENTION_DAYS.check("flow_log_retention_days", args.flow_log_retention_days)

        self.cidr_block = args.cidr_block
        self._vpc = self._make_vpc(args)
        self.vpc_id = self._vpc.id
        self._close_default_security_group()
        self._internet_gateway = self._make_internet_gateway()

        public_subnets = {pair.availability_zone: self._subnet(pair, public=True) for pair in plan}
        private_subnets = {pair.availability_zone: self._subnet(pair, public=False) for pair in plan}
        public_table, internet_route = self._public_routes(public_subnets)
        nat_gateways = {zone: self._nat_gateway(zone, public_subnets[zone]) for zone in args.nat_gateway_zones}
        first_public_subnet = public_subnets[args.availability_zones[0]]
        self._nat_instance = self._make_nat_instance(args, resolved_after(first_public_subnet.id, internet_route))
        private_tables = self._private_routes(private_subnets, nat_gateways)
        self._s3_endpoint(args, [public_table, *private_tables])
        self._flow_log(args)

        self.public_subnet_ids = [resolved_after(subnet.id, internet_route) for subnet in public_subnets.values()]
        self.private_subnet_ids = [subnet.id for subnet in private_subnets.values()]
        self.nat_public_ips = [
            *(gateway.public_ip for gateway in nat_gateways.values()),
            *([self._nat_instance.public_ip] if self._nat_instance else []),
        ]
        nat = self._nat_instance
        self.nat_instance_id = None if nat is None else nat.instance_id
        self.nat_failed_units_metric = None if nat is None else nat.failed_units_metric
        self.nat_mount_points = None if nat is None else nat.mount_points
        self.register_annotated_outputs()

    @property
    def nat_instance(self) -> NatInstance | None:
        """The NAT instance, to be watched and stopped as other hosts are; None where there is none."""
        return self._nat_instance

    def _make_vpc(self, args: VpcArgs) -> aws.ec2.Vpc:
        return aws.ec2.Vpc(
            f"{self._name}-vpc",
            cidr_block=args.cidr_block,
            # EFS mount targets and Aurora endpoints are reached by names that only resolve with both on.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": self._name},
            opts=self.child(),
        )

    def _close_default_security_group(self) -> None:
        aws.ec2.DefaultSecurityGroup(
            f"{self._name}-default-sg",
            vpc_id=self.vpc_id,
            ingress=[],
            egress=[],
            tags={"Name": f"{self._name}-default-closed"},
            opts=self.child(),
        )

    def _make_internet_gateway(self) -> aws.ec2.InternetGateway:
        return aws.ec2.InternetGateway(
            f"{self._name}-igw", vpc_id=self.vpc_id, tags={"Name": self._name}, opts=self.child()
        )

    def _subnet(self, pair: SubnetPair, *, public: bool) -> aws.ec2.Subnet:
        kind = "public" if public else "private"
        subnet_name = f"{self._name}-{kind}-{pair.availability_zone[-1]}"
        return aws.ec2.Subnet(
            subnet_name,
            vpc_id=self.vpc_id,
            availability_zone=pair.availability_zone,
            cidr_block=pair.public_cidr_block if public else pair.private_cidr_block,
            # What stands in a public subnet brings an Elastic IP; nothing becomes reachable by standing there.
            map_public_ip_on_launch=False,
            tags={"Name": subnet_name},
            opts=self.child(),
        )

    def _public_routes(self, subnets: dict[str, aws.ec2.Subnet]) -> tuple[aws.ec2.RouteTable, aws.ec2.Route]:
        table = self._route_table("public")
        internet_route = aws.ec2.Route(
            f"{self._name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=self._internet_gateway.id,
            opts=self.child(),
        )
        for zone, subnet in subnets.items():
            self._associate(f"public-{zone[-1]}", table, subnet)
        return table, internet_route

    def _nat_gateway(self, zone: str, subnet: aws.ec2.Subnet) -> aws.ec2.NatGateway:
        nat_name = f"{self._name}-nat-{zone[-1]}"
        address = aws.ec2.Eip(f"{nat_name}-eip", domain="vpc", tags={"Name": nat_name}, opts=self.child())
        return aws.ec2.NatGateway(
            nat_name,
            subnet_id=subnet.id,
            allocation_id=address.id,
            tags={"Name": nat_name},
            # A NAT gateway without a way out of the VPC fails its creation.
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[self._internet_gateway])),
        )

    def _make_nat_instance(self, args: VpcArgs, subnet_id: pulumi.Output[str]) -> NatInstance | None:
        instance = args.nat_instance
        if instance is None:
            return None
        return NatInstance(
            f"{self._name}-nat",
            NatInstanceArgs(
                vpc_id=self.vpc_id,
                vpc_cidr_block=args.cidr_block,
                subnet_id=subnet_id,
                instance_type=instance.instance_type,
                cpu_credits=instance.cpu_credits,
                ami_id=instance.ami_id,
                ports=instance.ports,
                log_group_name=instance.log_group_name,
                log_retention_days=instance.log_retention_days,
            ),
            opts=self.child(),
        )

    def _private_routes(
        self, subnets: dict[str, aws.ec2.Subnet], nat_gateways: dict[str, aws.ec2.NatGateway]
    ) -> list[aws.ec2.RouteTable]:
        shared = next(iter(nat_gateways.values()), None)
        tables: list[aws.ec2.RouteTable] = []
        for zone, subnet in subnets.items():
            table = self._route_table(f"private-{zone[-1]}")
            gateway = nat_gateways.get(zone, shared)
            instance = None if gateway else self._nat_instance
            aws.ec2.Route(
                f"{self._name}-private-{zone[-1]}-internet",
                route_table_id=table.id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateway.id if gateway else None,
                network_interface_id=instance.network_interface_id if instance else None,
                opts=self.child(),
            )
            self._associate(f"private-{zone[-1]}", table, subnet)
            tables.append(table)
        return tables

    def _route_table(self, kind: str) -> aws.ec2.RouteTable:
        table_name = f"{self._name}-{kind}"
        return aws.ec2.RouteTable(
            f"{table_name}-routes", vpc_id=self.vpc_id, tags={"Name": table_name}, opts=self.child()
        )

    def _associate(self, kind: str, table: aws.ec2.RouteTable, subnet: aws.ec2.Subnet) -> None:
        aws.ec2.RouteTableAssociation(
            f"{self._name}-{kind}-association", route_table_id=table.id, subnet_id=subnet.id, opts=self.child()
        )

    def _s3_endpoint(self, args: VpcArgs, tables: list[aws.ec2.RouteTable]) -> None:
        # Image layers and packages come from S3; the gateway endpoint is free, the same bytes through NAT are not.
        aws.ec2.VpcEndpoint(
            f"{self._name}-s3-endpoint",
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            policy=policy(endpoint_statements(args.region, args.s3_bucket_names)),
            tags={"Name": f"{self._name}-s3"},
            opts=self.child(),
        )

    def _flow_log(self, args: VpcArgs) -> None:
        group = aws.cloudwatch.LogGroup(
            f"{self._name}-flow-logs", retention_in_days=args.flow_log_retention_days, opts=self.child()
        )
        role = aws.iam.Role(
            f"{self._name}-flow-logs-role",
            assume_role_policy=service_trust(
                "vpc-flow-logs.amazonaws.com", region=args.region, account_id=args.account_id
            ),
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            f"{self._name}-flow-logs-policy",
            role=role.name,
            policy=policy(
                [
                    Statement(
                        sid="WriteFlowLogs",
                        # No CreateLogGroup: a writer that may create its group brings a deleted one back for ever.
                        actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                        resources=[pulumi.Output.format("{0}:*", group.arn)],
                    ),
                    Statement(sid="FindLogGroup", actions=["logs:DescribeLogGroups"], resources=["*"]),
                ]
            ),
            opts=self.child(),
        )
        aws.ec2.FlowLog(
            f"{self._name}-flow-log",
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags={"Name": self._name},
            opts=self.child(),
        )


def endpoint_statements(region: str, bucket_names: Sequence[str]) -> list[Statement]:
    """Return the statements of a region's S3 endpoint: reads of AWS's own buckets, and everything in ours.

    Session Manager reads no bucket, and the CloudWatch agent is a package of Amazon Linux. Systems Manager's own
    buckets are for Run Command and for updates of its agent, which no host here may take.
    """
    statements = [
        Statement(
            sid="ReadImageLayersAndPackages",
            actions=["s3:GetObject"],
            resources=[
                # ECR User Guide, "Minimum Amazon S3 Bucket Permissions for Amazon ECR".
                f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*",
                # The mirror list of Amazon Linux 2023 in every region names this bucket.
                f"arn:aws:s3:::al2023-repos-{region}-de612dc2/*",
            ],
            # Layers come by presigned links of ECR's, packages without credentials.
            principals={"AWS": "*"},
        )
    ]
    if bucket_names:
        arns = [f"arn:aws:s3:::{name}" for name in bucket_names]
        statements.append(
            Statement(
                sid="UseOwnBuckets",
                actions=["s3:*"],
                resources=[*arns, *(f"{arn}/*" for arn in arns)],
                principals={"AWS": "*"},
            )
        )
    return statements


def _subnets(args: VpcArgs) -> list[SubnetPair]:
    if args.subnets is None:
        return plan_subnets(args.cidr_block, args.availability_zones)
    given = {
        "subnets.public_cidr_blocks": args.subnets.public_cidr_blocks,
        "subnets.private_cidr_blocks": args.subnets.private_cidr_blocks,
    }
    return given_subnets(args.cidr_block, args.availability_zones, given)


def _check_nat(args: VpcArgs) -> None:
    unknown = sorted(set(args.nat_gateway_zones) - set(args.availability_zones))
    if unknown or not (args.nat_gateway_zones or args.nat_instance):
        raise ValueError(
            f"nat_gateway_zones: came {', '.join(unknown) or 'none'}; allowed one or more of "
            f"{', '.join(args.availability_zones)}, or none with a nat_instance"
        )
