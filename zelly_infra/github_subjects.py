"""Subjects of the GitHub tokens that may assume the role of the pipelines."""

from zelly_components.identity.github_subjects import repository_subject
from zelly_infra import catalog
from zelly_infra.config_github import Github


def github_subjects(github: Github) -> list[str]:
    """Return the subjects of the tokens that may assume the role: each repository's of the catalog, on each branch.

    A repository whose id is known is trusted by its ids, and by its names alone only while ``names_still_trusted``.
    """
    repositories = [entry.github_repository for entry in catalog.SERVICES if entry.github_repository is not None]
    return [
        f"{subject}:ref:refs/heads/{branch}"
        for repository in repositories
        for subject in _repository_subjects(github, repository)
        for branch in github.trusted_branches
    ]


def _repository_subjects(github: Github, repository: str) -> list[str]:
    names = repository_subject(github.organization, repository)
    number = github.repository_ids.get(repository)
    if number is None:
        return [names]
    ids = repository_subject(github.organization, repository, owner_id=github.organization_id, repository_id=number)
    return [ids, names] if github.names_still_trusted else [ids]
