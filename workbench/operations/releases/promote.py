"""The promotion of a release: the same bytes in another stack's bucket, then its deploy there."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.aws.s3_objects import S3Objects
from workbench.counting import counted
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.releases.deploy import DeployPlan, Place, check_artefacts, plan_of, read_manifest
from workbench.operations.releases.manifest import ARTEFACTS, Artefact, Manifest
from workbench.operations.releases.record import Entry, read_record
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class PromotePlan:
    """A promotion that may be carried out."""

    source: str
    source_bucket: str
    target_bucket: str
    copied: Mapping[str, Artefact]
    """The artefacts that the target's bucket lacks, by a part that they are of."""
    deploy: DeployPlan

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        size = sum(artefact.size for artefact in self.copied.values()) / (1 << 20)
        copies = f"{self.target_bucket} has every artefact already; nothing is built."
        if self.copied:
            copies = (
                f"{counted(len(self.copied), 'artefact')}, {size:.1f} MiB, from {self.source_bucket} to "
                f"{self.target_bucket}, each compared with its hash; nothing is built."
            )
        return [copies, *self.deploy.lines()]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        return {"from": self.source, "copied": sorted(self.copied), **self.deploy.document()}


def plan_promote(release: str | None, source: Place, target: Place) -> PromotePlan:
    """Plan to bring to one stack what is healthy in another, by default what it runs now.

    Raises:
        OperatorError: when the source is not healthy on it, or the target cannot take it.
    """
    record = read_record(source.ssm, source.record_name)
    chosen = release or _present(source, record)
    manifest = read_manifest(source.bucket, chosen)
    check_artefacts(manifest, source.bucket)
    if release is None and (unready := source.host.status().unready):
        said = ", ".join(f"{name} is {state.state}" for name, state in unready.items())
        raise OperatorError(f"{source.stack} is not healthy, nothing is promoted: {said}")
    return PromotePlan(
        source=source.stack,
        source_bucket=source.bucket.bucket,
        target_bucket=target.bucket.bucket,
        copied=_lacking(manifest, target.bucket),
        deploy=plan_of(manifest, target, service=None, before=(source.stack, record), hotfix=None),
    )


def _present(source: Place, record: list[Entry]) -> str:
    if not record:
        raise OperatorError(
            f"{source.stack}: nothing was released there yet; `{command('deploy RELEASE --stack', source.stack)}` does"
        )
    if record[-1].is_mixed:
        mixed = ", ".join(sorted({*record[-1].services.values()}))
        raise OperatorError(
            f"{source.stack}: its services run several releases ({mixed}), so no release was tested as a whole; deploy "
            "one to all of them first, or name one that was"
        )
    return record[-1].release


def _lacking(manifest: Manifest, bucket: S3Objects) -> Mapping[str, Artefact]:
    there = {found.key for found in bucket.found(ARTEFACTS)}
    lacking: dict[str, tuple[str, Artefact]] = {}
    for part, artefact in manifest.artefacts.items():
        if artefact.key not in there:
            lacking.setdefault(artefact.key, (part, artefact))
    return dict(lacking.values())


def copy(plan: PromotePlan, source: S3Objects, target: S3Objects, say: Callable[[str], None]) -> None:
    """Copy what the target's bucket lacks, the manifest last. An interrupted copy goes on with what is left.

    Raises:
        OperationFailedError: when an artefact's bytes are not what its name says.
    """
    for number, (part, artefact) in enumerate(plan.copied.items(), start=1):
        content = source.get(artefact.key)
        found = "nothing" if content is None else hashlib.sha256(content).hexdigest()
        if content is None or found != artefact.sha256:
            raise OperationFailedError(
                f"{part}: {source.bucket}/{artefact.key} holds {found}; nothing of the release was deployed, and its "
                f"manifest was not written to {target.bucket}"
            )
        target.put_new(artefact.key, content, content_type="application/gzip")
        say(f"{number} of {len(plan.copied)}: {part}")
    manifest = plan.deploy.manifest
    target.put_new(manifest.key, manifest.content(), content_type="application/json")
