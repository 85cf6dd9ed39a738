"""One registry for both environments: which tags move, and which images stay however many are pushed."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from relay_infra.catalog import CONTROLLER_REPOSITORY
from relay_infra.program import PROGRAM
from tests.programs.relay.evaluations import ROOT, STACKS, config_of, evaluation_of, stack_file_with
from tests.support.images import Pushed, left
from workbench.errors import OperatorError
from workbench.operations.deploys.environment import deployed_services

OWNER = "preproduction"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def policies() -> Mapping[str, Mapping[str, Any]]:
    """Return the lifecycle policies by repository of the services; Jenkins' own image has a repository as well."""
    found = evaluation_of(OWNER).of_type("aws:ecr/lifecyclePolicy:LifecyclePolicy")
    return {
        policy.inputs["repository"]: json.loads(policy.inputs["policy"])
        for policy in found
        if policy.inputs["repository"] != CONTROLLER_REPOSITORY
    }


def test_only_tags_of_branches_move_and_the_repositories_are_made_once() -> None:
    made = evaluation_of(OWNER).of_type("aws:ecr/repository:Repository")
    repositories = [each for each in made if each.inputs["name"] != CONTROLLER_REPOSITORY]
    assert len(made) == len(repositories) + 1
    assert (
        {each.inputs["name"] for each in repositories}
        == set(policies())
        == {repository for service in PROGRAM.services for repository in service.repositories.values()}
    )
    for repository in repositories:
        assert repository.inputs["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
        assert [each["filter"] for each in repository.inputs["imageTagMutabilityExclusionFilters"]] == ["branch-*"]
    assert not evaluation_of("production").of_type("aws:ecr/repository:Repository")


def test_rules_are_in_the_order_of_what_is_needed_longest() -> None:
    for policy in policies().values():
        assert [
            (
                *rule["selection"].get("tagPrefixList", ["untagged"]),
                rule["selection"]["countType"],
                rule["selection"]["countNumber"],
            )
            for rule in policy["rules"]
        ] == [
            ("deployed-preproduction-", "imageCountMoreThan", 100),
            ("deployed-production-", "imageCountMoreThan", 100),
            ("sha-", "imageCountMoreThan", 50),
            ("branch-", "sinceImagePushed", 14),
            ("nightly-", "sinceImagePushed", 14),
            ("untagged", "sinceImagePushed", 7),
        ]


@pytest.mark.parametrize("stack", STACKS)
def test_digest_that_a_service_may_start_has_a_tag_whose_rule_outlives_it(stack: str) -> None:
    """What a deploy marks stays through a year of pushes, of nights and of the other environment's deploys."""
    config = config_of(stack)
    other = next(one for one in STACKS if one != stack)
    for service in deployed_services(PROGRAM, PROGRAM.describe(config)):
        mark = service.deployed_tag(f"sha256:{COMMIT}")
        foreign = [
            *(Pushed(name=f"commit {n}", days=n / 2, tags=(f"sha-{n:040}", f"branch-{n}")) for n in range(400)),
            *(Pushed(name=f"deploy {n}", days=2 * n, tags=(f"deployed-{other}-{n}",)) for n in range(150)),
            *(Pushed(name=f"night {n}", days=n, tags=(f"nightly-{n}",)) for n in range(350)),
        ]
        running = Pushed(name="running", days=365, tags=(f"sha-{COMMIT}", mark))
        unmarked = Pushed(name="never deployed", days=365, tags=(f"sha-{COMMIT[::-1]}", "branch-old"))
        for repository in service.repositories.values():
            stays = left(policies()[repository], [*foreign, running, unmarked])
            assert "running" in stays
            assert "never deployed" not in stays
            assert sum(name.startswith("commit") for name in stays) == config.registry.commits_kept
            assert sum(name.startswith("deploy ") for name in stays) == config.registry.deployed_kept
            assert sum(name.startswith("night") for name in stays) == config.registry.nightly_days + 1


@pytest.mark.parametrize("stack", STACKS)
def test_only_whole_commits_are_deployed_in_both_environments(stack: str) -> None:
    described = PROGRAM.describe(config_of(stack))
    assert (described.tag_prefix, described.deployed_tag_prefix) == ("sha", f"deployed-{stack}")
    assert [
        tag
        for tag in (f"sha-{COMMIT}", "sha-01234567", "branch-main", "nightly-20260504")
        if described.built_tags.match(tag)
    ] == [f"sha-{COMMIT}"]
    assert described.other_tag_prefixes == ("branch", "nightly")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"registry.environments": ["production"]},
            "registry.environments: production; preproduction is required: nothing would keep the images that it runs",
        ),
        (
            {"registry.deployed_kept": 49},
            "registry.deployed_kept: 49; at least commits_kept (50) is allowed: an image that was deployed would "
            "go before one that never was",
        ),
    ],
)
def test_registry_that_would_let_running_images_go_is_refused(
    tmp_path: Any, changes: Mapping[str, Any], line: str
) -> None:
    with pytest.raises(OperatorError) as refused:
        stack_file_with(tmp_path, OWNER, changes)
    assert line in str(refused.value)


def test_owner_knows_every_environment_that_uses_its_registry(tmp_path: Any) -> None:
    for stack in STACKS:
        (tmp_path / f"Pulumi.{stack}.yaml").write_text((ROOT / f"Pulumi.{stack}.yaml").read_text("utf-8"))
    with pytest.raises(OperatorError) as refused:
        stack_file_with(tmp_path, OWNER, {"registry.environments": [OWNER]})
    assert str(refused.value) == (
        "Pulumi.preproduction.yaml: relay:env.registry.environments: preproduction; production is required too: "
        "nothing would keep the images that Pulumi.production.yaml runs"
    )
