"""The sandbox's part of Service Quotas."""

from workbench.sandbox.service import Service

SERVICE_QUOTAS = Service(
    supplement="workbench.sandbox.service_quotas.supplement",
)
