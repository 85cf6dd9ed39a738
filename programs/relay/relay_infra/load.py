"""The running stack's configuration, read here alone from ``pulumi.Config``."""

import pulumi

from relay_infra.config import EnvironmentConfig
from relay_infra.program import PROGRAM
from workbench.composition.loading import loaded


def load() -> EnvironmentConfig:
    """Return the stack's environment config.

    Raises:
        pulumi.RunError: when it is missing or wrong. The engine prints its lines without a traceback.
    """
    return loaded(PROGRAM, pulumi.Config().get("env"))
