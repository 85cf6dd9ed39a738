"""Checks of what grows old by itself: the images of hosts, and pinned releases. Pure functions of what was read."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from workbench.aws.ec2.instances import Image
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.upkeep import releases
from workbench.program import AcceptedRelease, Release

OLDEST_IMAGE = timedelta(days=90)
"""A quarter: Amazon Linux 2023 has a release with security updates every other week, and locks each image's packages
to its own ("Deterministic upgrades", AL2023 User Guide)."""

WARNING = timedelta(days=180)
"""So long before the end of a release: an upgrade is tried in staging first."""

_Accepted = Mapping[tuple[str, str], AcceptedRelease]

RENEWING = "docs/recovery.md#renewing-a-host"


def host_images(where: Where, facts: Facts) -> Judgement:
    """Check that hosts run the image that the config names, and none that is old."""
    hosts = facts.hosts
    if isinstance(hosts, Unread):
        return unread(hosts)
    wanted = where.landscape.host_images
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
    """Return how old an image's packages are: by the release in Amazon Linux's name, else since it was made."""
    if image is None:
        return None
    release = re.search(r"^al2023-ami-2023\.\d+\.(\d{4})(\d{2})(\d{2})\.", image.name)
    made = datetime(*map(int, release.groups()), tzinfo=UTC) if release else image.created_at  # pyright: ignore[reportArgumentType]
    return at - made


def releases_supported(where: Where, facts: Facts) -> Judgement:
    """Check that whoever makes what is pinned still mends it, and will for a while."""
    del facts
    today, accepted = where.at.date(), where.landscape.accepted_releases
    pinned = releases.pinned(where.landscape)
    lines = {one: _words(one, accepted, today) for one in pinned}
    over = [one for one in pinned if _is_over(one, accepted, today)]
    ending = [one for one in pinned if one not in over and _is_ending(one, accepted, today)]
    if not over and not ending:
        return done(*lines.values()) if lines else done("nothing is pinned")
    named = [*over, *ending]
    settings = ", ".join(one.setting for one in named)
    then = f"change {settings} in Pulumi.{where.stack}.yaml, staging's first; then {where.provision_command}"
    said = [lines[one] for one in [*named, *(one for one in pinned if one not in named)]]
    return broken(*said, then=then) if over else to_do(*said, then=then)


def _is_over(one: Release, accepted: _Accepted, today: date) -> bool:
    end, exception = _end(one), accepted.get((one.product, one.release))
    return end is not None and end <= today and (exception is None or exception.until < today)


def _is_ending(one: Release, accepted: _Accepted, today: date) -> bool:
    end = _end(one)
    return end is not None and end - today < WARNING and (one.product, one.release) not in accepted


def _end(one: Release) -> date | None:
    known = releases.ENDS.get((one.product, one.release))
    return None if known is None else known.on


def _words(one: Release, accepted: _Accepted, today: date) -> str:
    key, name = (one.product, one.release), f"{one.product} {one.release}"
    if key not in releases.ENDS:
        return f"{name}: when its support ends is not known here ({releases.__name__})"
    end = _end(one)
    if end is None:
        return f"{name}: no end of support is announced"
    if end > today:
        return f"{name}: supported until {end}"
    ended = f"{name}: support ended on {end}"
    return f"{ended}; accepted until {accepted[key].until}: {accepted[key].reason}" if key in accepted else ended
