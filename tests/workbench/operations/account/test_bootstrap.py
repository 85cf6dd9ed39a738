"""What a bootstrap sets and makes in an account."""

from collections.abc import Mapping
from typing import Any, cast

from workbench.aws.account.settings import AccountSetting, AccountSettings
from workbench.aws.iam.service_linked_roles import ServiceLinkedRoles
from workbench.operations.account.bootstrap import plan_roles, plan_settings
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.operations.account.settings import GLOBAL, OF_REGISTRY, WANTED
from workbench.operations.state.bootstrap import Condition


class Account:
    def __init__(self, found: Mapping[AccountSetting, Mapping[str, Any]]) -> None:
        self.found = dict(found)

    def setting(self, setting: AccountSetting) -> Mapping[str, Any]:
        return self.found.get(setting, {})

    def set(self, setting: AccountSetting, value: Mapping[str, Any]) -> None:
        self.found[setting] = value


def test_settings_of_all_regions_are_looked_at_once_and_the_registrys_in_its_own() -> None:
    here, there = Account(WANTED), Account({AccountSetting.METADATA: {"HttpTokens": "optional"}})
    accounts = cast("Mapping[str, AccountSettings]", {"here": here, "there": there})
    steps = plan_settings(accounts, registry_region="there")
    regional = [setting for setting in WANTED if setting not in GLOBAL]
    assert [step.name for step in steps] == [
        *(f"{'account' if one in GLOBAL else 'here'}, {one.value}" for one in WANTED if one not in OF_REGISTRY),
        *(f"there, {one.value}" for one in regional),
    ]
    conditions = {step.name: step.condition for step in steps}
    assert {one for name, one in conditions.items() if not name.startswith("there")} == {Condition.SO}
    assert conditions["there, IMDSv2 by default"] is Condition.DIFFERS
    assert conditions["there, ECR registry scanning"] is Condition.MISSING
    assert {step.line for step in steps} == {"is so", "differs, will be corrected", "will be set"}
    for step in steps[-len(regional) :]:
        step.act()
    assert there.found == {setting: WANTED[setting] for setting in regional}


def test_every_setting_that_is_wanted_tightens() -> None:
    values = {name: value for wanted in WANTED.values() for name, value in wanted.items()}
    assert {name: value for name, value in values.items() if isinstance(value, int) and value is not True} == {
        "MinimumPasswordLength": 14,
        "PasswordReusePrevention": 24,
    }


class Roles:
    def __init__(self, *present: str) -> None:
        self.present = [*present]

    def services(self) -> frozenset[str]:
        return frozenset(self.present)

    def create(self, service: str) -> None:
        self.present.append(service)


def test_roles_that_are_missing_are_made_each_for_its_service() -> None:
    there, *missing = SERVICES
    roles = Roles(there)
    steps = plan_roles(cast("ServiceLinkedRoles", roles))
    assert [(step.name, step.condition, step.line) for step in steps] == [
        (f"service-linked role of {there}", Condition.SO, "is so"),
        *((f"service-linked role of {service}", Condition.MISSING, "will be made") for service in missing),
    ]
    for step in steps[1:]:
        step.act()
    assert roles.present == [*SERVICES]
