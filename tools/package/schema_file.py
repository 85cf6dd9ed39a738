"""The committed schema of the components' package, and the examples in it.

``python -m tools.package.schema_file FILE`` writes both.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.package import typescript_program, yaml_program
from tools.package.capture import example_of
from zelly_components.package.compatibility import unannounced
from zelly_components.package.descriptions import EXAMPLES_FILE
from zelly_components.package.schema import package_schema
from zelly_components.package.shapes import components


def examples() -> Mapping[str, Mapping[str, str]]:
    """Return each component's example by language: what the example in its docstring makes in Python."""
    made = {name: example_of(component).made for name, component in components().items()}
    return {
        name: {"yaml": yaml_program.text(each), "typescript": typescript_program.text(each)}
        for name, each in made.items()
    }


def main(arguments: Sequence[str]) -> None:
    """Write the examples, and the schema, unless it breaks programs in a version that may not."""
    (name,) = arguments
    EXAMPLES_FILE.write_text(f"{json.dumps(examples(), indent=2, ensure_ascii=False)}\n", encoding="utf-8")
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
