"""Service Quotas: the quotas that a plan is held against, of an account that never asked for more.

An increase is had at once; in AWS somebody looks at the larger ones first.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from workbench.providers.quotas import QUOTAS, Quota
from workbench.sandbox.server.table import Call, Missing, RefusalError, Supplement


def _quota(call: Call) -> Quota:
    wanted = (call.parameters["ServiceCode"], call.parameters["QuotaCode"])
    for quota in QUOTAS:
        if (quota.service, quota.code) == wanted:
            return quota
    raise RefusalError("NoSuchResourceException", f"The request failed because the quota {wanted[1]} does not exist.")


def _described(quota: Quota, value: float) -> Mapping[str, Any]:
    return {
        "ServiceCode": quota.service,
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value,
        "Adjustable": True,
        "GlobalQuota": False,
    }


def _value(call: Call) -> Mapping[str, Any]:
    quota = _quota(call)
    return {"Quota": _described(quota, call.kept("values").get(quota.code, float(quota.default)))}


def _default(call: Call) -> Mapping[str, Any]:
    quota = _quota(call)
    return {"Quota": _described(quota, float(quota.default))}


def _increase(call: Call) -> Mapping[str, Any]:
    quota, desired = _quota(call), float(call.parameters["DesiredValue"])
    if desired <= call.kept("values").get(quota.code, quota.default):
        raise RefusalError(
            "IllegalArgumentException", "You must provide a quota value greater than the current quota value."
        )
    call.kept("values")[quota.code] = desired
    request = {
        "Id": f"{len(call.kept('requests')) + 1:032d}",
        "ServiceCode": quota.service,
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "DesiredValue": desired,
        "Status": "APPROVED",
        "Created": datetime.now(UTC),
        "GlobalQuota": False,
    }
    call.kept("requests").setdefault(quota.code, []).append(request)
    return {"RequestedQuota": request}


def _requests(call: Call) -> Mapping[str, Any]:
    return {"RequestedQuotas": call.kept("requests").get(_quota(call).code, [])}


_MISSING = (
    Missing(service="service-quotas", operation="GetServiceQuota", answer=_value),
    Missing(service="service-quotas", operation="GetAWSDefaultServiceQuota", answer=_default),
    Missing(service="service-quotas", operation="RequestServiceQuotaIncrease", answer=_increase),
    Missing(service="service-quotas", operation="ListRequestedServiceQuotaChangeHistoryByQuota", answer=_requests),
)

SUPPLEMENT = Supplement(missing=_MISSING)
