"""The services of the sandbox, and what they have together: the resource table, the functions, the supplements."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from workbench.sandbox.acm.service import ACM
from workbench.sandbox.application_auto_scaling.service import APPLICATION_AUTO_SCALING
from workbench.sandbox.auto_scaling.service import AUTO_SCALING
from workbench.sandbox.backup.service import BACKUP
from workbench.sandbox.chatbot.service import CHATBOT
from workbench.sandbox.cloudflare.service import CLOUDFLARE
from workbench.sandbox.cloudwatch.service import CLOUDWATCH
from workbench.sandbox.dlm.service import DLM
from workbench.sandbox.ec2.service import EC2
from workbench.sandbox.ecr.service import ECR
from workbench.sandbox.ecs.service import ECS
from workbench.sandbox.efs.service import EFS
from workbench.sandbox.elastic_load_balancing.service import ELASTIC_LOAD_BALANCING
from workbench.sandbox.elasticache.service import ELASTICACHE
from workbench.sandbox.eventbridge.service import EVENTBRIDGE
from workbench.sandbox.eventbridge_scheduler.service import EVENTBRIDGE_SCHEDULER
from workbench.sandbox.iam.service import IAM
from workbench.sandbox.kms.service import KMS
from workbench.sandbox.making.table import Function, Read, ResourceRow
from workbench.sandbox.making.tagging import TagChange
from workbench.sandbox.random.service import RANDOM
from workbench.sandbox.rds.service import RDS
from workbench.sandbox.route53.service import ROUTE53
from workbench.sandbox.s3.service import S3
from workbench.sandbox.secrets_manager.service import SECRETS_MANAGER
from workbench.sandbox.service import Service
from workbench.sandbox.service_quotas.service import SERVICE_QUOTAS
from workbench.sandbox.sns.service import SNS
from workbench.sandbox.ssm.service import SSM

if TYPE_CHECKING:
    from workbench.sandbox.server.table import Supplement

SERVICES: tuple[Service, ...] = (
    ACM,
    APPLICATION_AUTO_SCALING,
    AUTO_SCALING,
    BACKUP,
    CHATBOT,
    CLOUDFLARE,
    CLOUDWATCH,
    DLM,
    EC2,
    ECR,
    ECS,
    EFS,
    ELASTIC_LOAD_BALANCING,
    ELASTICACHE,
    EVENTBRIDGE,
    EVENTBRIDGE_SCHEDULER,
    IAM,
    KMS,
    RANDOM,
    RDS,
    ROUTE53,
    S3,
    SECRETS_MANAGER,
    SERVICE_QUOTAS,
    SNS,
    SSM,
)

RESOURCES: Mapping[str, ResourceRow] = {token: row for service in SERVICES for token, row in service.resources.items()}
"""Type token -> how it is made."""

READS: Mapping[str, Read] = {token: read for service in SERVICES for token, read in service.reads.items()}
"""Type token -> how it is read."""

FUNCTIONS: Mapping[str, Function] = {
    token: function for service in SERVICES for token, function in service.functions.items()
}
"""Function token -> how it is answered."""

_TAGGING: Mapping[str, TagChange] = {name: change for service in SERVICES for name, change in service.tagging.items()}


def tag_change(row: ResourceRow) -> TagChange | None:
    """Return how the tags of a type are changed; None for a type whose tags nothing here can change."""
    return row.tag_change or _TAGGING.get(row.service or "")


def supplements() -> "tuple[Supplement, ...]":
    """Return what the services add to moto. This imports moto, which reads its environment when it is imported."""
    return tuple(import_module(service.supplement).SUPPLEMENT for service in SERVICES if service.supplement is not None)
