"""Scans account and stack, as they are made in the embedded AWS, with Prowler.

Run as ``python -m tools.prowler.scan [STACK...]``; without a stack all are taken, each in an account of its own.
What no exception of ``policy/prowler.toml`` covers is printed, as are exceptions that have expired or cover nothing any
more; then it exits with 1. It takes some minutes a stack.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.cli.sandbox.bring_up import make_prerequisites, owns_shared_resources
from workbench.config.stack_file import StackFile, stack_names
from workbench.evaluate import evaluate_stack
from workbench.review.rules.exceptions import read_exceptions
from workbench.review.rules.model import Severity
from workbench.review.rules.report import Finding, Report, weigh
from workbench.sandbox.embedded import EmbeddedAws
from zelly_infra.config import EnvironmentConfig
from zelly_infra.stack_file import KEY, PROJECT, read_stack_file

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".engine" / "prowler" / "bin" / "python"
"""Of Prowler's own environment. Its script ``prowler`` names the folder that it was installed in, which may move."""
ZELLY = Path(sys.executable).with_name("zelly")
EXCEPTIONS = ROOT / "policy" / "prowler.toml"
SERVICES = (
    *("acm", "cloudwatch", "dlm", "ec2", "ecr", "ecs", "efs", "elasticache", "elbv2", "iam", "kms", "rds", "s3"),
    *("secretsmanager", "sns", "ssm", "vpc"),
)
"""The services of the program's resources; Prowler knows some 90, the others of which have nothing in the account."""

_NOWHERE = "http://127.0.0.1:9"
"""A proxy that nobody serves: what does not go to the embedded AWS goes nowhere."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The findings of one account."""

    failed: tuple[Finding, ...]
    resources: frozenset[str]
    """By ARN, all that it looked at."""
    checks: frozenset[str]


def scan(endpoint_url: str, region: str, folder: Path) -> Scan:
    """Scan the account behind an endpoint; ``folder`` takes what Prowler writes.

    Raises:
        RuntimeError: when Prowler ends without a report.
    """
    completed = subprocess.run(  # noqa: S603 (the path is this repository's own)
        [
            *(str(PYTHON), "-m", "prowler", "aws"),
            *("--services", *SERVICES, "--region", region, "--scan-unused-services"),
            *("--output-formats", "json-ocsf", "--output-directory", str(folder), "--output-filename", "found"),
            *("--no-banner", "--no-color", "--ignore-exit-code-3", "--log-level", "CRITICAL"),
        ],
        env=_environment(endpoint_url, region, folder),
        capture_output=True,
        text=True,
        check=False,
    )
    written = folder / "found.ocsf.json"
    if not written.exists():
        raise RuntimeError(f"Prowler wrote no report: {completed.stdout[-2000:]}{completed.stderr[-2000:]}")
    return read(json.loads(written.read_text(encoding="utf-8")))


def read(report: Sequence[Any]) -> Scan:
    """Return a report in OCSF, Prowler's form for machines, as what passed and failed."""
    entries = [(entry, entry["metadata"]["event_code"], entry["resources"][0]) for entry in report]
    return Scan(
        failed=tuple(
            Finding(
                rule=check,
                severity=Severity(entry["severity"].lower()),
                type=resource["group"]["name"],
                name=resource["uid"],
                message=entry["status_detail"],
            )
            for entry, check, resource in entries
            if entry["status_code"] == "FAIL"
        ),
        resources=frozenset(resource["uid"] for _, _, resource in entries),
        checks=frozenset(check for _, check, _ in entries),
    )


def lines(report: Report) -> list[str]:
    """Return what has to be done about a report, a line each."""
    return [
        *(f"{report.stack}: new: {each.rule} {each.name}: {each.message}" for each in report.broken),
        *(f"{report.stack}: expired: {each.rule} {each.resources}: {each.reason}" for each in report.expired),
        *(f"{report.stack}: excepts nothing: {each.rule} {each.resources}" for each in report.stale),
    ]


def main(arguments: Sequence[str]) -> int:
    """Scan the stacks that are named, or all, and return the process's exit code."""
    files = [read_stack_file(stack, ROOT) for stack in arguments or stack_names(ROOT)]
    exceptions = read_exceptions(EXCEPTIONS)
    problems: list[str] = []
    for file in files:
        stack, found = file.environment.environment, _made_and_scanned(file)
        values = json.loads(file.config[KEY])
        report = weigh(
            found.failed,
            [exception for exception in exceptions if exception.concerns(stack, values)],
            stack=stack,
            names=found.resources,
            rules=found.checks,
            today=datetime.now(UTC).date(),
        )
        problems += lines(report)
        sys.stderr.write(f"{stack}: {len(found.checks)} checks on {len(found.resources)} resources\n")
    sys.stdout.write("".join(f"{line}\n" for line in problems))
    return 1 if problems else 0


def _environment(endpoint_url: str, region: str, folder: Path) -> Mapping[str, str]:
    """Return the environment of a process that sees the embedded AWS and nothing else."""
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "embedded",
        "AWS_SECRET_ACCESS_KEY": "embedded",
        "AWS_DEFAULT_REGION": region,
        "HTTPS_PROXY": _NOWHERE,
        "HTTP_PROXY": _NOWHERE,
        "NO_PROXY": "127.0.0.1",
    }


def _bootstrap(environment: Mapping[str, str]) -> None:
    """Give an account what it gets before the first stack.

    Raises:
        RuntimeError: when that fails.
    """
    completed = subprocess.run(  # noqa: S603 (this repository's own command)
        [ZELLY, "state", "bootstrap", "--account", "--yes"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode:
        raise RuntimeError(f"zelly state bootstrap: {completed.stderr}")


def _made_and_scanned(file: StackFile[EnvironmentConfig]) -> Scan:
    region = file.environment.region
    with EmbeddedAws.start() as aws, tempfile.TemporaryDirectory() as folder:
        _bootstrap(_environment(aws.endpoint_url, region, Path(folder)))
        if not owns_shared_resources(file):
            make_prerequisites(aws, file)
        evaluate_stack(
            ROOT / "__main__.py",
            project=PROJECT,
            stack=file.environment.environment,
            config=file.config,
            secret_keys=file.secret_keys,
            backend=aws.backend(),
        )
        return scan(aws.endpoint_url, region, Path(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
