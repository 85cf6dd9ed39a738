"""Subjects of GitHub's tokens, and the trust policy that names them; imports nothing of the SDK."""

import json
from collections.abc import Sequence

from zelly_components.limits.sizes import TRUST_POLICY

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
"""The audience that ``aws-actions/configure-aws-credentials`` asks its token for."""


def repository_subject(
    owner: str, repository: str, *, owner_id: int | None = None, repository_id: int | None = None
) -> str:
    """Return the beginning of the subject of a repository's tokens, by names or by names with ids.

    A repository that was created, renamed or transferred on or after 2026-07-15, or that opted in, sends the ids too,
    which no later owner of the name has ("Immutable subject claims for GitHub Actions OIDC tokens", GitHub's changelog
    of 2026-04-23).

    >>> repository_subject("octocat", "my-repo")
    'repo:octocat/my-repo'
    >>> repository_subject("octocat", "my-repo", owner_id=123456, repository_id=456789)
    'repo:octocat@123456/my-repo@456789'

    Raises:
        ValueError: for one id without the other, which GitHub never sends.
    """
    if (owner_id is None) != (repository_id is None):
        raise ValueError(f"repository_id: came {repository_id} with owner_id {owner_id}; allowed both or neither")
    if owner_id is None:
        return f"repo:{owner}/{repository}"
    return f"repo:{owner}@{owner_id}/{repository}@{repository_id}"


def trust_policy_excess(subjects: Sequence[str]) -> str | None:
    """Return in words by how much the trust policy of these subjects exceeds IAM's limit; None where it fits."""
    return TRUST_POLICY.excess(trust_policy_text(subjects, account_id="0" * 12))


def trust_policy_text(subjects: Sequence[str], *, account_id: str) -> str:
    """Return the trust policy as ``GithubOidc`` renders it, before there is a provider whose ARN it could name."""
    statement = {
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": sorted(subjects)}},
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{account_id}:oidc-provider/{ISSUER}"},
        "Sid": "GithubActions",
    }
    return json.dumps({"Statement": [statement], "Version": "2012-10-17"}, sort_keys=True)
