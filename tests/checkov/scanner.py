"""Runs checkov on a Terraform configuration."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.checkov.terraform_json import local_name
from tests.support.programs import unavailable
from tests.zelly_infra.stack_files import ROOT
from workbench.review.rules.model import Severity
from workbench.review.rules.report import Finding

CHECKOV = ROOT / ".engine" / "checkov" / "bin" / "checkov"

_NOWHERE = "http://127.0.0.1:9"
"""A proxy that nobody serves: the scan has to do without the network."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What checkov says of one configuration."""

    passed: frozenset[tuple[str, str]]
    """Check and resource, by the name it has in the program."""
    failed: tuple[Finding, ...]
    checks: frozenset[str]
    """The checks that found something to look at."""


def scan(configuration: Mapping[str, Any], folder: Path, names: Iterable[str]) -> Scan:
    """Scan a configuration; ``names`` are the names that its resources have in the program."""
    if not CHECKOV.exists():
        unavailable("checkov is not installed (make checkov)")
    (folder / "main.tf.json").write_text(json.dumps(configuration, indent=1))
    completed = subprocess.run(
        [
            *(str(CHECKOV), "--directory", str(folder), "--framework", "terraform_json"),
            *("--output", "json", "--compact", "--skip-download"),
        ],
        env={"PATH": os.defpath, "HOME": str(folder), "HTTP_PROXY": _NOWHERE, "HTTPS_PROXY": _NOWHERE},
        capture_output=True,
        text=True,
        check=False,
    )
    # 0: nothing failed; 1: something did. Anything else comes without a report.
    assert completed.returncode in (0, 1), completed.stderr[-2000:]
    report = json.loads(completed.stdout)
    assert report["results"]["parsing_errors"] == []
    by_local_name = {local_name(name): name for name in names}

    def name_of(record: Mapping[str, Any]) -> str:
        return by_local_name[record["resource"].partition(".")[2]]

    results = report["results"]
    return Scan(
        passed=frozenset((record["check_id"], name_of(record)) for record in results["passed_checks"]),
        failed=tuple(
            Finding(
                rule=record["check_id"],
                # checkov gives severities to customers of its platform alone.
                severity=Severity.MEDIUM,
                type=record["resource"].partition(".")[0],
                name=name_of(record),
                message=record["check_name"],
            )
            for record in results["failed_checks"]
        ),
        checks=frozenset(record["check_id"] for kind in ("passed_checks", "failed_checks") for record in results[kind]),
    )
