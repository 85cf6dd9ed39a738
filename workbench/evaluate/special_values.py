"""Values that the SDK marks by a signature: assets and archives, and references to resources.

A plan shows of an asset where it comes from, and a digest of what it holds; of a resource its id, as providers get it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

# How the SDK marks them among inputs (sdk/python/lib/pulumi/runtime/rpc.py of pulumi/pulumi).
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"


def without_references(value: Any) -> Any:
    """Return ``value`` with the id in the place of each resource that was given as a whole, or a component's URN."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if members.get(_SIGNATURE) == _RESOURCE:
            return members.get("id") or members["urn"]
        return {key: without_references(member) for key, member in members.items()}
    if isinstance(value, list):
        return [without_references(member) for member in cast("list[Any]", value)]
    return value


def described(value: Any) -> Any:
    """Return ``value`` with a description in the place of each asset and archive.

    Raises:
        OSError: for a file that cannot be read; the engine refuses it too.
    """
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if members.get(_SIGNATURE) in {_ASSET, _ARCHIVE}:
            return _description(members)
        return {key: described(member) for key, member in members.items()}
    if isinstance(value, list):
        return [described(member) for member in cast("list[Any]", value)]
    return value


def holds_asset(value: Any) -> bool:
    """Tell whether an asset or an archive stands anywhere in ``value``."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return members.get(_SIGNATURE) in {_ASSET, _ARCHIVE} or any(holds_asset(each) for each in members.values())
    return isinstance(value, list) and any(holds_asset(member) for member in cast("list[Any]", value))


def _description(value: Mapping[str, Any]) -> dict[str, Any]:
    kind = "asset" if value[_SIGNATURE] == _ASSET else "archive"
    if "uri" in value:
        # Whoever fetches it knows what it holds: a plan asks no network.
        return {kind: value["uri"]}
    if "text" in value:
        return {kind: "text", "sha256": hashlib.sha256(value["text"].encode()).hexdigest()}
    if "path" in value:
        return {kind: value["path"], "sha256": _digest(Path(value["path"]))}
    return {kind: described(value.get("assets", {}))}


def _digest(path: Path) -> str:
    """Return the digest of a file, or of a folder with the names and the contents of all files in it."""
    digest = hashlib.sha256()
    if not path.is_dir():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    for file in _files(path):
        digest.update(f"{file.relative_to(path)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts))
