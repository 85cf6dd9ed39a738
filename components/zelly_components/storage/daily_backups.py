"""A vault of AWS Backup with a daily plan and a weekly restore test, for a component that has something to keep."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.identity.iam import backup_trust

_ROLE_POLICIES: Mapping[str, str] = {
    name: f"arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor{name}" for name in ("Backup", "Restores")
}
"""AWS's own policies for its service role ("Default service role", AWS Backup Developer Guide)."""

_START_WINDOW_MINUTES = 60
_COMPLETION_WINDOW_MINUTES = 24 * 60
_SELECTION_DAYS = 7
"""A test restores the newest recovery point of so many days."""


@dataclass(frozen=True, kw_only=True)
class VaultPlanArgs:
    """What AWS Backup does each day and each week."""

    resources: Sequence[pulumi.Input[str]]
    """What is backed up: ARNs, also with ``*`` for parts of them, such as ``arn:aws:ec2:*:*:volume/*``."""
    tags: Mapping[str, str]
    """The tags that a resource has to have as well, each with this value. Empty: none."""
    schedule: str
    """Of the daily backups, e.g. ``cron(0 3 * * ? *)``; UTC."""
    retention_days: int
    """The days after which a recovery point goes."""
    restore_test_schedule: str
    """Of the restore tests, e.g. ``cron(0 6 ? * SUN *)``; UTC."""
    restore_tests: Mapping[str, Mapping[str, str]]
    """The resource types of which one recovery point is restored each time, such as ``EBS``, each with what the test
    is told beside what AWS Backup infers ("Restore testing inferred metadata", AWS Backup Developer Guide). What was
    restored is deleted within some hours, and is paid for until then."""


def back_up_daily(
    component: Component, name: str, plan: VaultPlanArgs, *, vault_name: str, force_destroy: bool
) -> aws.backup.Vault:
    """Make a vault with its role, its plan, what the plan selects and the restore tests; logical names follow ``name``.

    ``vault_name`` is the vault's and the plans'.
    """
    vault = aws.backup.Vault(
        f"{name}-vault",
        name=vault_name,
        force_destroy=force_destroy,
        opts=component.child_with(pulumi.ResourceOptions(protect=not force_destroy)),
    )
    role = _role(component, name)
    daily = aws.backup.Plan(
        f"{name}-plan",
        name=vault_name,
        rules=[
            aws.backup.PlanRuleArgs(
                rule_name="daily",
                target_vault_name=vault.name,
                schedule=plan.schedule,
                start_window=_START_WINDOW_MINUTES,
                completion_window=_COMPLETION_WINDOW_MINUTES,
                lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=plan.retention_days),
            )
        ],
        opts=component.child(),
    )
    aws.backup.Selection(
        f"{name}-selection",
        name=vault_name,
        plan_id=daily.id,
        iam_role_arn=role.arn,
        resources=plan.resources,
        conditions=_conditions(plan.tags),
        opts=component.child(),
    )
    _test_restores(component, name, plan, vault_name=vault_name, vault=vault, role=role)
    return vault


def check_vault_name(vault_name: str) -> None:
    """Refuse a name that AWS Backup would not take for the vault and all that is called like it.

    Raises:
        ValueError: saying what came and what is allowed.
    """
    if re.fullmatch(r"[a-z][a-z0-9-]{0,39}", vault_name) is None:
        # Fifty for a restore test's name, which ends in the resource's type.
        raise ValueError(f"vault_name: came {vault_name!r}; allowed 1 to 40 lower-case letters, digits and hyphens")


def _conditions(tags: Mapping[str, str]) -> list[aws.backup.SelectionConditionArgs] | None:
    if not tags:
        return None
    # All of them; selection_tags would be any of them.
    return [
        aws.backup.SelectionConditionArgs(
            string_equals=[
                aws.backup.SelectionConditionStringEqualArgs(key=f"aws:ResourceTag/{key}", value=value)
                for key, value in tags.items()
            ]
        )
    ]


def _role(component: Component, name: str) -> aws.iam.Role:
    role = aws.iam.Role(f"{name}-role", assume_role_policy=backup_trust(), opts=component.child())
    for policy_name, arn in _ROLE_POLICIES.items():
        aws.iam.RolePolicyAttachment(
            f"{name}-role-{policy_name.lower()}", role=role.name, policy_arn=arn, opts=component.child()
        )
    return role


def _test_restores(
    component: Component,
    name: str,
    plan: VaultPlanArgs,
    *,
    vault_name: str,
    vault: aws.backup.Vault,
    role: aws.iam.Role,
) -> None:
    if not plan.restore_tests:
        return
    # Letters, digits and underscores ("CreateRestoreTestingPlan", AWS Backup API reference).
    plan_name = vault_name.replace("-", "_")
    tests = aws.backup.RestoreTestingPlan(
        f"{name}-restore-tests",
        name=plan_name,
        schedule_expression=plan.restore_test_schedule,
        recovery_point_selection=aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
            algorithm="LATEST_WITHIN_WINDOW",
            include_vaults=[vault.arn],
            recovery_point_types=["SNAPSHOT"],
            selection_window_days=_SELECTION_DAYS,
        ),
        opts=component.child(),
    )
    for resource_type, metadata in plan.restore_tests.items():
        aws.backup.RestoreTestingSelection(
            f"{name}-restore-test-{resource_type.lower()}",
            name=f"{plan_name}_{resource_type.lower()}",
            restore_testing_plan_name=tests.name,
            protected_resource_type=resource_type,
            protected_resource_arns=["*"],
            iam_role_arn=role.arn,
            restore_metadata_overrides=metadata or None,
            opts=component.child(),
        )
