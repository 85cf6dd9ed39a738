"""The sandbox's part of Secrets Manager."""

from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.secrets_manager import reads, rows
from workbench.sandbox.service import Service

SECRETS_MANAGER = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"secretsmanager": tag_resource("SecretId")},
    supplement="workbench.sandbox.secrets_manager.supplement",
)
