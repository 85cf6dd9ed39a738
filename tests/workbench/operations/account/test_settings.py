"""Settings of an account: what is wanted, and what others set more strictly."""

from typing import Any

import pytest

from workbench.aws.account.settings import AccountSetting
from workbench.operations.account.settings import WANTED, completed

SETTINGS: list[tuple[AccountSetting, Any, Any]] = [
    (AccountSetting.PASSWORDS, {}, WANTED[AccountSetting.PASSWORDS]),
    (
        AccountSetting.PASSWORDS,
        {**WANTED[AccountSetting.PASSWORDS], "MinimumPasswordLength": 20, "MaxPasswordAge": 90},
        {**WANTED[AccountSetting.PASSWORDS], "MinimumPasswordLength": 20, "MaxPasswordAge": 90},
    ),
    (
        AccountSetting.PASSWORDS,
        {"MinimumPasswordLength": 8, "RequireSymbols": False},
        WANTED[AccountSetting.PASSWORDS],
    ),
    (
        AccountSetting.SCANNING,
        {"scanType": "ENHANCED", "rules": []},
        {"scanType": "ENHANCED", "rules": []},
    ),
    (AccountSetting.SCANNING, {"scanType": "BASIC", "rules": []}, WANTED[AccountSetting.SCANNING]),
    (
        AccountSetting.SCANNING,
        {"scanType": "BASIC", "rules": [{"scanFrequency": "MANUAL", "repositoryFilters": []}]},
        {
            "scanType": "BASIC",
            "rules": [
                {"scanFrequency": "MANUAL", "repositoryFilters": []},
                *WANTED[AccountSetting.SCANNING]["rules"],
            ],
        },
    ),
    (AccountSetting.METADATA, {"HttpTokens": "optional"}, {"HttpTokens": "required"}),
]


@pytest.mark.parametrize(("setting", "found", "expected"), SETTINGS)
def test_what_others_set_more_strictly_stays(setting: AccountSetting, found: Any, expected: Any) -> None:
    assert completed(setting, found) == expected
