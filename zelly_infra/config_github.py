"""The section of the environment config on the trust in GitHub's tokens."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from workbench.config import types
from workbench.config.section import Section, names


class Github(Section):
    """The deploys from GitHub Actions."""

    create: bool
    """Whether this stack makes the identity provider and the role; else it reads the existing ones."""
    organization: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$", description="a GitHub organisation")]
    organization_id: types.GithubId | None
    """The organisation's number at GitHub; null while no repository below has one (docs/service-workflow.md)."""
    repository_ids: Mapping[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")], types.GithubId]
    """The number of each repository whose tokens carry it in their subject: those that were created, renamed or
    transferred on or after 2026-07-15, and those that opted in. Another repository is trusted by its name."""
    names_still_trusted: bool
    """Whether a repository of ``repository_ids`` is trusted by its name alone, too: only while it changes over."""
    role_name: Annotated[str, Field(pattern=r"^[\w+=,.@-]{1,64}$", description="an IAM role name")]
    trusted_branches: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]+$", description="a branch, no wildcard")], ...],
        AfterValidator(types.unique),
    ]
    """The branches whose pushes may assume the role. Empty where the role is only read."""

    @model_validator(mode="after")
    def _trust_belongs_to_the_maker(self) -> Self:
        if self.create != bool(self.trusted_branches):
            raise ValueError(
                f"trusted_branches: {names(self.trusted_branches)} with create {str(self.create).lower()}; "
                "branches are required where the role is made, none where it is read"
            )
        return self

    @model_validator(mode="after")
    def _ids_agree(self) -> Self:
        if (self.organization_id is None) != (not self.repository_ids):
            required = "a number" if self.organization_id is None else "null"
            raise ValueError(
                f"organization_id: {self.organization_id or 'null'} with repository_ids {names(self.repository_ids)}; "
                f"{required} is required"
            )
        if self.names_still_trusted and not self.repository_ids:
            raise ValueError("names_still_trusted: true with repository_ids none; false is required")
        if self.repository_ids and not self.create:
            raise ValueError(
                f"repository_ids: {names(self.repository_ids)} with create false; "
                "none are required where the role is read"
            )
        taken: dict[int, str] = {}
        for repository, number in self.repository_ids.items():
            if number in taken:
                raise ValueError(f"repository_ids.{repository}: {number}; taken by {taken[number]}")
            taken[number] = repository
        return self
