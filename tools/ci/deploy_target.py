"""Where a service's push is deployed: from the branch, as the stack files have it."""

from collections.abc import Mapping
from pathlib import Path

from tools.ci.actions import run, set_outputs, variable
from zelly_infra.errors import OperatorError
from zelly_infra.stack_file import read_stack_file

ROOT = Path(__file__).parents[2]

ENVIRONMENTS: Mapping[str, str] = {"refs/heads/main": "production", "refs/heads/staging": "staging"}
"""The platform's deployment document, "Environments & Branches". Nothing else is deployed: the role trusts no other."""

_COMMIT_DIGITS = 8


def target(ref: str, commit: str) -> Mapping[str, str]:
    """Return environment, region, tag and role of a push.

    Raises:
        OperatorError: for any other ref than the two branches.
    """
    environment = ENVIRONMENTS.get(ref)
    if environment is None:
        branches = ", ".join(f"{branch} ({name})" for branch, name in ENVIRONMENTS.items())
        raise OperatorError(f"ref: came {ref}; allowed: {branches}")
    config = read_stack_file(environment, ROOT).environment
    return {
        "environment": environment,
        "region": config.region,
        "image_tag": f"{config.registry.tag_prefix}-{commit[:_COMMIT_DIGITS]}",
        "role_arn": f"arn:aws:iam::{config.aws_account_id}:role/{config.github.role_name}",
    }


def main() -> None:
    """Set the step's outputs for the push that the run is for."""
    set_outputs(target(variable("GITHUB_REF"), variable("GITHUB_SHA")))


if __name__ == "__main__":
    run(main)
