"""ECR's lifecycle policies, which moto keeps and never carries out, and the tags that may be moved.

ECR does so within 24 hours; here it is done at once, by the rules of its User Guide ("Automate the cleanup of images by
using lifecycle policies"): every rule looks at all images, as if none had expired; an image that matches the tags of a
rule can be expired by that one alone or one before it; the oldest push goes first; and what an index names stays as
long as the index.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.backends import get_backend

from workbench.sandbox.server.limits import at_most, limited
from workbench.sandbox.server.state import change
from workbench.sandbox.server.table import (
    Call,
    Consequence,
    Forgotten,
    Preparation,
    RefusalError,
    Supplement,
    update,
)
from zelly_components.limits import sizes as limits
from zelly_components.limits.mutable_tags import is_movable

_FILTERS = "imageTagMutabilityExclusionFilters"


def _remember_filters(call: Call) -> Mapping[str, Any]:
    return {_FILTERS: call.parameters.get(_FILTERS, [])}


def _put_filters(structure: dict[str, Any], remembered: Mapping[str, Any]) -> None:
    if remembered[_FILTERS]:
        update(structure, remembered)


_MUTABILITY = Forgotten(
    service="ecr",
    creates={"CreateRepository": "repository"},
    changes={"PutImageTagMutability": "@"},
    reads={"DescribeRepositories": "repositories[]"},
    key="repositoryName",
    remember=_remember_filters,
    merge=_put_filters,
)


def _take_filters(call: Call) -> None:
    """Take the filters from moto, which reads them as regular expressions and fails on an image without a tag."""
    change(_repository(call), image_tag_mutability_exclusion_filters=None)


def _move_tag(call: Call) -> None:
    """Take a tag from the image that has it, if the repository lets it move; refuse the push otherwise.

    The image stays, without the tag. moto would delete one that loses its only tag, and calls the refusal by another
    name than ECR does (ECR API reference, "PutImage").
    """
    repository, tag = _repository(call), call.parameters.get("imageTag")
    holder = (
        next((image for image in repository.images if tag in image.image_tags), None) if repository and tag else None
    )
    if holder is None or holder.image_manifest == call.parameters["imageManifest"]:
        return
    filters = call.kept(_MUTABILITY.kind).get(repository.name, {}).get(_FILTERS, [])
    if is_movable(str(tag), [one["filter"] for one in filters]) is repository.is_tag_immutable():
        holder.remove_tag(tag)
        return
    raise RefusalError(
        "ImageTagAlreadyExistsException",
        f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot be overwritten because "
        "the tag is immutable.",
    )


def _repository(call: Call) -> Any:
    return get_backend("ecr")[call.account_id][call.region].repositories.get(call.parameters["repositoryName"])


def _expire(call: Call) -> None:
    repository = _repository(call)
    if repository.lifecycle_policy is None:
        return
    gone = {
        id(image) for image in expired(json.loads(repository.lifecycle_policy), repository.images, at=datetime.now(UTC))
    }
    change(repository, images=[image for image in repository.images if id(image) not in gone])


def expired(policy: Mapping[str, Any], images: Sequence[Any], *, at: datetime) -> list[Any]:
    """Return moto's images that a policy lets go. Of two pushed in one second, the one that came first is older."""
    newest = sorted(images, key=lambda image: image.image_pushed_at)[::-1]
    taken: set[int] = set()
    gone: list[Any] = []
    for rule in sorted(policy["rules"], key=lambda rule: rule["rulePriority"]):
        selection = rule["selection"]
        selected = [image for image in newest if _selects(selection, image.image_tags)]
        gone += [image for image in _too_many(selection, selected, at) if id(image) not in taken]
        taken |= {id(image) for image in selected}
    kept = [image for image in images if all(image is not other for other in gone)]
    named = {digest for image in kept for digest in _named(image)}
    return [image for image in gone if image.get_image_digest() not in named]


def _selects(selection: Mapping[str, Any], tags: Sequence[str]) -> bool:
    if selection["tagStatus"] != "tagged":
        return selection["tagStatus"] == "any" or not tags
    patterns = [re.escape(prefix) + ".*" for prefix in selection.get("tagPrefixList", [])]
    patterns += [".*".join(map(re.escape, pattern.split("*"))) for pattern in selection.get("tagPatternList", [])]
    return bool(patterns) and all(any(re.fullmatch(pattern, tag) for tag in tags) for pattern in patterns)


def _too_many(selection: Mapping[str, Any], newest: Sequence[Any], at: datetime) -> Sequence[Any]:
    if selection["countType"] == "imageCountMoreThan":
        return newest[selection["countNumber"] :]
    since = (at - timedelta(days=selection["countNumber"])).timestamp()
    return [image for image in newest if image.image_pushed_at < since]


def _named(image: Any) -> Iterator[str]:
    for manifest in json.loads(image.image_manifest).get("manifests", []):
        yield manifest["digest"]


_LIMITS = limited(
    "ecr",
    {
        "PutLifecyclePolicy": at_most(limits.LIFECYCLE_POLICY, "lifecyclePolicyText", "InvalidParameterException"),
        "SetRepositoryPolicy": at_most(limits.REPOSITORY_POLICY, "policyText", "InvalidParameterException"),
    },
)

_CONSEQUENCES = (
    Consequence(service="ecr", operation="CreateRepository", finish=_take_filters),
    Consequence(service="ecr", operation="PutImageTagMutability", finish=_take_filters),
    Consequence(service="ecr", operation="PutImage", finish=_expire),
    Consequence(service="ecr", operation="PutLifecyclePolicy", finish=_expire),
)

_PREPARATIONS = (Preparation(service="ecr", operation="PutImage", prepare=_move_tag),)

SUPPLEMENT = Supplement(
    forgotten=(_MUTABILITY,), limits=_LIMITS, preparations=_PREPARATIONS, consequences=_CONSEQUENCES
)
