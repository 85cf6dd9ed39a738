"""The project's stacks, each evaluated once for all pages."""

import functools

from workbench.cli.shared.program import current_program
from workbench.config.stack_file import read_stack_file, stack_names
from workbench.documentation.project import ROOT
from workbench.evaluate import Evaluation, evaluate_stack

STACKS = stack_names(ROOT)


@functools.cache
def evaluated(stack: str) -> Evaluation:
    """Return the evaluation of a stack, with placeholders for what AWS would answer."""
    file = read_stack_file(current_program(), stack, ROOT)
    return evaluate_stack(
        ROOT / "__main__.py",
        project=current_program().name,
        stack=stack,
        config=file.config,
        secret_keys=file.secret_keys,
    )
