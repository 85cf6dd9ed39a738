"""Every verb of a component has a form as data, for the languages in which a component has no methods."""

import inspect
from pathlib import Path

import pytest

from tests.components.test_contract import COMPONENTS, ComponentClass
from zelly_components.base import Component, output_names

ROOT = Path(__file__).parents[2]
FORMS = {
    "allow_from": "Permission",
    "allow_from_cidr": "Permission",
    "allow_from_prefix_list": "Permission",
    "allow_https_from_prefix_list": "Permission",
    "database_backup_statements": "BackupGrant",
    "grant": "RoleGrant",
    "grant_deploy": "DeploymentGrant",
    "grant_push": "PushGrant or ReleaseGrant",
    "grant_read": "ReleaseGrant",
    "grant_send": "ReleaseSendGrant",
    "point_name_at": "DnsName",
    "point_name_at_addresses": "DnsName",
}
"""By verb, the component that does the same; its test compares both."""

OUTPUTS = {
    "AlertChannels.topics": ("page_topic_arns", "inform_topic_arns"),
    "Vpc.nat_instance": ("nat_instance_id", "nat_failed_units_metric", "nat_mount_points"),
}
"""By what Python alone has, the outputs that say the same."""


def _own(component: ComponentClass) -> list[str]:
    """Return the public methods and properties that a component has and its base class has not."""
    return [
        name
        for name, member in inspect.getmembers(component)
        if not name.startswith("_")
        and not hasattr(Component, name)
        and (inspect.isfunction(member) or isinstance(member, property))
    ]


def test_every_verb_has_a_form() -> None:
    names = {component.__name__ for component in COMPONENTS}
    forms = {form for forms in FORMS.values() for form in forms.split(" or ")}
    assert forms <= names
    without = [
        f"{component.__name__}.{verb}"
        for component in COMPONENTS
        for verb in _own(component)
        if verb not in FORMS and f"{component.__name__}.{verb}" not in OUTPUTS
    ]
    assert without == []


def test_readme_names_every_form_and_output() -> None:
    readme = (ROOT / "components" / "README.md").read_text(encoding="utf-8")
    said = {form for forms in FORMS.values() for form in forms.split(" or ")} | set(FORMS)
    assert sorted(name for name in said if f"`{name}`" not in readme) == []


@pytest.mark.parametrize("member", OUTPUTS)
def test_what_python_alone_has_is_said_by_outputs(member: str) -> None:
    (component,) = [each for each in COMPONENTS if each.__name__ == member.partition(".")[0]]
    assert set(OUTPUTS[member]) <= set(output_names(component))


def test_whoever_opens_ports_says_which() -> None:
    opening = [component for component in COMPONENTS if any(verb.startswith("allow_") for verb in _own(component))]
    silent = [component.__name__ for component in opening if "ports" not in set(output_names(component))]
    # The ports of a bare group are its caller's.
    assert silent == ["SecurityGroup"]
