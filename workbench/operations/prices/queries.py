"""Queries of the AWS Price List, for each item of the price table.

A product is found by its usage type, as bills name it (``APS3-NatGateway-Hours``), and where several services or
variants share one, by further attributes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from workbench.errors import OperatorError

_PREFIXES = {"ap-south-1": "APS3", "ap-southeast-1": "APS1"}
"""How usage types name the regions ("Understanding your usage and billing reports")."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """A query for one price."""

    service_code: str
    usage_type: str
    """With ``{prefix}`` for the region's short name, and ``{region}`` for the whole one."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    units: Decimal = Decimal(1)
    """How many of the price list's units the table's unit has."""

    def filters(self, region: str) -> dict[str, str]:
        """Return the attributes that the product has in a region."""
        usage_type = self.usage_type.format(prefix=_PREFIXES[region], region=region)
        return {"regionCode": region, "usagetype": usage_type, **self.attributes}


_FARGATE = "AmazonECS"
_APPLICATION = {"operation": "LoadBalancing:Application"}
_NETWORK = {"operation": "LoadBalancing:Network"}
_MYSQL = {"databaseEngine": "Aurora MySQL"}
_MILLION = Decimal(1_000_000)

_QUERIES: Mapping[str, Query] = {
    "fargate.x86.vcpu_hour": Query(service_code=_FARGATE, usage_type="{prefix}-Fargate-vCPU-Hours:perCPU"),
    "fargate.x86.gb_hour": Query(service_code=_FARGATE, usage_type="{prefix}-Fargate-GB-Hours"),
    "fargate.arm64.vcpu_hour": Query(service_code=_FARGATE, usage_type="{prefix}-Fargate-ARM-vCPU-Hours:perCPU"),
    "fargate.arm64.gb_hour": Query(service_code=_FARGATE, usage_type="{prefix}-Fargate-ARM-GB-Hours"),
    "alb.hour": Query(service_code="AWSELB", usage_type="{prefix}-LoadBalancerUsage", attributes=_APPLICATION),
    "alb.lcu_hour": Query(service_code="AWSELB", usage_type="{prefix}-LCUUsage", attributes=_APPLICATION),
    "nlb.hour": Query(service_code="AWSELB", usage_type="{prefix}-LoadBalancerUsage", attributes=_NETWORK),
    "nlb.nlcu_hour": Query(service_code="AWSELB", usage_type="{prefix}-LCUUsage", attributes=_NETWORK),
    "nat.hour": Query(service_code="AmazonEC2", usage_type="{prefix}-NatGateway-Hours"),
    "nat.gb": Query(service_code="AmazonEC2", usage_type="{prefix}-NatGateway-Bytes"),
    "ipv4.public.hour": Query(service_code="AmazonVPC", usage_type="{prefix}-PublicIPv4:InUseAddress"),
    "vpc_endpoint.interface.hour": Query(service_code="AmazonVPC", usage_type="{prefix}-VpcEndpoint-Hours"),
    "vpc_endpoint.interface.gb": Query(service_code="AmazonVPC", usage_type="{prefix}-VpcEndpoint-Bytes"),
    "transfer.out.first10tb.gb": Query(service_code="AWSDataTransfer", usage_type="{prefix}-DataTransfer-Out-Bytes"),
    "transfer.inter_az.gb_each_way": Query(
        service_code="AWSDataTransfer", usage_type="{prefix}-DataTransfer-Regional-Bytes"
    ),
    "aurora.mysql.serverless_v2.acu_hour": Query(
        service_code="AmazonRDS", usage_type="{prefix}-Aurora:ServerlessV2Usage", attributes=_MYSQL
    ),
    "aurora.mysql.serverless_v2.acu_hour.io_optimized": Query(
        service_code="AmazonRDS", usage_type="{prefix}-Aurora:ServerlessV2IOOptimizedUsage", attributes=_MYSQL
    ),
    "aurora.storage.gb_month": Query(
        service_code="AmazonRDS", usage_type="{prefix}-Aurora:StorageUsage", attributes=_MYSQL
    ),
    "aurora.io.million": Query(
        service_code="AmazonRDS",
        usage_type="{prefix}-Aurora:StorageIOUsage",
        attributes={"databaseEngine": "Any"},
        units=_MILLION,
    ),
    "aurora.backup.gb_month": Query(
        service_code="AmazonRDS", usage_type="{prefix}-Aurora:BackupUsage", attributes=_MYSQL
    ),
    "elasticache.backup.gb_month": Query(service_code="AmazonElastiCache", usage_type="{prefix}-BackupUsage"),
    # As bills name it: APE1-CPUCredits:t3, in vCPU-Hours (cloud-carbon-footprint, athena.fixtures.ts).
    "ec2.t3.surplus_vcpu_hour": Query(service_code="AmazonEC2", usage_type="{prefix}-CPUCredits:t3"),
    "ec2.t4g.surplus_vcpu_hour": Query(service_code="AmazonEC2", usage_type="{prefix}-CPUCredits:t4g"),
    "ebs.gp3.gb_month": Query(service_code="AmazonEC2", usage_type="{prefix}-EBS:VolumeUsage.gp3"),
    "ebs.snapshot.gb_month": Query(service_code="AmazonEC2", usage_type="{prefix}-EBS:SnapshotUsage"),
    "efs.standard.gb_month": Query(service_code="AmazonEFS", usage_type="{prefix}-TimedStorage-ByteHrs"),
    "efs.elastic.read.gb": Query(
        service_code="AmazonEFS", usage_type="{prefix}-ETDataAccess-Bytes", attributes={"accessType": "Read"}
    ),
    "efs.elastic.write.gb": Query(
        service_code="AmazonEFS", usage_type="{prefix}-ETDataAccess-Bytes", attributes={"accessType": "Write"}
    ),
    "s3.standard.gb_month": Query(service_code="AmazonS3", usage_type="{prefix}-TimedStorage-ByteHrs"),
    "ecr.gb_month": Query(service_code="AmazonECR", usage_type="{prefix}-TimedStorage-ByteHrs"),
    "backup.efs.gb_month": Query(service_code="AWSBackup", usage_type="{prefix}-WarmStorage-ByteHrs-EFS"),
    "secrets.secret_month": Query(service_code="AWSSecretsManager", usage_type="{prefix}-AWSSecretsManager-Secrets"),
    "secrets.10k_calls": Query(
        service_code="AWSSecretsManager", usage_type="{prefix}-AWSSecretsManagerAPIRequest", units=Decimal(10_000)
    ),
    "kms.key_month": Query(service_code="awskms", usage_type="{region}-KMS-Keys"),
    "cloudwatch.logs.ingest.gb": Query(service_code="AmazonCloudWatch", usage_type="{prefix}-DataProcessing-Bytes"),
    "cloudwatch.logs.storage.gb_month": Query(
        service_code="AmazonCloudWatch", usage_type="{prefix}-TimedStorage-ByteHrs"
    ),
    "cloudwatch.alarm_month": Query(service_code="AmazonCloudWatch", usage_type="{prefix}-CW:AlarmMonitorUsage"),
    "cloudwatch.composite_alarm_month": Query(
        # From memory, as no list has been read since it is asked for.
        service_code="AmazonCloudWatch",
        usage_type="{prefix}-CW:CompositeAlarmMonitorUsage",
    ),
    "cloudwatch.custom_metric_month": Query(
        service_code="AmazonCloudWatch", usage_type="{prefix}-CW:MetricMonitorUsage"
    ),
    "vpc_flow_logs.cloudwatch.gb": Query(service_code="AmazonCloudWatch", usage_type="{prefix}-VendedLog-Bytes"),
}

_LINUX = {"operatingSystem": "Linux", "preInstalledSw": "NA", "tenancy": "Shared", "capacitystatus": "Used"}


_HOURS = {"single_az": "InstanceUsage", "multi_az": "Multi-AZUsage"}
_STORAGE = {"single_az": "RDS:GP3-Storage", "multi_az": "RDS:Multi-AZ-GP3-Storage"}
"""Usage types of RDS, from memory: ``APS3-InstanceUsage:db.m7g.large``, ``APS3-RDS:GP3-Storage``."""


def _of_postgresql(deployment: str, what: str) -> Query:
    instance_class = what.removesuffix(".hour")
    usage = _STORAGE[deployment] if instance_class == what else f"{_HOURS[deployment]}:{instance_class}"
    option = {"single_az": "Single-AZ", "multi_az": "Multi-AZ"}[deployment]
    return Query(
        service_code="AmazonRDS",
        usage_type=f"{{prefix}}-{usage}",
        attributes={"databaseEngine": "PostgreSQL", "deploymentOption": option},
    )


def query_of(item: str) -> Query | None:
    """Return what asks for an item's price; None for one that the price list does not have, such as Spot's."""
    if item in _QUERIES:
        return _QUERIES[item]
    if instance := re.fullmatch(r"ec2\.(?P<type>.+)\.hour", item):
        return Query(service_code="AmazonEC2", usage_type=f"{{prefix}}-BoxUsage:{instance['type']}", attributes=_LINUX)
    if node := re.fullmatch(r"elasticache\.(?P<engine>redis|valkey)\.(?P<type>.+)\.hour", item):
        return Query(
            service_code="AmazonElastiCache",
            usage_type=f"{{prefix}}-NodeUsage:{node['type']}",
            attributes={"cacheEngine": node["engine"].capitalize()},
        )
    if database := re.fullmatch(r"rds\.postgresql\.(?P<deployment>single_az|multi_az)\.(?P<what>.+)", item):
        return _of_postgresql(database["deployment"], database["what"])
    if destination := re.fullmatch(r"transfer\.to_(?P<region>.+)\.gb", item):
        to = _PREFIXES.get(destination["region"])
        return Query(service_code="AWSDataTransfer", usage_type=f"{{prefix}}-{to}-AWS-Out-Bytes") if to else None
    return None


def check_region(region: str) -> None:
    """Refuse a region whose short name in usage types is not known here.

    Raises:
        OperatorError: with the regions that are allowed.
    """
    if region not in _PREFIXES:
        raise OperatorError(f"--region: came {region}; allowed: {', '.join(_PREFIXES)}")
