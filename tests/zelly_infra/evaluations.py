"""Both stacks, evaluated once for all tests of a process."""

import functools

from tests.zelly_infra.stack_files import ROOT
from zelly_infra.evaluate import Evaluation, evaluate_stack
from zelly_infra.stack_file import PROJECT, read_stack_file

STACKS = ("production", "staging")


@functools.cache
def evaluation_of(stack: str) -> Evaluation:
    """Return the evaluation of one of the repository's stacks, with placeholders for what AWS would answer."""
    file = read_stack_file(stack, ROOT)
    return evaluate_stack(
        ROOT / "__main__.py", project=PROJECT, stack=stack, config=file.config, secret_keys=file.secret_keys
    )
