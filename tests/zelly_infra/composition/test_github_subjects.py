"""Which of GitHub's tokens production's role trusts: by names, by ids, and by both while repositories change over."""

import json
from typing import Any

import pytest

from tests.zelly_infra.evaluations import config_of, evaluation_with
from workbench.evaluate import Evaluation
from zelly_infra.catalog import SERVICES

REPOSITORIES = tuple(service.github_repository for service in SERVICES if service.github_repository)
GITHUB = config_of("production").github
BRANCHES = GITHUB.trusted_branches
IDS = {repository: number for number, repository in enumerate(REPOSITORIES, start=987654320)}


def subjects(evaluation: Evaluation) -> set[str]:
    role = evaluation.one("aws:iam/role:Role", "zelly-production-github-github-role")
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert statement["Condition"].keys() == {"StringEquals"}
    listed: list[str] = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert len(set(listed)) == len(listed)
    return set(listed)


def by_name(*repositories: str) -> set[str]:
    return {
        f"repo:{GITHUB.organization}/{each}:ref:refs/heads/{branch}" for each in repositories for branch in BRANCHES
    }


def by_id(*repositories: str) -> set[str]:
    return {
        f"repo:{GITHUB.organization}@12345678/{each}@{IDS[each]}:ref:refs/heads/{branch}"
        for each in repositories
        for branch in BRANCHES
    }


@pytest.mark.parametrize(
    ("with_id", "names_still_trusted", "expected"),
    [
        (REPOSITORIES, False, by_id(*REPOSITORIES)),
        (REPOSITORIES, True, by_id(*REPOSITORIES) | by_name(*REPOSITORIES)),
        # One that was made anew sends its ids, while the others go on as before.
        (REPOSITORIES[:1], False, by_id(*REPOSITORIES[:1]) | by_name(*REPOSITORIES[1:])),
        (REPOSITORIES[:1], True, by_id(*REPOSITORIES[:1]) | by_name(*REPOSITORIES)),
    ],
)
def test_repository_with_an_id_is_trusted_by_exactly_that(
    with_id: tuple[str, ...], names_still_trusted: bool, expected: set[str]
) -> None:
    changes: dict[str, Any] = {
        "github/organization_id": 12345678,
        "github/repository_ids": {repository: IDS[repository] for repository in with_id},
        "github/names_still_trusted": names_still_trusted,
    }
    assert subjects(evaluation_with("production", changes)) == expected
