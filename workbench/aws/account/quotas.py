"""Service Quotas: what a region of the account may have, and what more was asked for."""

from typing import Any

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling

_OPEN = frozenset({"PENDING", "CASE_OPENED"})


class ServiceQuotas:
    """The calls of Service Quotas that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: Any = connection.client("service-quotas")

    def value(self, service: str, code: str) -> float:
        """Return a quota as it is applied; where only AWS's default is known, that."""
        target = f"{service} {code}"
        try:
            with calling("servicequotas:GetServiceQuota", target):
                answer = self._client.get_service_quota(ServiceCode=service, QuotaCode=code)
        except AwsError as error:
            if error.code != "NoSuchResourceException":
                raise
            with calling("servicequotas:GetAWSDefaultServiceQuota", target):
                answer = self._client.get_aws_default_service_quota(ServiceCode=service, QuotaCode=code)
        return answer["Quota"]["Value"]

    def requested(self, service: str, code: str) -> float | None:
        """Return the most that was asked for and not decided yet; None: nothing."""
        with calling("servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota", f"{service} {code}"):
            pages = self._client.get_paginator("list_requested_service_quota_change_history_by_quota").paginate(
                ServiceCode=service, QuotaCode=code
            )
            return max(
                (
                    request["DesiredValue"]
                    for page in pages
                    for request in page["RequestedQuotas"]
                    if request["Status"] in _OPEN
                ),
                default=None,
            )
