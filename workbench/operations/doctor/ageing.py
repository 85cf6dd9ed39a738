"""Checks of hosts' images and pinned releases, which grow old by themselves. All are pure functions of the facts."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from workbench.aws.ec2.instances import Image
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.stores.kinds import kind_of
from workbench.operations.upkeep.releases import ENDS, End
from workbench.program import AcceptedRelease, Description, Release

OLDEST_IMAGE = timedelta(days=90)
"""A quarter: Amazon Linux 2023 has a release with security updates every other week, and locks each image's packages
to its own ("Deterministic upgrades", AL2023 User Guide)."""

WARNING = timedelta(days=180)
"""The time before a release's end from which it is told: an upgrade is tried in another stack first."""

RENEWING = "docs/recovery.md#renewing-a-host"


def host_images(where: Where, facts: Facts) -> Judgement:
    """Check that hosts run the image in the config, and that it is not old."""
    hosts = facts.hosts
    if isinstance(hosts, Unread):
        return unread(hosts)
    wanted = where.description.host_images
    if missing := [host for host in wanted if host not in hosts.image_ids]:
        return to_do(*(f"there is no {host} host" for host in missing), then=where.provision_command)
    lines = [
        f"{host} runs {image_id}, and the stack file names {wanted[host]}: it takes a new one when it is replaced"
        for host, image_id in hosts.image_ids.items()
        if image_id != wanted.get(host, image_id)
    ]
    if isinstance(hosts.images, Unread):
        return to_do(*lines, hosts.images.why, then=RENEWING) if lines else unread(hosts.images)
    ages = {host: _age(hosts.images.get(image_id), where.at) for host, image_id in hosts.image_ids.items()}
    if not where.is_embedded:
        # What never boots has no packages, and the embedded AWS knows some images only.
        lines += [_aged(host, hosts.image_ids[host], age) for host, age in ages.items() if _is_old(age)]
    if lines:
        return to_do(*lines, then=RENEWING)
    oldest = max((age.days for age in ages.values() if age is not None), default=None)
    age = "how old it is, is not known here" if oldest is None else f"the oldest is {oldest} days old"
    return done(f"every host runs the stack file's image; {age}")


def _is_old(age: timedelta | None) -> bool:
    return age is None or age > OLDEST_IMAGE


def _aged(host: str, image_id: str, age: timedelta | None) -> str:
    if age is None:
        return f"{host}: AWS has withdrawn its image {image_id}, which is old"
    return f"{host}: the image is {age.days} days old, and so are its packages"


def _age(image: Image | None, at: datetime) -> timedelta | None:
    """Return the age of an image's packages: since the release in Amazon Linux's name, else since it was made."""
    if image is None:
        return None
    release = re.search(r"^al2023-ami-2023\.\d+\.(\d{4})(\d{2})(\d{2})\.", image.name)
    made = datetime(*map(int, release.groups()), tzinfo=UTC) if release else image.created_at  # pyright: ignore[reportArgumentType]
    return at - made


def pinned_releases(description: Description) -> Sequence[Release]:
    """Return the releases that a stack file pins."""
    stores = [release for store in description.stores for release in kind_of(store).releases(store)]
    hosts = [] if description.host_release is None else [description.host_release]
    return [*stores, *hosts, *description.host_runtimes]


def releases_supported(where: Where, facts: Facts) -> Judgement:
    """Check that pinned releases are still supported, and will be for a while."""
    del facts
    description, today = where.description, where.at.date()
    ends, accepted = ends_of(description), description.accepted_releases
    pinned = {one: ends.get(one.key) for one in pinned_releases(description)}
    lines = {one: _words(one, end, accepted.get(one.key), today) for one, end in pinned.items()}
    over = [one for one, end in pinned.items() if _is_over(end, accepted.get(one.key), today)]
    ending = [
        one for one, end in pinned.items() if one not in over and one.key not in accepted and _is_ending(end, today)
    ]
    if not over and not ending:
        return done(*lines.values()) if lines else done("no release is pinned")
    named = [*over, *ending]
    settings = ", ".join(one.setting for one in named)
    first = f", {where.rehearsed_in}'s first" if where.rehearsed_in else ""
    then = f"change {settings} in Pulumi.{where.stack}.yaml{first}; then {where.provision_command}"
    said = [lines[one] for one in [*named, *(one for one in pinned if one not in named)]]
    return broken(*said, then=then) if over else to_do(*said, then=then)


def ends_of(description: Description) -> Mapping[tuple[str, str], End]:
    """Return the ends of support that are known of a program's kinds of stores and of its hosts."""
    stores = {release: end for store in description.stores for release, end in kind_of(store).ends.items()}
    return {**ENDS, **stores}


def _is_over(end: End | None, accepted: AcceptedRelease | None, today: date) -> bool:
    is_past = end is not None and end.on is not None and end.on <= today
    return is_past and (accepted is None or accepted.until < today)


def _is_ending(end: End | None, today: date) -> bool:
    return end is not None and end.on is not None and end.on - today < WARNING


def _words(one: Release, end: End | None, accepted: AcceptedRelease | None, today: date) -> str:
    name = f"{one.product} {one.release}"
    if end is None:
        return f"{name}: when its support ends is not known here (workbench/operations/stores)"
    if end.on is None:
        return f"{name}: no end of support is announced"
    if end.on > today:
        return f"{name}: supported until {end.on}"
    ended = f"{name}: support ended on {end.on}"
    return ended if accepted is None else f"{ended}; accepted until {accepted.until}: {accepted.reason}"
