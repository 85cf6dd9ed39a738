"""The platform that the ``dev`` commands are for."""

from pathlib import Path

from workbench.cli.shared.program import current_program, project_root
from workbench.errors import OperatorError
from workbench.local_dev.model import LocalPlatform


def current_platform() -> tuple[LocalPlatform, Path]:
    """Return the current program's platform, and the folder of its project.

    Raises:
        OperatorError: when the program describes none.
    """
    program, root = current_program(), project_root().resolve()
    if program.local_platform is None:
        raise OperatorError(f"{program.name}: it describes no platform to run on this machine")
    return program.local_platform(root), root
