"""Managed prefix lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.sandbox.ec2.network import ec2_arn, specification
from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Delete, Read, ResourceRow, Row, Update

_ENTRY = {"cidr": "Cidr", "description": "Description"}


def _change_entries(existing: Existing, entries: Any) -> None:
    """Bring the list's entries to the new ones, by what is added and what is removed."""
    old, new = _by_range(existing.old_inputs.get("entries")), _by_range(entries)
    version = existing.call("describe_managed_prefix_lists", PrefixListIds=[existing.id])["PrefixLists"][0]["Version"]
    added = [_api_entry(entry) for cidr, entry in new.items() if old.get(cidr) != entry]
    removed = [{"Cidr": cidr} for cidr, entry in old.items() if new.get(cidr) != entry]
    # moto takes a name that is not given for none.
    identity = {"PrefixListId": existing.id, "PrefixListName": existing.inputs["name"]}
    # A range whose description alone changes may not stand on both sides of one request.
    if again := [entry for entry in removed if entry["Cidr"] in new]:
        existing.call("modify_managed_prefix_list", **identity, CurrentVersion=version, RemoveEntries=again)
        version += 1
        removed = [entry for entry in removed if entry not in again]
    changes = {"AddEntries": added, "RemoveEntries": removed}
    existing.call(
        "modify_managed_prefix_list",
        **identity,
        CurrentVersion=version,
        **{member: listed for member, listed in changes.items() if listed},
    )


def _by_range(entries: Sequence[Mapping[str, str]] | None) -> dict[str, Mapping[str, str]]:
    return {entry["cidr"]: entry for entry in entries or ()}


def _api_entry(entry: Mapping[str, str]) -> dict[str, str]:
    return {_ENTRY[name]: value for name, value in entry.items()}


def _entries(existing: Existing) -> list[dict[str, str]]:
    answer = existing.call("get_managed_prefix_list_entries", PrefixListId=existing.id)
    return [
        {name: entry[member] for name, member in _ENTRY.items() if entry.get(member)} for entry in answer["Entries"]
    ]


RESOURCES: Mapping[str, ResourceRow] = {
    "aws:ec2/managedPrefixList:ManagedPrefixList": Row(
        service="ec2",
        operation="create_managed_prefix_list",
        id="PrefixList.PrefixListId",
        result="PrefixList",
        renames={"name": "PrefixListName"},
        tags=specification("prefix-list"),
        outputs={"arn": ec2_arn("prefix-list")},
        delete=Delete(operation="delete_managed_prefix_list", parameters={"PrefixListId": "id"}),
        update={
            "entries": _change_entries,
            **dict.fromkeys(
                ("name", "maxEntries"),
                Update(
                    operation="modify_managed_prefix_list",
                    parameters={"PrefixListId": "id"},
                    renames={"name": "PrefixListName"},
                    always=("name",),
                ),
            ),
        },
        not_emulated=("A changed maximum of a prefix list is not kept, and entries beyond it are not refused.",),
    ),
}

READS: Mapping[str, Read] = {
    "aws:ec2/managedPrefixList:ManagedPrefixList": Read(
        operation="describe_managed_prefix_lists",
        parameters={"PrefixListIds": "id"},
        result="PrefixLists[0]",
        renames={"name": "PrefixListName"},
        named={"entries": _entries},
    ),
}
