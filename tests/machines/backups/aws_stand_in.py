"""Stand-in for AWS's command line, as far as backups call it: a bucket in a directory, one secret, no metrics.

``$STAND_IN`` is the host's directory. A file ``refuse`` in it has lines of words and an error: a call whose arguments
hold the words fails with the error. The real bucket keeps every version and lets nobody delete; nothing here can.
"""

import json
import os
import shutil
import sys
from pathlib import Path

home = Path(os.environ["STAND_IN"])
arguments = sys.argv[1:]
with (home / "calls" / "aws").open("a", encoding="utf-8") as record:
    record.write(json.dumps({"arguments": arguments, "environment": dict(os.environ)}) + "\n")
for line in (home / "refuse").read_text("utf-8").splitlines() if (home / "refuse").exists() else ():
    words, _, error = line.partition(" => ")
    if words in " ".join(arguments):
        sys.exit(f"\n{error}")


def _option(name: str) -> str:
    return arguments[arguments.index(name) + 1]


def _local(place: str) -> Path:
    return home / "bucket" / place.split("/", 3)[3] if place.startswith("s3://") else Path(place)


if arguments[:2] == ["s3", "cp"]:
    source, target = map(_local, arguments[2:4])
    if not source.exists():
        sys.exit("fatal error: An error occurred (404) when calling the HeadObject operation: Key does not exist")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
elif arguments[:2] == ["s3api", "list-objects-v2"]:
    bucket = home / "bucket"
    keys = sorted(str(path.relative_to(bucket)) for path in bucket.rglob("*") if path.is_file())
    found = [key for key in keys if key.startswith(_option("--prefix"))]
    print(json.dumps(found or None))  # noqa: T201
elif arguments[:2] == ["secretsmanager", "get-secret-value"]:
    print((home / "secret").read_text("utf-8"))  # noqa: T201
elif arguments[:2] != ["cloudwatch", "put-metric-data"]:
    sys.exit(f"no such call: {arguments}")
