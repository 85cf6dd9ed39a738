"""The build of a service's image, and its push to the registry with its commit as the tag."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.aws.ecr.registry import EcrRegistry
from workbench.aws.ecr.repositories import DOCKER_ARCHITECTURES, Ecr, Image
from workbench.counting import counted
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.operations.git import Checkout, checkout
from workbench.operations.images.docker import Docker, DockerError

if TYPE_CHECKING:
    from workbench.program import Description

_COMMIT_DIGITS = 8
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
            return [f"{self.reference} is in the registry already: nothing is built"]
        lines = [
            f"build {self.context} for {self.platform}, commit {self.commit[:_COMMIT_DIGITS]}",
            f"push  {self.reference}",
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
        }


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
) -> ImagePushPlan:
    """Plan the build and push of one container's image.

    Raises:
        OperatorError: for a tree that differs from its commit, a tag of another kind or one that is taken, and a
            repository that does not exist.
    """
    commit, changes = source.checkout.commit, source.checkout.changes
    if changes and not allow_dirty:
        raise OperatorError(
            f"--context: {source.context} differs from its commit in {counted(len(changes), 'file')}, first "
            f"{changes[0].strip()}; commit them, or --allow-dirty builds them and puts it into the tag"
        )
    region = description.registry_region
    uri = registry.repository_uri(repository)
    if uri is None:
        raise OperatorError(f"repository: {repository} is not in {region}; `pulumi up` of its stack makes it")
    chosen = _tag(tag, prefix=description.tag_prefix, checkout=source.checkout)
    existing = _tagged(ecr, repository, chosen)
    if existing is not None and tag is not None:
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
        changes=len(changes),
        existing_digest=None if existing is None else existing.digest,
    )


def push_image(plan: ImagePushPlan, *, docker: Docker, registry: EcrRegistry, ecr: Ecr) -> str:
    """Build and push an image, and return its digest in the registry.

    Raises:
        OperationFailedError: when a step fails; the lines say what had been done by then.
        OperationInterruptedError: for Ctrl-C.
    """
    done = "Nothing was pushed."
    try:
        docker.build(plan.reference, context=plan.context, dockerfile=plan.dockerfile, platform=plan.platform)
        done = f"Built {plan.reference} on this machine; nothing was pushed."
        with docker.logged_in(plan.registry, registry.login()) as logged_in:
            done = f"Built {plan.reference}; its push was begun, and the tag comes last: run the same again."
            logged_in.push(plan.reference)
        done = f"Pushed {plan.reference}."
        image = _tagged(ecr, plan.repository, plan.tag)
    except KeyboardInterrupt:
        raise OperationInterruptedError(done) from None
    except (DockerError, OperatorError) as error:
        raise OperationFailedError(str(error), done) from None
    if image is None:
        raise OperationFailedError(f"docker pushed {plan.reference}, but ECR in {plan.region} has no image of that tag")
    return image.digest


def _tagged(ecr: Ecr, repository: str, tag: str) -> Image | None:
    return next((image for image in ecr.images(repository) if tag in image.tags), None)


def _tag(tag: str | None, *, prefix: str, checkout: Checkout) -> str:
    if tag is not None:
        # The lifecycle rules know images by these beginnings; one of another kind would stay for ever.
        if len(tag) > _LONGEST_TAG or not re.fullmatch(rf"{prefix}-[A-Za-z0-9_.-]+", tag):
            raise OperatorError(f"--tag: came {tag}; allowed: {prefix}- and letters, digits, dots, dashes, underscores")
        return tag
    clean = f"{prefix}-{checkout.commit[:_COMMIT_DIGITS]}"
    # The time, since two dirty trees of one commit are two images.
    return f"{clean}-dirty-{datetime.now(UTC):%Y%m%dt%H%M%Sz}" if checkout.changes else clean
