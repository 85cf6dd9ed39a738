"""What `zelly doctor` says of what grows old: the images of hosts, and the releases that are pinned."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.workbench.operations.environments import DENIED, LANDSCAPE, WELL, WHERE, image
from tests.zelly_infra.evaluations import STACKS
from tests.zelly_infra.stack_files import ROOT
from workbench.aws.ec2.instances import Image
from workbench.operations.doctor.ageing import releases_supported
from workbench.operations.doctor.facts import Facts, HostReading, Where
from workbench.operations.doctor.report import Judgement, Verdict, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.upkeep.releases import ENDS
from workbench.operations.upkeep.releases import pinned as pinned_releases
from workbench.program import Release
from zelly_infra.program import PROGRAM
from zelly_infra.stack_file import read_stack_file

HERE = replace(WHERE, is_embedded=True)
RENEWING = "docs/recovery.md#renewing-a-host"
IGNORED = "clickhouse runs ami-0, and the stack file names ami-1: it takes a new one when it is replaced"


def hosts(images: dict[str, Image] | Unread, clickhouse: str = "ami-1") -> Facts:
    return replace(WELL, hosts=HostReading(image_ids={"clickhouse": clickhouse, "bastion": "ami-2"}, images=images))


def young(*ids: str) -> dict[str, Image]:
    return {one: image(one) for one in ids}


def pinned(product: str, release: str, setting: str, *, at: date = date(2026, 5, 4)) -> Where:
    return replace(
        WHERE,
        landscape=replace(
            LANDSCAPE, stores=(), host_release=Release(product=product, release=release, setting=setting)
        ),
        at=datetime(at.year, at.month, at.day, tzinfo=UTC),
    )


def change(setting: str) -> str:
    return f"change {setting} in Pulumi.production.yaml, staging's first; then pulumi up --stack production"


CASES: list[tuple[str, Where, Facts, Judgement]] = [
    ("host images", WHERE, replace(WELL, hosts=DENIED), unread(DENIED)),
    (
        "host images",
        WHERE,
        replace(WELL, hosts=HostReading(image_ids={}, images={})),
        to_do("there is no clickhouse host", "there is no bastion host", then="pulumi up --stack production"),
    ),
    ("host images", WHERE, hosts(young("ami-0", "ami-2"), "ami-0"), to_do(IGNORED, then=RENEWING)),
    ("host images", WHERE, hosts(DENIED), unread(DENIED)),
    ("host images", WHERE, hosts(DENIED, "ami-0"), to_do(IGNORED, DENIED.why, then=RENEWING)),
    (
        "host images",
        WHERE,
        hosts({**young("ami-1"), "ami-2": image("ami-2", days=90)}),
        done("every host runs the stack file's image; the oldest is 90 days old"),
    ),
    (
        "host images",
        WHERE,
        hosts({**young("ami-1"), "ami-2": image("ami-2", days=91)}),
        to_do("bastion: the image is 91 days old, and so are its packages", then=RENEWING),
    ),
    # Copied yesterday into the account, say: its packages are of the release in its name.
    (
        "host images",
        WHERE,
        hosts(
            {**young("ami-1"), "ami-2": image("ami-2", days=1, name="al2023-ami-2023.8.20260101.0-kernel-6.1-arm64")}
        ),
        to_do("bastion: the image is 123 days old, and so are its packages", then=RENEWING),
    ),
    (
        "host images",
        WHERE,
        hosts(young("ami-1")),
        to_do("bastion: AWS has withdrawn its image ami-2, which is old", then=RENEWING),
    ),
    (
        "host images",
        HERE,
        hosts({"ami-1": image("ami-1", days=400)}),
        done("every host runs the stack file's image; the oldest is 400 days old"),
    ),
    ("host images", HERE, hosts({}), done("every host runs the stack file's image; how old it is, is not known here")),
    (
        "releases supported",
        pinned("Aurora MySQL", "3.09", "aurora.engine_version", at=date(2026, 5, 14)),
        WELL,
        broken("Aurora MySQL 3.09: support ended on 2026-05-14", then=change("aurora.engine_version")),
    ),
    (
        "releases supported",
        pinned("Aurora MySQL", "3.10", "aurora.engine_version", at=date(2027, 11, 3)),
        WELL,
        to_do("Aurora MySQL 3.10: supported until 2028-04-30", then=change("aurora.engine_version")),
    ),
    (
        "releases supported",
        pinned("Aurora MySQL", "3.10", "aurora.engine_version", at=date(2027, 11, 2)),
        WELL,
        done("Aurora MySQL 3.10: supported until 2028-04-30"),
    ),
    (
        "releases supported",
        pinned("ClickHouse", "25.1", "clickhouse.image"),
        WELL,
        done("ClickHouse 25.1: when its support ends is not known here (workbench.operations.upkeep.releases)"),
    ),
]


def test_release_that_is_accepted_past_its_end_is_a_finding_once_that_is_over() -> None:
    for days, verdict in ((0, Verdict.DONE), (1, Verdict.BROKEN)):
        at = date(2027, 11, 30) + timedelta(days=days)
        assert releases_supported(pinned("ClickHouse", "24.3", "clickhouse.image", at=at), WELL).verdict is verdict


@pytest.mark.parametrize("stack", STACKS)
def test_end_of_everything_that_is_pinned_is_known(stack: str) -> None:
    found = pinned_releases(PROGRAM.describe(read_stack_file(stack, ROOT).environment))
    assert {(one.product, one.release) for one in found} <= ENDS.keys()
    assert len(found) == 4
