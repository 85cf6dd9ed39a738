"""Every page with its text."""

from collections.abc import Mapping
from pathlib import Path

from workbench.config.stack_file import stack_names
from zelly_infra.documentation import calls, environment, services, stores
from zelly_infra.stack_file import read_stack_file


def pages(root: Path) -> Mapping[str, str]:
    """Return the text of each page, by its path below ``docs`` of the project in ``root``."""
    configs = {stack: read_stack_file(stack, root).environment for stack in stack_names(root)}
    return {
        "platform/services.md": services.page(configs),
        "platform/environment.md": environment.page(configs),
        "platform/queues.md": stores.queues_page(),
        "platform/schemas.md": stores.schemas_page(),
        "platform/calls.md": calls.page(),
    }
