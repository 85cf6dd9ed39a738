"""The build of a service's image, and its push to the registry with its commit as the tag."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.aws.ecr.registry import EcrRegistry
from workbench.aws.ecr.repositories import DOCKER_ARCHITECTURES, Ecr, Image
from workbench.aws.shared.errors import AwsError
from workbench.counting import counted
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.operations.git import Checkout, checkout
from workbench.operations.images.docker import Docker, DockerError, LocalImage

if TYPE_CHECKING:
    from workbench.names import BuiltTags
    from workbench.program import Description

_SHORT_COMMIT_DIGITS = 8
_LONGEST_TAG = 128
"""OCI distribution specification, "Pulling manifests"."""


@dataclass(frozen=True, kw_only=True)
class ImagePushPlan:
    """The plan of a push: an image to build and push, or one that is in the registry."""

    container: str
    region: str
    """The registry's."""
    repository: str
    repository_uri: str
    tag: str
    platform: str
    context: Path
    dockerfile: Path | None
    """None: the context's ``Dockerfile``."""
    commit: str
    changes: int
    """How many files differ from the commit."""
    existing_digest: str | None
    """Of the image that has the tag already: a commit is built once."""
    built: str | None = None
    """The name of an image that was built before, which is pushed instead of a new one."""
    other_tags: tuple[str, ...] = ()
    """Tags that the image gets too, and that are never deployed. Those that can be moved leave another image for it."""

    @property
    def reference(self) -> str:
        """The image's full name, ``<registry>/<repository>:<tag>``."""
        return f"{self.repository_uri}:{self.tag}"

    @property
    def registry(self) -> str:
        """The registry's host name."""
        return self.repository_uri.partition("/")[0]

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        if self.existing_digest is not None:
            return [f"{self.reference} is in the registry already: nothing is built", *self._other_lines()]
        commit = f"commit {self.commit[:_SHORT_COMMIT_DIGITS]}"
        lines = [
            f"build {self.context} for {self.platform}, {commit}"
            if self.built is None
            else f"take  {self.built}, built of {commit}",
            f"push  {self.reference}",
            *self._other_lines(),
        ]
        if self.changes:
            lines.append(f"The tree differs from the commit in {counted(self.changes, 'file')}, and the tag says so.")
        return lines

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        return {
            "container": self.container,
            "repository": self.repository,
            "tag": self.tag,
            "reference": self.reference,
            "platform": self.platform,
            "context": str(self.context),
            "dockerfile": None if self.dockerfile is None else str(self.dockerfile),
            "commit": self.commit,
            "changed_files": self.changes,
            "existing_digest": self.existing_digest,
            **({} if self.built is None else {"built": self.built}),
            **({"other_tags": list(self.other_tags)} if self.other_tags else {}),
        }

    def _other_lines(self) -> list[str]:
        return [f"tag   {self.repository_uri}:{tag}" for tag in self.other_tags]


@dataclass(frozen=True, kw_only=True)
class BuildSource:
    """The source of an image: a folder, a Dockerfile and a commit."""

    context: Path
    dockerfile: Path | None
    """None: the context's ``Dockerfile``."""
    checkout: Checkout


def read_source(context: Path, dockerfile: Path | None) -> BuildSource:
    """Read the source of an image.

    Raises:
        OperatorError: when there is no such folder or Dockerfile, or the folder is in no Git repository.
    """
    if not context.is_dir():
        raise OperatorError(f"--context: came {context}; allowed: a folder")
    file = context / "Dockerfile" if dockerfile is None else dockerfile
    if not file.is_file():
        option = "--context" if dockerfile is None else "--dockerfile"
        raise OperatorError(f"{option}: {file} is not there; --dockerfile names another one")
    return BuildSource(context=context, dockerfile=dockerfile, checkout=checkout(context))


def plan_image_push(
    *,
    description: "Description",
    service: str,
    container: str,
    repository: str,
    source: BuildSource,
    tag: str | None,
    allow_dirty: bool,
    registry: EcrRegistry,
    ecr: Ecr,
    built: str | None = None,
    other_tags: Sequence[str] = (),
) -> ImagePushPlan:
    """Plan the build and push of one container's image, or the push of one that is ``built`` already.

    Raises:
        OperatorError: for a tree that differs from its commit, a tag of another kind or one that is taken, and a
            repository that does not exist.
    """
    _check_changes(source, description, allow_dirty=allow_dirty)
    commit = source.checkout.commit
    region = description.registry_region
    uri = registry.repository_uri(repository)
    if uri is None:
        raise OperatorError(f"repository: {repository} is not in {region}; `pulumi up` of its stack makes it")
    chosen = _tag(tag, allowed=description.built_tags, checkout=source.checkout)
    _check_other_tags(other_tags, description)
    existing = _tagged(ecr, repository, chosen)
    # A commit's own tag is what it is by itself; of an image that is built already the digest tells.
    is_commits = chosen == description.built_tags.of_commit(commit)
    if existing is not None and tag is not None and built is None and not is_commits:
        raise OperatorError(
            f"--tag: came {tag}; taken by {existing.digest}, and tags are immutable: another one is allowed"
        )
    return ImagePushPlan(
        container=container,
        region=region,
        repository=repository,
        repository_uri=uri,
        tag=chosen,
        platform=f"linux/{DOCKER_ARCHITECTURES[description.deployed[service].architecture]}",
        context=source.context,
        dockerfile=source.dockerfile,
        commit=commit,
        changes=len(source.checkout.changes),
        existing_digest=None if existing is None else existing.digest,
        built=built,
        other_tags=tuple(other_tags),
    )


def _check_changes(source: BuildSource, description: "Description", *, allow_dirty: bool) -> None:
    changes = source.checkout.changes
    are_commits = description.built_tags.are_commits
    if not changes or (allow_dirty and not are_commits):
        return
    way_out = (
        f"commit them: a tag of {description.stack} is a whole commit"
        if are_commits
        else "commit them, or --allow-dirty builds them and puts it into the tag"
    )
    raise OperatorError(
        f"--context: {source.context} differs from its commit in {counted(len(changes), 'file')}, first "
        f"{changes[0].strip()}; {way_out}"
    )


def push_image(plan: ImagePushPlan, *, docker: Docker, registry: EcrRegistry, ecr: Ecr) -> str:
    """Build and push an image, or push the one that is built, and return its digest in the registry.

    Raises:
        OperatorError: when the image that is built is another one than the registry has under the tag, or not made for
            the service's platform; nothing was pushed then.
        OperationFailedError: when a step fails; the lines say what had been done by then.
        OperationInterruptedError: for Ctrl-C.
    """
    done = "Nothing was pushed."
    made = "Took" if plan.built else "Built"
    try:
        if plan.built is None:
            docker.build(plan.reference, context=plan.context, dockerfile=plan.dockerfile, platform=plan.platform)
        else:
            existing = _tagged(ecr, plan.repository, plan.tag)
            _check_built(plan, plan.built, docker.inspect(plan.built), existing, ecr)
            if existing is not None:
                return existing.digest
            docker.tag(plan.built, plan.reference)
        done = f"{made} {plan.reference} on this machine; nothing was pushed."
        with docker.logged_in(plan.registry, registry.login()) as logged_in:
            done = f"{made} {plan.reference}; its push was begun, and the tag comes last: run the same again."
            logged_in.push(plan.reference)
        done = f"Pushed {plan.reference}."
        image = _tagged(ecr, plan.repository, plan.tag)
    except KeyboardInterrupt:
        raise OperationInterruptedError(done) from None
    except (DockerError, AwsError) as error:
        raise OperationFailedError(str(error), done) from None
    if image is None:
        raise OperationFailedError(f"docker pushed {plan.reference}, but ECR in {plan.region} has no image of that tag")
    return image.digest


def add_other_tags(plan: ImagePushPlan, ecr: Ecr) -> None:
    """Give the pushed image its other tags. One that it has stays; one that can be moved leaves another image for it.

    Raises:
        OperationFailedError: when another image has one of them and keeps it.
    """
    image = _tagged(ecr, plan.repository, plan.tag)
    if image is None:
        raise OperationFailedError(f"{plan.reference} is not in the registry any more: it got no other tag")
    manifest = ecr.manifest(image) if plan.other_tags else None
    for tag in plan.other_tags:
        if manifest is None or tag in image.tags:
            continue
        try:
            ecr.add_tag(image, manifest, tag)
        except AwsError as error:
            if error.code == "ImageAlreadyExistsException":
                continue
            if error.code != "ImageTagAlreadyExistsException":
                raise
            raise OperationFailedError(
                f"--also: came {tag}; taken by another image, and it cannot be moved; {plan.reference} is pushed"
            ) from None


def _check_built(plan: ImagePushPlan, name: str, image: LocalImage, existing: Image | None, ecr: Ecr) -> None:
    if image.platform != plan.platform:
        raise OperatorError(f"--built: came {name}, made for {image.platform}; allowed: {plan.platform}")
    if existing is None:
        return
    config = ecr.manifest(existing).document.get("config", {}).get("digest")
    if image.id not in {existing.digest, config}:
        raise OperatorError(
            f"--built: came {name} ({image.id}); {plan.reference} is another image ({existing.digest}) and stays: "
            "deploy that one, or build another commit"
        )


def _check_other_tags(tags: Sequence[str], description: "Description") -> None:
    prefixes = description.other_tag_prefixes
    for tag in tags:
        if not any(re.fullmatch(rf"{prefix}-[A-Za-z0-9_.-]+", tag) for prefix in prefixes) or len(tag) > _LONGEST_TAG:
            allowed = " or ".join(f"{prefix}-…" for prefix in prefixes) or "none, no image has others"
            raise OperatorError(f"--also: came {tag}; allowed in {description.stack}: {allowed}")


def _tagged(ecr: Ecr, repository: str, tag: str) -> Image | None:
    return next((image for image in ecr.images(repository) if tag in image.tags), None)


def _tag(tag: str | None, *, allowed: "BuiltTags", checkout: Checkout) -> str:
    if tag is not None:
        # The lifecycle rules know images by these beginnings; one of another kind would stay for ever.
        if len(tag) > _LONGEST_TAG or not allowed.match(tag) or not re.fullmatch(r"[A-Za-z0-9_.-]+", tag):
            kind = (
                allowed.allowed
                if allowed.are_commits
                else f"{allowed.prefix}- and letters, digits, dots, dashes, underscores"
            )
            raise OperatorError(f"--tag: came {tag}; allowed: {kind}")
        return tag
    clean = allowed.of_commit(checkout.commit)
    # The time, since two dirty trees of one commit are two images.
    return f"{clean}-dirty-{datetime.now(UTC):%Y%m%dt%H%M%Sz}" if checkout.changes else clean
