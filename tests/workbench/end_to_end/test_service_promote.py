"""``zelly service promote`` and ``status`` against the embedded AWS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sample_infra.program import PROGRAM
from tests.workbench.conftest import Completed, Operator, Up
from tests.workbench.end_to_end.rollouts import FOR_EVER, REGIONS, Shop

SERVICE = "web"


@pytest.fixture(autouse=True)
def _filled(up: Up) -> Iterator[None]:
    """The operators' secret of the service, filled in both stacks and empty again at the end."""
    name = "sample/web/env"
    stores = [up.client("secretsmanager", region) for region in REGIONS.values()]
    for value in ("a value", ""):
        values = json.dumps(dict.fromkeys(PROGRAM.secrets.application[name], value))
        for secrets in stores:
            secrets.put_secret_value(SecretId=name, SecretString=values)
        if value:
            yield


@pytest.fixture
def trial(up: Up, operator: Operator) -> Shop:
    return Shop(up=up, operator=operator, stack="trial", service=SERVICE)


@pytest.fixture
def live(up: Up, operator: Operator) -> Shop:
    return Shop(up=up, operator=operator, stack="live", service=SERVICE)


def both(shop: Shop, tag: str, **behaviour: Any) -> dict[str, str]:
    """Put images for both containers into the registry and return their names."""
    return {name: shop.image(shop.push(tag, container=name, **behaviour), name) for name in ("app", "proxy")}


def tags(shop: Shop, image: str, container: str) -> list[str]:
    found = shop.up.client("ecr", "ap-south-1").describe_images(
        repositoryName=shop.repository(container), imageIds=[{"imageDigest": image.rpartition("@")[2]}]
    )
    return sorted(found["imageDetails"][0]["imageTags"])


def test_what_runs_in_trial_is_tagged_and_deployed_in_live(trial: Shop, live: Shop) -> None:
    images = both(trial, "trial-ca000001")
    containers = ("--container", "app", "--container", "proxy")
    assert trial.run("deploy", "--tag", "trial-ca000001", *containers, "--force").exit_code == 0
    refused = trial.run("promote", *containers)
    assert (refused.exit_code, refused.stdout, refused.stderr.splitlines()[-1]) == (
        2,
        "",
        "Promote web from trial to live? Without a terminal nobody can say so; --yes is required",
    )
    assert [tag for tag in tags(trial, images["app"], "app") if "prod" in tag] == []
    completed = live.run("promote", *containers, "--yes")
    short = {name: image.rpartition("@")[2][:19] for name, image in images.items()}
    assert completed == Completed(
        exit_code=0,
        stdout=(
            f"sample-live-web runs app live-ca000001 ({short['app']}), proxy live-ca000001 "
            f"({short['proxy']}) in REVISION+1, after N s.\n"
        ),
        stderr=completed.stderr,
    )
    assert completed.stderr.splitlines()[:4] == [
        "sample-trial-web runs trial-ca000001 in app and is healthy.",
        f"sample/app: {images['app'].rpartition('@')[2]} is tagged live-ca000001 too; nothing is built.",
        "sample-trial-web runs trial-ca000001 in proxy and is healthy.",
        f"sample/proxy: {images['proxy'].rpartition('@')[2]} is tagged live-ca000001 too; nothing is built.",
    ]
    for name, image in images.items():
        deployed = [f"deployed-{prefix}-{image.rpartition(':')[2][:12]}" for prefix in ("live", "trial")]
        assert tags(trial, image, name) == [*deployed, "live-ca000001", "trial-ca000001"]
    assert (live.wanted, live.recorded[-1]) == (1, images)
    again = live.run("promote", *containers, "--dry-run", "--json")
    promoted = json.loads(again.stdout)["plan"]["promoted"]
    assert [(one["container"], one["tags"], one["new"]) for one in promoted] == [
        ("app", ["live-ca000001"], []),
        ("proxy", ["live-ca000001"], []),
    ]


def test_an_old_image_that_is_promoted_outlives_thirty_newer_pushes(
    trial: Shop, live: Shop, operator: Operator
) -> None:
    images = both(trial, "trial-aa000001")
    containers = ("--container", "app", "--container", "proxy")
    assert trial.run("deploy", "--tag", "trial-aa000001", *containers, "--force").exit_code == 0
    never = trial.push("live-aa000000")
    # Enough of live's, so that the one that is promoted is by its own tag one too many from the first moment on.
    for number in range(31):
        trial.push(f"live-ab{number:06}")
    assert live.run("promote", *containers, "--yes").exit_code == 0
    app = images["app"].rpartition("@")[2]
    kept = [f"deployed-live-{app[7:19]}", f"deployed-trial-{app[7:19]}", "live-aa000001", "trial-aa000001"]
    assert tags(trial, images["app"], "app") == kept
    ecr = trial.up.client("ecr", "ap-south-1")
    with pytest.raises(ecr.exceptions.ImageNotFoundException):
        tags(trial, never, "app")
    row = web(operator)
    assert (row["state"], row["missing_images"]) == ("ok", [])
    ecr.batch_delete_image(repositoryName="sample/app", imageIds=[{"imageDigest": app}])
    row = web(operator)
    assert (row["state"], row["missing_images"]) == ("broken", ["app"])
    assert "image of app not in ECR: no task could start" in row["what"]
    trial.push("trial-aa000001")


def web(operator: Operator) -> dict[str, Any]:
    document = json.loads(operator.run("status", "--stack", "live", "--json").stdout)
    return next(row for row in document["services"] if row["name"] == "web")


def test_one_container_takes_the_others_last_healthy_image_along(trial: Shop) -> None:
    images = both(trial, "trial-cb000001")
    containers = ("--container", "app", "--container", "proxy")
    assert trial.run("deploy", "--tag", "trial-cb000001", *containers, "--force").exit_code == 0
    trial.push("trial-cb000002", crash=1)
    assert trial.run("deploy", "--tag", "trial-cb000002").exit_code == 1
    trial.until_complete()
    proxy = trial.image(trial.push("trial-cb000003", container="proxy"), "proxy")
    assert trial.run("deploy", "--tag", "trial-cb000003", "--container", "proxy").exit_code == 0
    assert trial.recorded[-1] == {"app": images["app"], "proxy": proxy}
    running = {each["name"]: each["image"] for each in trial.newest["containerDefinitions"] if each["name"] != "xray"}
    assert running == {"app": images["app"], "proxy": proxy}


def test_one_container_takes_along_what_runs_beside_it_without_being_recorded(trial: Shop) -> None:
    images = both(trial, "trial-cf000001", ready_after=10_000)
    containers = ("--container", "app", "--container", "proxy")
    left = trial.run("deploy", "--tag", "trial-cf000001", *containers, "--timeout", "0", "--force")
    assert left.exit_code == 1
    trial.until_complete()
    proxy = trial.image(trial.push("trial-cf000002", container="proxy"), "proxy")
    assert trial.run("deploy", "--tag", "trial-cf000002", "--container", "proxy").exit_code == 0
    assert trial.recorded[-2:] == [images, {"app": images["app"], "proxy": proxy}]


def test_an_unhealthy_trial_is_not_promoted(trial: Shop, live: Shop) -> None:
    both(trial, "trial-cc000001", ready_after=FOR_EVER)
    containers = ("--container", "app", "--container", "proxy")
    deployed = trial.run("deploy", "--tag", "trial-cc000001", *containers, "--timeout", "0", "--force")
    assert deployed.exit_code == 1
    refused = trial.run("promote", "--yes", "--timeout", "0")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[:2] == [
        "sample-trial-web is not healthy, nothing is promoted:",
        "  the rollout of REVISION+1 is IN_PROGRESS",
    ]
    assert live.registered == 0
    both(trial, "trial-cc000002")
    assert trial.run("deploy", "--tag", "trial-cc000002", *containers, "--force").exit_code == 0


def test_a_tag_of_another_image_is_not_taken_away(trial: Shop, live: Shop) -> None:
    images = both(trial, "trial-cd000001")
    containers = ("--container", "app", "--container", "proxy")
    assert trial.run("deploy", "--tag", "trial-cd000001", *containers, "--force").exit_code == 0
    other = trial.push("live-cd000001")
    digest = images["app"].rpartition("@")[2]
    assert trial.run("promote", "--yes") == Completed(
        exit_code=2,
        stdout="",
        stderr=(
            f"sample/app: the tag live-cd000001 is another image's ({other}); tags are immutable, "
            f"`zelly service deploy web --digest {digest} --stack live` deploys this one without\n"
        ),
    )
    assert live.registered == 0


def test_from_a_stack_to_itself_is_one_line(trial: Shop) -> None:
    assert trial.run("promote", "--to", "trial", "--yes") == Completed(
        exit_code=2, stdout="", stderr="--from, --to: came trial twice; allowed: two stacks\n"
    )


def test_status_tells_what_runs_and_what_was_deployed(trial: Shop) -> None:
    images = both(trial, "trial-ce000001")
    containers = ("--container", "app", "--container", "proxy")
    assert trial.run("deploy", "--tag", "trial-ce000001", *containers, "--force").exit_code == 0
    lines = trial.run("status").stdout.splitlines()
    short = {name: f"trial-ce000001 ({image.rpartition('@')[2][:19]})" for name, image in images.items()}
    assert lines[:7] == [
        "sample-trial-web: 1 of 1 tasks run; 1 of 1 targets are healthy",
        f"  app: {short['app']}",
        f"  proxy: {short['proxy']}",
        "  xray: public.ecr.aws/xray/aws-xray-daemon:3.3.14",
        "  revision REVISION+1, as its template",
        "  PRIMARY REVISION+1 COMPLETED, 1 of 1 tasks, since TIME (DEPLOYMENT)",
        f"  deployed TIME app {short['app']}, proxy {short['proxy']}, by N/A",
    ]
    document = json.loads(trial.run("status", "--json").stdout)
    assert document["stack"] == "trial"
    (service,) = document["services"]
    assert [(image["container"], image["tags"]) for image in service["images"]] == [
        ("app", ["trial-ce000001"]),
        ("proxy", ["trial-ce000001"]),
        ("xray", ["3.3.14"]),
    ]
    assert (service["running"], service["desired"], service["behind_template"], service["is_recorded"]) == (
        1,
        1,
        [],
        True,
    )
    assert [target["state"] for target in service["targets"]] == ["healthy"]
    assert service["deploys"][0]["images"] == images


def test_status_of_all_services_names_each(operator: Operator) -> None:
    completed = operator.run("service", "status", "--stack", "live", "--json")
    # Of most of them there is no image yet.
    assert completed.exit_code == 1
    assert [service["service"] for service in json.loads(completed.stdout)["services"]] == [
        "web",
        "worker",
        "tools",
    ]
