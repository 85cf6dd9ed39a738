"""Where a service's push is deployed: from the branch, as the stack files have it."""

from collections.abc import Mapping
from pathlib import Path

from tools.ci.actions import run, set_outputs, variable
from workbench.errors import OperatorError
from zelly_infra.other_stacks import owns_role
from zelly_infra.stack_file import other_stacks, read_stack_file

ROOT = Path(__file__).parents[2]

_PRODUCTIONS_BRANCH = "main"
"""The platform's deployment document, "Environments & Branches"; staging's is called as it is."""

_COMMIT_DIGITS = 8


def environments(root: Path = ROOT) -> Mapping[str, str]:
    """Return the environment that pushes to a ref are deployed in, by ref.

    They are the branches that GitHub's role trusts. Every other environment's branch has the environment's name.
    """
    owner = next(stack.name for stack in other_stacks(root) if owns_role(stack))
    branches = read_stack_file(owner, root).environment.github.trusted_branches
    return {f"refs/heads/{branch}": "production" if branch == _PRODUCTIONS_BRANCH else branch for branch in branches}


def target(ref: str, commit: str) -> Mapping[str, str]:
    """Return environment, region, tag and role of a push.

    Raises:
        OperatorError: for any other ref than the trusted branches.
    """
    known = environments()
    environment = known.get(ref)
    if environment is None:
        branches = ", ".join(f"{branch} ({name})" for branch, name in known.items())
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
