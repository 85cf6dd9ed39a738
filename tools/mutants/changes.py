"""What cosmic-ray makes of files, in its own environment: starting it anew for each fault takes a second.

Reads a JSON list of path, operator and occurrence from stdin, and writes a JSON list of the changed texts; null where
cosmic-ray cannot make the change.
"""

import json
import sys
from pathlib import Path

from cosmic_ray.mutating import mutate_code  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
from cosmic_ray.plugins import get_operator  # pyright: ignore[reportMissingImports, reportUnknownVariableType]


def _changed(path: str, operator: str, occurrence: int) -> str | None:
    try:
        text = Path(path).read_text(encoding="utf-8")
        return mutate_code(text, get_operator(operator)(), occurrence)  # pyright: ignore[reportUnknownVariableType]
    except AttributeError:
        # Its operator for exceptions knows plain names alone, and not ``subprocess.TimeoutExpired``.
        return None


if __name__ == "__main__":
    json.dump([_changed(*asked) for asked in json.load(sys.stdin)], sys.stdout)
