"""What cosmic-ray makes of files, in its own environment: starting it anew for each fault takes a second.

Reads a JSON list of path, operator and occurrence from stdin, and writes a JSON list of the changed texts.
"""

import json
import sys
from pathlib import Path

from cosmic_ray.mutating import mutate_code  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
from cosmic_ray.plugins import get_operator  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

if __name__ == "__main__":
    texts: list[str] = [
        mutate_code(Path(path).read_text(encoding="utf-8"), get_operator(operator)(), occurrence)
        for path, operator, occurrence in json.load(sys.stdin)
    ]
    json.dump(texts, sys.stdout)
