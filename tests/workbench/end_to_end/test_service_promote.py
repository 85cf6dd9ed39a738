"""``zelly service promote`` and ``status`` against the embedded AWS."""

import json
from typing import Any

import pytest

from tests.workbench.end_to_end.conftest import Completed, Operator, Sandbox
from tests.workbench.end_to_end.rollouts import FOR_EVER, Shop

SERVICE = "storefront"


@pytest.fixture
def staging(sandbox: Sandbox, operator: Operator) -> Shop:
    return Shop(sandbox=sandbox, operator=operator, stack="staging", service=SERVICE)


@pytest.fixture
def production(sandbox: Sandbox, operator: Operator) -> Shop:
    return Shop(sandbox=sandbox, operator=operator, stack="production", service=SERVICE)


def both(shop: Shop, tag: str, **behaviour: Any) -> dict[str, str]:
    """Put images for both containers into the registry and return their names."""
    return {name: shop.image(shop.push(tag, container=name, **behaviour), name) for name in ("astro", "caddy")}


def tags(shop: Shop, image: str, container: str) -> list[str]:
    found = shop.sandbox.client("ecr", "ap-south-1").describe_images(
        repositoryName=shop.repository(container), imageIds=[{"imageDigest": image.rpartition("@")[2]}]
    )
    return sorted(found["imageDetails"][0]["imageTags"])


def test_what_runs_in_staging_is_tagged_and_deployed_in_production(staging: Shop, production: Shop) -> None:
    images = both(staging, "staging-ca000001")
    containers = ("--container", "astro", "--container", "caddy")
    assert staging.zelly("deploy", "--tag", "staging-ca000001", *containers, "--force").exit_code == 0
    refused = staging.zelly("promote", *containers)
    assert (refused.exit_code, refused.stdout, refused.stderr.splitlines()[-1]) == (
        2,
        "",
        "Promote storefront from staging to production? Without a terminal nobody can say so; --yes is required",
    )
    assert [tag for tag in tags(staging, images["astro"], "astro") if "prod" in tag] == []
    completed = production.zelly("promote", *containers, "--yes")
    short = {name: image.rpartition("@")[2][:19] for name, image in images.items()}
    assert completed == Completed(
        exit_code=0,
        stdout=(
            f"zelly-production-storefront runs astro prod-ca000001 ({short['astro']}), caddy prod-ca000001 "
            f"({short['caddy']}) in REVISION+1, after N s.\n"
        ),
        stderr=completed.stderr,
    )
    assert completed.stderr.splitlines()[:4] == [
        "zelly-staging-storefront runs staging-ca000001 in astro and is healthy.",
        f"zelly/astro-storefront: {images['astro'].rpartition('@')[2]} is tagged prod-ca000001 too; nothing is built.",
        "zelly-staging-storefront runs staging-ca000001 in caddy and is healthy.",
        f"zelly/caddy: {images['caddy'].rpartition('@')[2]} is tagged prod-ca000001 too; nothing is built.",
    ]
    for name, image in images.items():
        deployed = [f"deployed-{prefix}-{image.rpartition(':')[2][:12]}" for prefix in ("prod", "staging")]
        assert tags(staging, image, name) == [*deployed, "prod-ca000001", "staging-ca000001"]
    assert (production.wanted, production.recorded[-1]) == (1, images)
    again = production.zelly("promote", *containers, "--dry-run", "--json")
    promoted = json.loads(again.stdout)["plan"]["promoted"]
    assert [(one["container"], one["tags"], one["new"]) for one in promoted] == [
        ("astro", ["prod-ca000001"], []),
        ("caddy", ["prod-ca000001"], []),
    ]


def test_an_old_image_that_is_promoted_outlives_thirty_newer_pushes(
    staging: Shop, production: Shop, operator: Operator
) -> None:
    images = both(staging, "staging-aa000001")
    containers = ("--container", "astro", "--container", "caddy")
    assert staging.zelly("deploy", "--tag", "staging-aa000001", *containers, "--force").exit_code == 0
    never = staging.push("prod-aa000000")
    # Enough of production's, so that the one that is promoted is by its own tag one too many from the first moment on.
    for number in range(31):
        staging.push(f"prod-ab{number:06}")
    assert production.zelly("promote", *containers, "--yes").exit_code == 0
    astro = images["astro"].rpartition("@")[2]
    kept = [f"deployed-prod-{astro[7:19]}", f"deployed-staging-{astro[7:19]}", "prod-aa000001", "staging-aa000001"]
    assert tags(staging, images["astro"], "astro") == kept
    ecr = staging.sandbox.client("ecr", "ap-south-1")
    with pytest.raises(ecr.exceptions.ImageNotFoundException):
        tags(staging, never, "astro")
    row = storefront(operator)
    assert (row["state"], row["missing_images"]) == ("ok", [])
    ecr.batch_delete_image(repositoryName="zelly/astro-storefront", imageIds=[{"imageDigest": astro}])
    row = storefront(operator)
    assert (row["state"], row["missing_images"]) == ("broken", ["astro"])
    assert "image of astro not in ECR: no task could start" in row["what"]
    staging.push("staging-aa000001")


def storefront(operator: Operator) -> dict[str, Any]:
    document = json.loads(operator.zelly("status", "--stack", "production", "--json").stdout)
    return next(row for row in document["services"] if row["name"] == "storefront")


def test_one_container_takes_the_others_last_healthy_image_along(staging: Shop) -> None:
    images = both(staging, "staging-cb000001")
    containers = ("--container", "astro", "--container", "caddy")
    assert staging.zelly("deploy", "--tag", "staging-cb000001", *containers, "--force").exit_code == 0
    staging.push("staging-cb000002", crash=1)
    assert staging.zelly("deploy", "--tag", "staging-cb000002").exit_code == 1
    staging.until_complete()
    caddy = staging.image(staging.push("staging-cb000003", container="caddy"), "caddy")
    assert staging.zelly("deploy", "--tag", "staging-cb000003", "--container", "caddy").exit_code == 0
    assert staging.recorded[-1] == {"astro": images["astro"], "caddy": caddy}
    running = {each["name"]: each["image"] for each in staging.newest["containerDefinitions"]}
    assert running == {"astro": images["astro"], "caddy": caddy}


def test_one_container_takes_along_what_runs_beside_it_without_being_recorded(staging: Shop) -> None:
    images = both(staging, "staging-cf000001", ready_after=10_000)
    containers = ("--container", "astro", "--container", "caddy")
    left = staging.zelly("deploy", "--tag", "staging-cf000001", *containers, "--timeout", "0", "--force")
    assert left.exit_code == 1
    staging.until_complete()
    caddy = staging.image(staging.push("staging-cf000002", container="caddy"), "caddy")
    assert staging.zelly("deploy", "--tag", "staging-cf000002", "--container", "caddy").exit_code == 0
    assert staging.recorded[-2:] == [images, {"astro": images["astro"], "caddy": caddy}]


def test_an_unhealthy_staging_is_not_promoted(staging: Shop, production: Shop) -> None:
    both(staging, "staging-cc000001", ready_after=FOR_EVER)
    containers = ("--container", "astro", "--container", "caddy")
    deployed = staging.zelly("deploy", "--tag", "staging-cc000001", *containers, "--timeout", "0", "--force")
    assert deployed.exit_code == 1
    refused = staging.zelly("promote", "--yes", "--timeout", "0")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[:2] == [
        "zelly-staging-storefront is not healthy, nothing is promoted:",
        "  the rollout of REVISION+1 is IN_PROGRESS",
    ]
    assert production.registered == 0
    both(staging, "staging-cc000002")
    assert staging.zelly("deploy", "--tag", "staging-cc000002", *containers, "--force").exit_code == 0


def test_a_tag_of_another_image_is_not_taken_away(staging: Shop, production: Shop) -> None:
    images = both(staging, "staging-cd000001")
    containers = ("--container", "astro", "--container", "caddy")
    assert staging.zelly("deploy", "--tag", "staging-cd000001", *containers, "--force").exit_code == 0
    other = staging.push("prod-cd000001")
    digest = images["astro"].rpartition("@")[2]
    assert staging.zelly("promote", "--yes") == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            f"zelly/astro-storefront: the tag prod-cd000001 is another image's ({other}); tags are immutable, "
            f"`zelly service deploy storefront --digest {digest} --stack production` deploys this one without\n"
        ),
    )
    assert production.registered == 0


def test_from_a_stack_to_itself_is_one_line(staging: Shop) -> None:
    assert staging.zelly("promote", "--to", "staging", "--yes") == Completed(
        exit_code=2, stdout="", stderr="--from, --to: came staging twice; allowed: two stacks\n"
    )


def test_status_tells_what_runs_and_what_was_deployed(staging: Shop) -> None:
    images = both(staging, "staging-ce000001")
    containers = ("--container", "astro", "--container", "caddy")
    assert staging.zelly("deploy", "--tag", "staging-ce000001", *containers, "--force").exit_code == 0
    lines = staging.zelly("status").stdout.splitlines()
    short = {name: f"staging-ce000001 ({image.rpartition('@')[2][:19]})" for name, image in images.items()}
    assert lines[:6] == [
        "zelly-staging-storefront: 1 of 1 tasks run; 2 of 2 targets are healthy",
        f"  astro: {short['astro']}",
        f"  caddy: {short['caddy']}",
        "  revision REVISION+1, as its template",
        "  PRIMARY REVISION+1 COMPLETED, 1 of 1 tasks, since TIME (DEPLOYMENT)",
        f"  deployed TIME astro {short['astro']}, caddy {short['caddy']}, by N/A",
    ]
    document = json.loads(staging.zelly("status", "--json").stdout)
    assert document["stack"] == "staging"
    (service,) = document["services"]
    assert [(image["container"], image["tags"]) for image in service["images"]] == [
        ("astro", ["staging-ce000001"]),
        ("caddy", ["staging-ce000001"]),
    ]
    assert (service["running"], service["desired"], service["behind_template"], service["is_recorded"]) == (
        1,
        1,
        [],
        True,
    )
    assert [target["state"] for target in service["targets"]] == ["healthy", "healthy"]
    assert service["deploys"][0]["images"] == images


def test_status_of_all_services_names_each(operator: Operator) -> None:
    completed = operator.zelly("service", "status", "--stack", "production", "--json")
    # Of most of them there is no image yet.
    assert completed.exit_code == 1
    assert [service["service"] for service in json.loads(completed.stdout)["services"]] == [
        "fastify-nova",
        "customer-panel",
        "orion-backend",
        "events-consumer",
        "storefront",
        "internal-tools",
    ]
