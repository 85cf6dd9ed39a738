"""``zelly service rollback`` against the embedded AWS."""

import json

import pytest

from tests.workbench.conftest import Completed, Operator, Up
from tests.workbench.end_to_end.rollouts import FOR_EVER, Shop

SERVICE = "worker"
SKIP = "--skip-secret-check"
"""Its secrets are empty: that is checked elsewhere."""


@pytest.fixture
def shop(up: Up, operator: Operator) -> Shop:
    """Staging's worker, with two healthy deploys: …aa000001, …aa000002."""
    first = Shop(up=up, operator=operator, stack="trial", service=SERVICE)
    for tag in ("trial-aa000001", "trial-aa000002"):
        first.push(tag)
        assert first.run("deploy", "--tag", tag, "--force", SKIP).exit_code == 0
    return Shop(up=up, operator=operator, stack="trial", service=SERVICE)


def tag_of(shop: Shop, image: str) -> str:
    digest = image.rpartition("@")[2]
    images = shop.up.client("ecr", "ap-south-1").describe_images(
        repositoryName="sample/worker", imageIds=[{"imageDigest": digest}]
    )
    return images["imageDetails"][0]["imageTags"][0]


def running(shop: Shop) -> str:
    described = shop.client("ecs").describe_task_definition(taskDefinition=f"{shop.name}:{shop.base + shop.wanted}")
    return tag_of(shop, described["taskDefinition"]["containerDefinitions"][0]["image"])


def test_it_goes_back_past_failed_deploys_and_infrastructure_only_revisions_and_keeps_the_infrastructure(
    shop: Shop,
) -> None:
    shop.push("trial-ab000001", crash=1)
    assert shop.run("deploy", "--tag", "trial-ab000001", SKIP).exit_code == 1
    shop.until_complete()
    shop.change_template(cpu="1024", memory="2048")
    completed = shop.run("rollback", "--yes", SKIP)
    assert completed.exit_code == 0
    lines = completed.stderr.splitlines()
    assert lines[0] == "sample-trial-worker, now REVISION+0:"
    assert lines[1].startswith("  worker: trial-aa000002 (sha256:")
    assert " -> trial-aa000001 (sha256:" in lines[1]
    assert lines[2:-1] == [
        "  in a new revision made from REVISION+2",
        "  and, against REVISION+0:",
        "    cpu: 512 -> 1024",
        "    memory: 1024 -> 2048",
    ]
    assert (shop.wanted, running(shop), shop.newest["cpu"]) == (3, "trial-aa000001", "1024")
    assert tag_of(shop, shop.recorded[-1][SERVICE]) == "trial-aa000001"
    shop.change_template(cpu="512", memory="1024")


def test_twice_in_a_row_goes_back_further_and_not_to_and_fro(shop: Shop) -> None:
    shop.push("trial-ac000003")
    assert shop.run("deploy", "--tag", "trial-ac000003", SKIP).exit_code == 0
    found: list[str] = []
    for _ in range(2):
        assert shop.run("rollback", "--yes", SKIP).exit_code == 0
        found.append(running(shop))
    assert found == ["trial-aa000002", "trial-aa000001"]


def test_it_asks_first_and_shows_what_it_would_do(shop: Shop) -> None:
    refused = shop.run("rollback", SKIP)
    assert (refused.exit_code, refused.stdout, refused.stderr.splitlines()[-1]) == (
        2,
        "",
        "Roll worker in trial back? Without a terminal nobody can say so; --yes is required",
    )
    dry = json.loads(shop.run("rollback", "--dry-run", "--json", SKIP).stdout)
    assert [tag_of(shop, image) for image in dry["plan"]["images"].values()] == ["trial-aa000001"]
    assert (shop.wanted, shop.registered) == (0, 0)


def test_it_aborts_a_rollout_that_is_under_way(shop: Shop) -> None:
    shop.push("trial-ad000001", ready_after=FOR_EVER)
    assert shop.run("deploy", "--tag", "trial-ad000001", "--timeout", "0", SKIP).exit_code == 1
    assert (shop.wanted, running(shop)) == (1, "trial-ad000001")
    assert shop.run("rollback", "--yes", SKIP).exit_code == 0
    assert (shop.wanted, running(shop)) == (2, "trial-aa000002")


def test_to_a_tag_takes_the_newest_template(shop: Shop) -> None:
    shop.change_template(cpu="1024", memory="2048")
    assert shop.run("rollback", "--to", "trial-aa000001", "--yes", SKIP).exit_code == 0
    assert (shop.wanted, running(shop), shop.newest["cpu"]) == (2, "trial-aa000001", "1024")
    shop.change_template(cpu="512", memory="1024")


def test_to_a_revision_is_that_very_revision_and_its_differences_are_shown(shop: Shop) -> None:
    shop.change_template(cpu="1024", memory="2048")
    shop.push("trial-ae000001")
    assert shop.run("deploy", "--tag", "trial-ae000001", SKIP).exit_code == 0
    completed = shop.run("rollback", "--to", str(shop.base), "--yes", SKIP)
    assert completed.exit_code == 0
    assert completed.stderr.splitlines()[2:-1] == [
        "  with REVISION+0 itself",
        "  and, against REVISION+2:",
        "    cpu: 1024 -> 512",
        "    memory: 2048 -> 1024",
    ]
    assert (shop.wanted, shop.registered, running(shop)) == (0, 2, "trial-aa000002")
    assert tag_of(shop, shop.recorded[-1][SERVICE]) == "trial-aa000002"
    shop.change_template(cpu="512", memory="1024")


def test_revisions_that_cannot_be_gone_back_to_are_one_line(shop: Shop) -> None:
    ecs = shop.client("ecs")
    shop.change_template()
    shop.change_template()
    ecs.deregister_task_definition(taskDefinition=f"{shop.name}:{shop.base + 1}")

    def refused(to: str) -> Completed:
        completed = shop.run("rollback", "--to", to, "--yes", SKIP)
        return Completed(
            exit_code=completed.exit_code, stdout=completed.stdout, stderr=completed.stderr.replace(to, "IT")
        )

    assert refused(str(shop.base)) == Completed(
        exit_code=2, stdout="", stderr="--to: came IT; that revision is wanted already\n"
    )
    assert refused(str(shop.base + 1)) == Completed(
        exit_code=2, stdout="", stderr="--to: came IT; REVISION+1 was deregistered, another one is allowed\n"
    )
    nowhere = refused("trial-99999999")
    assert (nowhere.exit_code, nowhere.stdout) == (2, "")
    assert nowhere.stderr.startswith("--to: came IT; allowed: a revision's number or a tag; the newest tags of trial: ")


def test_without_an_earlier_deploy_it_says_so(up: Up, operator: Operator) -> None:
    # Nobody deploys it here.
    shop = Shop(up=up, operator=operator, stack="live", service=SERVICE)
    assert shop.run("rollback", "--yes", SKIP) == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            "sample-live-worker: no earlier deploy is known to have been healthy; allowed: --to with a "
            "tag or a revision\n"
        ),
    )
