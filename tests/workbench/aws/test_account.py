"""What is made of AWS's answers about an account: its quotas, its settings, and what AWS is about to do."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.workbench.aws.stubbed import stubbed
from workbench.aws.account.quotas import ServiceQuotas
from workbench.aws.account.settings import AccountSetting, AccountSettings
from workbench.aws.elasticache.maintenance import CacheNode, ElastiCacheMaintenance, ServiceUpdate
from workbench.aws.iam.service_linked_roles import ServiceLinkedRoles
from workbench.aws.rds.maintenance import CertificateAuthority, PendingAction, RdsMaintenance
from workbench.aws.shared.errors import AwsError

SOON = datetime(2026, 5, 7, tzinfo=UTC)
LATER = datetime(2026, 6, 7, tzinfo=UTC)
ARN = "arn:aws:rds:ap-south-1:123456789012:cluster:shop-aurora"
VCPUS = {"ServiceCode": "fargate", "QuotaCode": "L-3032A538"}


def test_quota_that_was_never_applied_is_awss_default() -> None:
    with stubbed() as connection:
        quotas = connection.repeatable("service-quotas")
        quotas.add_client_error("get_service_quota", "NoSuchResourceException", expected_params=VCPUS)
        quotas.add_response("get_aws_default_service_quota", {"Quota": {"Value": 6.0}}, VCPUS)
        assert ServiceQuotas(connection).value("fargate", "L-3032A538") == 6


def test_quota_that_may_not_be_read_is_not_taken_for_the_default() -> None:
    with stubbed() as connection:
        connection.repeatable("service-quotas").add_client_error("get_service_quota", "AccessDeniedException")
        with pytest.raises(AwsError):
            ServiceQuotas(connection).value("fargate", "L-3032A538")


def test_what_was_asked_for_counts_while_it_is_not_decided() -> None:
    def request(status: str, value: float) -> dict[str, Any]:
        return {"Status": status, "DesiredValue": value}

    with stubbed() as connection:
        connection.repeatable("service-quotas").add_response(
            "list_requested_service_quota_change_history_by_quota",
            {"RequestedQuotas": [request("DENIED", 99), request("CASE_OPENED", 12), request("PENDING", 10)]},
            VCPUS,
        )
        assert ServiceQuotas(connection).requested("fargate", "L-3032A538") == 12


@pytest.mark.parametrize("message", ["Custom suffix is not allowed", "Service name is not valid"])
def test_role_that_is_refused_for_another_reason_is_an_error(message: str) -> None:
    with stubbed() as connection:
        connection.repeatable("iam").add_client_error("create_service_linked_role", "InvalidInput", message)
        with pytest.raises(AwsError):
            ServiceLinkedRoles(connection).create("ecs.amazonaws.com")


def test_setting_that_was_never_made_is_empty_and_a_refusal_is_not() -> None:
    with stubbed() as connection:
        s3control = connection.repeatable("s3control")
        s3control.add_client_error("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
        s3control.add_client_error("get_public_access_block", "AccessDenied")
        settings = AccountSettings(connection, "123456789012")
        assert settings.setting(AccountSetting.BUCKETS) == {}
        with pytest.raises(AwsError) as denied:
            settings.setting(AccountSetting.BUCKETS)
    assert denied.value.operation == "s3:GetAccountPublicAccessBlock"


def test_pending_actions_are_those_of_the_cluster_with_the_earliest_of_their_dates() -> None:
    action = {"Action": "db-upgrade", "AutoAppliedAfterDate": SOON, "ForcedApplyDate": LATER}
    with stubbed() as connection:
        connection.repeatable("rds").add_response(
            "describe_pending_maintenance_actions",
            {
                "PendingMaintenanceActions": [
                    {"ResourceIdentifier": ARN, "PendingMaintenanceActionDetails": [action, {"Action": "offer"}]},
                    {
                        "ResourceIdentifier": ARN.replace("shop", "other"),
                        "PendingMaintenanceActionDetails": [action],
                    },
                ]
            },
            {},
        )
        assert RdsMaintenance(connection).pending_actions("shop-aurora") == [
            PendingAction(resource=ARN, action="db-upgrade", description="", applied_at=SOON),
            PendingAction(resource=ARN, action="offer", description="", applied_at=None),
        ]


def test_each_authority_is_asked_for_once() -> None:
    with stubbed() as connection:
        rds = connection.repeatable("rds")
        rds.add_response(
            "describe_db_instances",
            {"DBInstances": [{"CACertificateIdentifier": "rds-ca-1"}] * 2 + [{}]},
            {"Filters": [{"Name": "db-cluster-id", "Values": ["shop-aurora"]}]},
        )
        rds.add_response(
            "describe_certificates", {"Certificates": [{"ValidTill": SOON}]}, {"CertificateIdentifier": "rds-ca-1"}
        )
        assert RdsMaintenance(connection).certificate_authorities("shop-aurora") == [
            CertificateAuthority(identifier="rds-ca-1", valid_till=SOON)
        ]


def test_cache_tells_its_version_and_what_waits_for_it() -> None:
    with stubbed() as connection:
        cache = connection.repeatable("elasticache")
        cache.add_response(
            "describe_cache_clusters",
            {
                "CacheClusters": [
                    {
                        "Engine": "redis",
                        "EngineVersion": "7.1.0",
                        "NotificationConfiguration": {"TopicArn": "arn:topic", "TopicStatus": "active"},
                    }
                ]
            },
            {"CacheClusterId": "shop-001"},
        )
        cache.add_client_error("describe_cache_clusters", "CacheClusterNotFound")
        cache.add_response(
            "describe_update_actions",
            {
                "UpdateActions": [
                    {
                        "ServiceUpdateName": "u-1",
                        "ServiceUpdateSeverity": "critical",
                        "ServiceUpdateRecommendedApplyByDate": SOON,
                    }
                ]
            },
            {
                "ReplicationGroupIds": ["shop"],
                "UpdateActionStatus": ["not-applied", "waiting-to-start", "scheduling", "scheduled"],
            },
        )
        maintenance = ElastiCacheMaintenance(connection)
        assert maintenance.node("shop-001") == CacheNode(version="redis 7.1.0", event_topic="arn:topic")
        assert maintenance.node("gone") is None
        assert maintenance.updates("shop") == [ServiceUpdate(name="u-1", severity="critical", apply_by=SOON)]
