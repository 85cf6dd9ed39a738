"""Steps in an account before the first stack: service-linked roles, and with ``--account`` settings of its own."""

from collections.abc import Mapping, Sequence

from workbench.aws.account.settings import AccountSetting, AccountSettings
from workbench.aws.iam.service_linked_roles import ServiceLinkedRoles
from workbench.operations.account.service_linked_roles import SERVICES
from workbench.operations.account.settings import GLOBAL, completed, settings_of
from workbench.operations.state.bootstrap import AccountStep, Condition


def plan_roles(roles: ServiceLinkedRoles, needed: Sequence[str] = SERVICES) -> tuple[AccountStep, ...]:
    """Compare the account's service-linked roles with those that the program's services need."""
    present = roles.services()
    return tuple(_role_step(service, roles, is_there=service in present) for service in needed)


def _role_step(service: str, roles: ServiceLinkedRoles, *, is_there: bool) -> AccountStep:
    return AccountStep(
        name=f"service-linked role of {service}",
        condition=Condition.SO if is_there else Condition.MISSING,
        is_made=True,
        act=lambda: roles.create(service),
    )


def plan_settings(accounts: Mapping[str, AccountSettings], *, registry_region: str | None) -> tuple[AccountStep, ...]:
    """Compare the account's settings in each region with what is wanted; those of all regions are looked at once."""
    return tuple(
        _setting_step(region, accounts[region], setting)
        for number, region in enumerate(accounts)
        for setting in settings_of(region, registry_region=registry_region, with_global=number == 0)
    )


def _setting_step(region: str, account: AccountSettings, setting: AccountSetting) -> AccountStep:
    found = account.setting(setting)
    wanted = completed(setting, found)
    unlike = Condition.DIFFERS if found else Condition.MISSING
    return AccountStep(
        name=f"{'account' if setting in GLOBAL else region}, {setting.value}",
        condition=Condition.SO if found == wanted else unlike,
        is_made=False,
        act=lambda: account.set(setting, wanted),
    )
