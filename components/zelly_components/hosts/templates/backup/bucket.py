"""AWS, through its command line: the bucket of backups, the database's secret, the metrics."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from running import FailedError, run

MANIFEST = ".manifest.json"
"""The ending of a backup's manifest, beside it."""
DRILL = ".drill.json"
"""The ending of what came of restoring it from the bucket, beside it."""

_CHUNK = 1024 * 1024


class Bucket:
    """The bucket that backups are kept in. They are written and read here, never deleted."""

    def __init__(self, name: str, region: str) -> None:
        self._name = name
        self._region = region

    def put(self, file: Path, key: str) -> None:
        """Write a file under its final name.

        S3 compares what arrived with a checksum, without which a bucket with Object Lock takes nothing ("PutObject",
        S3 API reference). An object is there when all of it is.
        """
        run(
            ["aws", "s3", "cp", str(file), f"s3://{self._name}/{key}", "--only-show-errors", "--no-progress",
             "--checksum-algorithm", "SHA256", "--region", self._region]
        )  # fmt: skip

    def put_text(self, text: str, key: str, *, through: Path) -> None:
        """Write a text under its final name, through a file of its own."""
        through.write_text(text, encoding="utf-8")
        self.put(through, key)

    def get(self, key: str, file: Path) -> None:
        """Read an object into a file."""
        run(["aws", "s3", "cp", f"s3://{self._name}/{key}", str(file), "--only-show-errors", "--no-progress",
             "--region", self._region])  # fmt: skip

    def get_document(self, key: str, *, through: Path) -> Mapping[str, Any]:
        """Read a document, through a file of its own."""
        self.get(key, through)
        try:
            return json.loads(through.read_text(encoding="utf-8"))
        except ValueError:
            raise FailedError(f"{key} is not JSON") from None

    def keys(self, prefix: str) -> list[str]:
        """Return the keys below a prefix, sorted."""
        found = run(
            ["aws", "s3api", "list-objects-v2", "--bucket", self._name, "--prefix", prefix, "--query",
             "Contents[].Key", "--output", "json", "--region", self._region]
        )  # fmt: skip
        # With nothing below the prefix the answer is null, or nothing.
        return sorted(json.loads(found or "null") or [])


def secret(name: str, region: str) -> Mapping[str, str]:
    """Return the values of a secret; they stay in this process."""
    said = run(
        ["aws", "secretsmanager", "get-secret-value", "--secret-id", name, "--query", "SecretString",
         "--output", "text", "--region", region]
    )  # fmt: skip
    try:
        values = json.loads(said)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise FailedError(f"the secret {name} is not a JSON object")
    return {str(key): str(value) for key, value in values.items()}  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]


def publish(metrics: Sequence[tuple[str, float, str]], *, namespace: str, database: str, region: str) -> None:
    """Publish metrics: the name, the value and the unit of each."""
    data = [
        {
            "MetricName": name,
            "Value": value,
            "Unit": unit,
            "Dimensions": [{"Name": "Database", "Value": database}],
        }
        for name, value, unit in metrics
    ]
    run(["aws", "cloudwatch", "put-metric-data", "--namespace", namespace, "--metric-data", json.dumps(data),
         "--region", region])  # fmt: skip


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
