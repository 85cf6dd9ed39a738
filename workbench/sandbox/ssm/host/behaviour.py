"""How practice services behave: told by a file in their artefact, read by the host's stand-in of systemd."""

import json
from collections.abc import Mapping
from pathlib import Path

FILE = "practice.json"
"""In the directory of a practice service."""

GOOD = "good"
BEHAVIOURS: Mapping[str, str] = {
    GOOD: "gets ready and stays so",
    "never-ready": "starts, and never answers its health check",
    "dies": "gets ready, and dies a second later, again and again",
    "prepare-fails": "fails in its `prepare`, before anything is switched",
}


def behaviour_of(directory: Path) -> str:
    """Return how the service of a directory behaves; one that says nothing just works."""
    try:
        return str(json.loads((directory / FILE).read_text(encoding="utf-8"))["behaviour"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return GOOD
