"""The quotas of AWS that a plan is held against, as data; imports nothing of the plan's."""

from dataclasses import dataclass
from enum import StrEnum

NEAR = 0.8
"""From this share of a quota on it is said that a need comes near it."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """One quota of Service Quotas. All of them are adjustable, and each region has its own."""

    service: str
    """The service's code in Service Quotas."""
    code: str
    name: str
    """As Service Quotas names it."""
    default: int
    """Of an account that never asked for more."""

    def increase_command(self, value: int, region: str) -> str:
        """Return the command that asks for more."""
        return (
            f"aws service-quotas request-service-quota-increase --service-code {self.service} "
            f"--quota-code {self.code} --desired-value {value} --region {region}"
        )


FARGATE = Quota(service="fargate", code="L-3032A538", name="Fargate On-Demand vCPU resource count", default=6)
"""Measured on new accounts; older ones have up to 4,000 ("Amazon ECS endpoints and quotas" names 6)."""
FARGATE_SPOT = Quota(service="fargate", code="L-36FBB829", name="Fargate Spot vCPU resource count", default=6)
EC2_STANDARD = Quota(
    service="ec2",
    code="L-1216C47A",
    name="Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    default=5,
)
"""In vCPUs. 5 is what new accounts have ("Amazon EC2 endpoints and quotas"); it grows by itself with use."""
ELASTIC_IPS = Quota(service="ec2", code="L-0263D0A3", name="EC2-VPC Elastic IPs", default=5)

VPCS = Quota(service="vpc", code="L-F678F1CE", name="VPCs per Region", default=5)
INTERNET_GATEWAYS = Quota(service="vpc", code="L-A4707A72", name="Internet gateways per Region", default=5)
NAT_GATEWAYS = Quota(service="vpc", code="L-FE5A380F", name="NAT gateways per Availability Zone", default=5)
GROUPS_PER_INTERFACE = Quota(service="vpc", code="L-2AFB9258", name="Security groups per network interface", default=5)
RULES_PER_GROUP = Quota(
    service="vpc", code="L-0EA8095F", name="Inbound or outbound rules per security group", default=60
)
"""These five and the Elastic IPs, with their defaults: "Amazon VPC quotas" (VPC User Guide)."""

QUOTAS = (
    FARGATE,
    FARGATE_SPOT,
    EC2_STANDARD,
    ELASTIC_IPS,
    VPCS,
    INTERNET_GATEWAYS,
    NAT_GATEWAYS,
    GROUPS_PER_INTERFACE,
    RULES_PER_GROUP,
)


class Standing(StrEnum):
    """The relation of a need to a quota."""

    WITHIN = "within"
    NEAR = "near"
    ABOVE = "above"


def standing(need: float, quota: float) -> Standing:
    """Return how a need stands to a quota: all of a quota is still within it, and near."""
    if need > quota:
        return Standing.ABOVE
    return Standing.NEAR if need >= NEAR * quota else Standing.WITHIN
