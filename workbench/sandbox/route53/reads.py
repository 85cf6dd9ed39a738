"""The readings of health checks."""

from collections.abc import Mapping

from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read


def _tags(existing: Existing) -> Mapping[str, str]:
    answer = existing.call("list_tags_for_resource", ResourceType="healthcheck", ResourceId=existing.id)
    return {tag["Key"]: tag["Value"] for tag in answer["ResourceTagSet"]["Tags"]}


READS: Mapping[str, Read] = {
    "aws:route53/healthCheck:HealthCheck": Read(
        operation="get_health_check",
        parameters={"HealthCheckId": "id"},
        result="HealthCheck.HealthCheckConfig",
        id=lambda existing: existing.id,
        renames={"fqdn": "FullyQualifiedDomainName", "enableSni": "EnableSNI", "invertHealthcheck": "Inverted"},
        tags=_tags,
        defaults={"disabled": False, "invertHealthcheck": False, "measureLatency": False},
        outputs={"arn": lambda existing: f"arn:aws:route53:::healthcheck/{existing.id}"},
    ),
}
