"""The committed schema of the components' package: ``python -m tools.package.schema_file FILE`` writes it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from zelly_components.package.compatibility import unannounced
from zelly_components.package.schema import package_schema


def main(arguments: Sequence[str]) -> None:
    """Write the schema, unless it breaks programs in a version that may not."""
    (name,) = arguments
    file = Path(name)
    schema = package_schema()
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else schema
    broken = list(unannounced(before, schema))
    if broken:
        advice = "raise __version__ and say it in CHANGELOG.md below Breaking, or undo it; nothing was written"
        raise SystemExit("\n".join([*broken, f"{file}: came version {schema['version']} with what breaks; {advice}"]))
    file.write_text(f"{json.dumps(schema, indent=2, ensure_ascii=False)}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
