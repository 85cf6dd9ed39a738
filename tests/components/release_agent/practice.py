"""Practice services and migrations: what they do, and the archives that they come in."""

import gzip
import io
import tarfile
from collections.abc import Sequence

READY = "#!/bin/sh\n# ready\n"
NEVER_READY = "#!/bin/sh\n# never ready\n"
HANGS = "#!/bin/sh\n# hangs\n"
DIES_WHILE_SETTLING = "#!/bin/sh\n# dies while settling\n"

# Prisma's part, with the state of the database in a file.
MIGRATE = """#!/bin/sh
set -eu
[ "$DATABASE_URL" = 'postgres://stand-in"$\\' ]
database=$RELEASE_AGENT_ROOT/world/database
touch "$database.applied" "$database.failed"
list() { sed 's/.*/"&"/' "$1" | paste -sd, -; }
case $1 in
status) echo "{\\"applied\\": [$(list "$database.applied")], \\"failed\\": [$(list "$database.failed")]}" ;;
deploy)
    for name in NAMES; do
        grep -qx "$name" "$database.applied" && continue
        case $name in *broken*)
            case $name in *half*) echo "$name" >>"$database.failed" ;; esac
            echo "Error: P3018 $name failed" >&2
            exit 1 ;;
        esac
        echo "$name" >>"$database.applied"
    done ;;
*) exit 64 ;;
esac
"""

Member = tuple[str, bytes, int]
"""A regular file: its name, content and mode."""


def archive(members: Sequence[Member | tarfile.TarInfo]) -> bytes:
    """Return a gzipped tar archive, the same for the same members."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as zipped,
        tarfile.open(fileobj=zipped, mode="w") as file,
    ):
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                file.addfile(member)
                continue
            name, content, mode = member
            information = tarfile.TarInfo(name)
            information.size, information.mode = len(content), mode
            file.addfile(information, io.BytesIO(content))
    return packed.getvalue()
