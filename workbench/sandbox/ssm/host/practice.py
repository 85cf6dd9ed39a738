"""Practice releases: directories of built services that hold nothing but word of how they behave."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.sandbox.ssm.host.behaviour import FILE, GOOD

_START = """#!/bin/sh
echo "a practice service is started by nobody" >&2
exit 1
"""
_PREPARE_FAILS = """#!/bin/sh
echo "practice: prepare fails, as it was told to" >&2
exit 1
"""
_MIGRATE = """#!/usr/bin/env python3
import json, os, pathlib, sys

names, failing = {names!r}, {failing!r}
place = pathlib.Path(os.environ["PRACTICE_DATABASE"])
found = json.loads(place.read_text()) if place.exists() else {{"applied": [], "failed": []}}
if sys.argv[1] == "status":
    print(json.dumps(found))
elif found["failed"]:
    sys.exit("P3009: failed earlier: " + ", ".join(found["failed"]))
else:
    for name in names:
        if name == failing:
            found["failed"].append(name)
            place.write_text(json.dumps(found))
            sys.exit("P3018: " + name + " fails, as it was told to")
        if name not in found["applied"]:
            found["applied"].append(name)
    place.write_text(json.dumps(found))
"""
"""Prisma's CLI behaves like this ("Prisma error reference", P3009 and P3018), as far as the agent sees of it."""


@dataclass(frozen=True, kw_only=True)
class Practice:
    """What a practice release is to do."""

    behaviours: Mapping[str, str]
    """By service; any other one just works."""
    migrations: Sequence[str]
    failing: str | None
    """One of the migrations, which fails half-way."""


def build(folder: Path, services: Sequence[str], practice: Practice, *, commit: str) -> None:
    """Write the directories of a practice release, as CI's build leaves them behind."""
    for name in services:
        behaviour = practice.behaviours.get(name, GOOD)
        directory = folder / name
        directory.mkdir(parents=True)
        _program(directory / "start", _START)
        word = {"service": name, "behaviour": behaviour, "commit": commit}
        (directory / FILE).write_text(json.dumps(word), encoding="utf-8")
        if behaviour == "prepare-fails":
            _program(directory / "prepare", _PREPARE_FAILS)
    place = folder / "migrations"
    for name in practice.migrations:
        (place / "prisma" / name).mkdir(parents=True)
        (place / "prisma" / name / "migration.sql").write_text(f"-- {name}\n", encoding="utf-8")
    place.mkdir(exist_ok=True)
    _program(place / "migrate", _MIGRATE.format(names=list(practice.migrations), failing=practice.failing))


def _program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
