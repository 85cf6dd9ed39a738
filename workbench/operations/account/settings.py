"""The settings of an account, as data: what is wanted, and how what is there is compared with it."""

from collections.abc import Mapping
from typing import Any, cast

from workbench.aws.account.settings import AccountSetting

_EVERY_PUSH = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}

WANTED: Mapping[AccountSetting, Mapping[str, Any]] = {
    AccountSetting.BUCKETS: dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    ),
    # The figures of the CIS AWS Foundations Benchmark 3.0, 1.8 and 1.9.
    AccountSetting.PASSWORDS: {
        "MinimumPasswordLength": 14,
        "PasswordReusePrevention": 24,
        "RequireSymbols": True,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": True,
    },
    AccountSetting.VOLUMES: {"EbsEncryptionByDefault": True},
    AccountSetting.SNAPSHOTS: {"State": "block-all-sharing"},
    AccountSetting.IMAGES: {"ImageBlockPublicAccessState": "block-new-sharing"},
    AccountSetting.METADATA: {"HttpTokens": "required"},
    # Basic scanning costs nothing ("Amazon ECR pricing"); enhanced scanning, where somebody chose it, is more.
    AccountSetting.SCANNING: {"scanType": "BASIC", "rules": [_EVERY_PUSH]},
}

GLOBAL = frozenset({AccountSetting.BUCKETS, AccountSetting.PASSWORDS})
"""The same in every region."""
OF_REGISTRY = frozenset({AccountSetting.SCANNING})
"""Wanted only in the region of the image repositories."""


def settings_of(region: str, *, registry_region: str | None, with_global: bool) -> tuple[AccountSetting, ...]:
    """Return the settings that are looked at in a region. ``registry_region`` None: there are no image repositories."""
    return tuple(
        setting
        for setting in WANTED
        if (with_global or setting not in GLOBAL) and (region == registry_region or setting not in OF_REGISTRY)
    )


def completed(setting: AccountSetting, found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a setting as it has to become: what others set beside it, or more strictly, stays.

    Equal to what was found where nothing is to be done.
    """
    if setting is AccountSetting.SCANNING:
        return _completed_scanning(found)
    return {**found, **{name: _stricter(value, found.get(name)) for name, value in WANTED[setting].items()}}


def _stricter(wanted: object, found: object) -> object:
    if isinstance(wanted, int) and not isinstance(wanted, bool) and isinstance(found, int):
        return max(wanted, found)
    return wanted


def _completed_scanning(found: Mapping[str, Any]) -> Mapping[str, Any]:
    if found.get("scanType") == "ENHANCED":
        return found
    rules = cast("list[Mapping[str, Any]]", found.get("rules", []))
    if any(_scans_every_push(rule) for rule in rules):
        return found
    return {"scanType": "BASIC", "rules": [*rules, _EVERY_PUSH]}


def _scans_every_push(rule: Mapping[str, Any]) -> bool:
    filters = [one.get("filter") for one in rule.get("repositoryFilters", [])]
    return rule.get("scanFrequency") == "SCAN_ON_PUSH" and "*" in filters
