"""What `zelly doctor` says of what grows old: the images of hosts, and the releases that are pinned."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tests.workbench.operations.doctor.judged import Case, each, judgement
from tests.workbench.operations.environments import AURORA, CLICKHOUSE, DENIED, DESCRIPTION, WELL, WHERE, image
from tests.workbench.operations.stores.places import STORES
from workbench.aws.ec2.instances import Image
from workbench.operations.doctor.ageing import ends_of, pinned_releases, releases_supported
from workbench.operations.doctor.facts import Facts, HostReading, Where
from workbench.operations.doctor.report import Verdict, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.stores import Store

HERE = replace(WHERE, is_embedded=True)
RENEWING = "docs/recovery.md#renewing-a-host"
IGNORED = "clickhouse runs ami-0, and the stack file names ami-1: it takes a new one when it is replaced"


def hosts(images: dict[str, Image] | Unread, clickhouse: str = "ami-1") -> Facts:
    return replace(WELL, hosts=HostReading(image_ids={"clickhouse": clickhouse, "bastion": "ami-2"}, images=images))


def young(*ids: str) -> dict[str, Image]:
    return {one: image(one) for one in ids}


def pinned(*stores: Store, at: date = date(2026, 5, 4)) -> Where:
    return replace(
        WHERE,
        description=replace(DESCRIPTION, stores=stores, host_release=None),
        at=datetime(at.year, at.month, at.day, tzinfo=UTC),
    )


def aurora(minor: str) -> Store:
    return replace(AURORA, version=f"8.0.mysql_aurora.{minor}.1")


def clickhouse(release: str) -> Store:
    return replace(CLICKHOUSE, image=f"clickhouse/clickhouse-server:{release}.2@sha256:0")


def change(setting: str) -> str:
    return f"change {setting} in Pulumi.production.yaml; then pulumi up --stack production"


CASES: list[Case] = [
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
        pinned(aurora("3.09"), at=date(2026, 5, 14)),
        WELL,
        broken("Aurora MySQL 3.09: support ended on 2026-05-14", then=change("aurora.engine_version")),
    ),
    (
        "releases supported",
        pinned(aurora("3.10"), at=date(2027, 11, 3)),
        WELL,
        to_do("Aurora MySQL 3.10: supported until 2028-04-30", then=change("aurora.engine_version")),
    ),
    (
        "releases supported",
        pinned(aurora("3.10"), at=date(2027, 11, 2)),
        WELL,
        done("Aurora MySQL 3.10: supported until 2028-04-30"),
    ),
    (
        "releases supported",
        pinned(clickhouse("25.1")),
        WELL,
        done("ClickHouse 25.1: when its support ends is not known here (workbench/operations/stores)"),
    ),
]


@each(CASES)
def test_what_each_check_finds(case: Case) -> None:
    assert judgement(case) == case[-1]


def test_release_that_is_accepted_past_its_end_is_a_finding_once_that_is_over() -> None:
    for days, verdict in ((0, Verdict.DONE), (1, Verdict.BROKEN)):
        at = date(2027, 11, 30) + timedelta(days=days)
        assert releases_supported(pinned(clickhouse("24.3"), at=at), WELL).verdict is verdict


def test_release_is_changed_first_where_changes_are_tried() -> None:
    found = releases_supported(replace(pinned(aurora("3.09"), at=date(2026, 5, 14)), rehearsed_in="trial"), WELL)
    assert found.next == (
        "change aurora.engine_version in Pulumi.production.yaml, trial's first; then pulumi up --stack production"
    )


def test_everything_that_an_environment_pins_is_held_against_an_end() -> None:
    description = replace(DESCRIPTION, stores=STORES)
    found = pinned_releases(description)
    assert {one.key for one in found} <= ends_of(description).keys()
    # A file system has no release.
    assert [one.product for one in found] == ["Aurora MySQL", "ElastiCache for Redis OSS", "ClickHouse", "Amazon Linux"]
