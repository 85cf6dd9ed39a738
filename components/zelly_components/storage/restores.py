"""Weekly restore tests of AWS Backup and the role that it takes, for a component that has something to keep."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.identity.iam import backup_trust

_SELECTION_DAYS = 7
"""A test restores the newest recovery point of so many days."""


def backup_role(component: Component, name: str, *, policies: Sequence[Literal["Backup", "Restores"]]) -> aws.iam.Role:
    """Make a role for AWS Backup with AWS's own policies ("Default service role", AWS Backup Developer Guide)."""
    role = aws.iam.Role(f"{name}-role", assume_role_policy=backup_trust(), opts=component.child())
    for policy_name in policies:
        aws.iam.RolePolicyAttachment(
            f"{name}-role-{policy_name.lower()}",
            role=role.name,
            policy_arn=f"arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor{policy_name}",
            opts=component.child(),
        )
    return role


def make_restore_tests(
    component: Component,
    name: str,
    *,
    test_name: str,
    schedule: str,
    vault_arn: pulumi.Input[str],
    role: aws.iam.Role,
    tests: Mapping[str, Mapping[str, str]],
    resource_arns: Sequence[pulumi.Input[str]] = ("*",),
) -> None:
    """Make a plan that restores the newest recovery point of each resource type, and deletes what it restored.

    ``tests`` has the types, each with what the test is told beside what AWS Backup infers.
    """
    # Letters, digits and underscores ("CreateRestoreTestingPlan", AWS Backup API reference).
    plan_name = test_name.replace("-", "_")
    plan = aws.backup.RestoreTestingPlan(
        f"{name}-restore-tests",
        name=plan_name,
        schedule_expression=schedule,
        recovery_point_selection=aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
            algorithm="LATEST_WITHIN_WINDOW",
            include_vaults=[vault_arn],
            recovery_point_types=["SNAPSHOT"],
            selection_window_days=_SELECTION_DAYS,
        ),
        opts=component.child(),
    )
    for resource_type, metadata in tests.items():
        aws.backup.RestoreTestingSelection(
            f"{name}-restore-test-{resource_type.lower()}",
            name=f"{plan_name}_{resource_type.lower()}",
            restore_testing_plan_name=plan.name,
            protected_resource_type=resource_type,
            protected_resource_arns=list(resource_arns),
            iam_role_arn=role.arn,
            restore_metadata_overrides=metadata or None,
            opts=component.child(),
        )
