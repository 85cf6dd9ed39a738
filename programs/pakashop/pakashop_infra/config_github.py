"""The section of the environment config on the pipelines of the application's repository."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.config import types
from workbench.config.section import Section

_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", description="a name at GitHub")]


class Source(Section):
    """The environment whose releases are promoted to this one."""

    environment: types.Slug
    region: types.Region


class Github(Section):
    """Who may release: jobs of GitHub Actions, by the branch or the environment that they run in."""

    create_provider: bool
    """Whether this stack makes the account's identity provider for GitHub; else it looks it up."""
    owner: _Name
    repository: _Name
    """The application's, whose workflows stand in programs/pakashop/github/workflows."""
    owner_id: types.GithubId | None
    """The owner's number at GitHub; null where the repository's tokens carry names alone."""
    repository_id: types.GithubId | None
    branch: Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]+$", description="a branch, no wildcard")]
    """The branch that is built for this environment."""
    promotes_from: Source | None
    """Null: releases begin here."""
    backup_environment: types.Slug | None
    """The environment at GitHub whose jobs may ask for a backup: one without reviewers, since nobody approves at
    night. Null: no job may."""

    @model_validator(mode="after")
    def _ids_come_together(self) -> Self:
        if (self.owner_id is None) != (self.repository_id is None):
            came = ", ".join(f"{name} {value or 'null'}" for name, value in self._ids())
            raise ValueError(f"repository_id: {came}; both or neither is required")
        return self

    def _ids(self) -> tuple[tuple[str, int | None], ...]:
        return ("owner_id", self.owner_id), ("repository_id", self.repository_id)
