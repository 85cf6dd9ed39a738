"""Builds releases of practice services as CI builds those of real ones: an artefact each, and a manifest of hashes."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.machines.services.behaviour import WELL, Behaviour
from tests.support.programs import BUILT, require_program

PROGRAMS = Path(__file__).parent / "programs"
_EXECUTABLE, _PLAIN = 0o755, 0o644
_COMPRESSION = 1
"""The quickest: Go's binary is in two artefacts of each release."""


@dataclass(frozen=True)
class File:
    """A file of an artefact."""

    content: bytes
    mode: int = _PLAIN


Files = Mapping[str, File]


@dataclass(frozen=True)
class ReleaseFiles:
    """A release as it lies in its bucket."""

    release: str
    """Its id: the beginning of the manifest's hash."""
    objects: Mapping[str, bytes]
    """Manifest and artefacts, by key."""
    services: Mapping[str, Files]
    """What each service's artefact unpacks to."""


def build_release(
    platform: str,
    languages: Mapping[str, str],
    *,
    commit: str = "0" * 40,
    behaviours: Mapping[str, Behaviour] | None = None,
    migrations: tuple[Files, tuple[str, ...]] | None = None,
) -> ReleaseFiles:
    """Return a release of services in their languages (``node``, ``go``, ``python``).

    ``migrations`` are the files of their artefact, with an executable ``migrate``, and their names.
    """
    told = behaviours or {}
    services = {name: service_files(name, language, told.get(name, WELL)) for name, language in languages.items()}
    objects: dict[str, bytes] = {}
    manifest: dict[str, Any] = {
        "format": 1,
        "platform": platform,
        "commit": commit,
        "created": "2026-11-30T18:00:00Z",
        "services": {name: _add(objects, pack(files)) for name, files in services.items()},
        "migrations": None
        if migrations is None
        else {**_add(objects, pack(migrations[0])), "names": list(migrations[1])},
    }
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    release = hashlib.sha256(text).hexdigest()[:16]
    objects[f"releases/{release}.json"] = text
    return ReleaseFiles(release=release, objects=objects, services=services)


def service_files(name: str, language: str, behaviour: Behaviour = WELL) -> Files:
    """Return the files of one service's artefact."""
    told = {"behaviour.json": File(behaviour.text().encode())} if behaviour != WELL else {}
    if language == "go":
        # No shell around it: it is the binary itself that is started.
        return {"start": File(go_program().read_bytes(), _EXECUTABLE), **told}
    source, run = {
        "node": ("server.mjs", f"exec /usr/bin/node server.mjs {name}"),
        "python": ("server.py", f"exec venv/bin/python server.py {name}"),
    }[language]
    files = {
        "start": File(f"#!/bin/sh\n{run}\n".encode(), _EXECUTABLE),
        source: File((PROGRAMS / source).read_bytes()),
    }
    if language == "python":
        # Where it will run: a venv cannot be moved. There is nothing to install.
        prepare = b"#!/bin/sh\nset -eu\n/usr/bin/python3 -m venv --without-pip venv\n"
        files["prepare"] = File(prepare, _EXECUTABLE)
    return {**files, **told}


def pack(files: Files) -> bytes:
    """Return files as an archive whose bytes depend on nothing but them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, file in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(file.content), file.mode, 0
            archive.addfile(member, io.BytesIO(file.content))
    return gzip.compress(packed.getvalue(), compresslevel=_COMPRESSION, mtime=0)


def go_program() -> Path:
    """Return the practice service in Go, compiled once for its source and kept."""
    source = PROGRAMS / "server.go"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    program = BUILT / f"practice-service-{digest}"
    if not program.exists():
        go = require_program("go", package="golang-go")
        BUILT.mkdir(parents=True, exist_ok=True)
        staged = program.with_name(f"{program.name}.{os.getpid()}")
        subprocess.run(
            [go, "build", "-trimpath", "-ldflags=-s -w", "-o", staged, source],
            check=True,
            env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GO111MODULE": "off"},
        )
        staged.replace(program)
    return program


def _add(objects: dict[str, bytes], artefact: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(artefact).hexdigest()
    objects[f"artefacts/{digest}.tar.gz"] = artefact
    return {"sha256": digest, "size": len(artefact)}
