"""EC2: what is set for a whole region of the account, which moto lacks but for the encryption of volumes."""

from collections.abc import Mapping
from typing import Any

from workbench.sandbox.server.table import Call, Missing


def _snapshots(call: Call) -> Mapping[str, Any]:
    return {"State": call.kept("account").get("snapshots", "unblocked")}


def _block_snapshots(call: Call) -> Mapping[str, Any]:
    call.kept("account")["snapshots"] = call.parameters["State"]
    return _snapshots(call)


def _images(call: Call) -> Mapping[str, Any]:
    return {"ImageBlockPublicAccessState": call.kept("account").get("images", "unblocked")}


def _block_images(call: Call) -> Mapping[str, Any]:
    call.kept("account")["images"] = call.parameters["ImageBlockPublicAccessState"]
    return _images(call)


def _metadata(call: Call) -> Mapping[str, Any]:
    return {"AccountLevel": call.kept("account").get("metadata", {})}


def _set_metadata(call: Call) -> Mapping[str, Any]:
    given = {name: value for name, value in call.parameters.items() if name != "DryRun"}
    call.kept("account")["metadata"] = {**call.kept("account").get("metadata", {}), **given}
    return {"Return": True}


MISSING: tuple[Missing, ...] = (
    Missing(service="ec2", operation="GetSnapshotBlockPublicAccessState", answer=_snapshots),
    Missing(service="ec2", operation="EnableSnapshotBlockPublicAccess", answer=_block_snapshots),
    Missing(service="ec2", operation="GetImageBlockPublicAccessState", answer=_images),
    Missing(service="ec2", operation="EnableImageBlockPublicAccess", answer=_block_images),
    Missing(service="ec2", operation="GetInstanceMetadataDefaults", answer=_metadata),
    Missing(service="ec2", operation="ModifyInstanceMetadataDefaults", answer=_set_metadata),
)
