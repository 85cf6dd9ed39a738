"""Durations in the sandbox: a fraction of AWS's, and shorter still where the server is told so."""

import os
from dataclasses import dataclass
from datetime import timedelta

from workbench.words import variable


def speed_variable() -> str:
    """Return the variable that tells how many of the sandbox's seconds go by in one; 1 if it is not set.

    The server reads it when it starts.
    """
    return variable("SANDBOX_SPEED")


PROVISIONING_SECONDS = 1
"""A network interface for a task takes some ten seconds in AWS."""

PULLING_SECONDS = 2
"""Secrets and images take ten to sixty seconds in AWS."""

STOPPING_SECONDS = 1
"""A container that ends on SIGTERM; one that doesn't takes its ``stopTimeout``."""

UNHEALTHY_SECONDS = 4
"""Until a health check that fails has failed often enough; AWS takes start period plus retries times interval."""

COMMAND_SECONDS = 2
"""Seconds that a command run by hand takes."""

BAKING_MINUTE_SECONDS = 2
"""A minute of a bake time, of a step of it, and of a pause: somebody has to be able to act within a few of them."""

SHIFTING_SECONDS = 1
"""Until a balancer sends traffic by its new weights; some ten seconds in AWS."""

STAGE_SECONDS = 0.5
"""A lifecycle stage that has nothing to wait for, long enough to be seen."""

REQUEST_SECONDS = 0.5
"""Until ECS acts on a request to stop a service deployment or to roll it back."""

STAGE_LIMIT_MINUTES = 24 * 60
"""ECS Developer Guide, "Amazon ECS blue/green service deployments workflow": no stage lasts longer."""

FIRST_BACKOFF_SECONDS = 10
LONGEST_BACKOFF_SECONDS = 27 * 60
"""ECS Developer Guide, "Amazon ECS service throttle logic"."""


@dataclass(frozen=True)
class Pace:
    """Turns the sandbox's seconds into time."""

    speed: float = 1

    def __call__(self, seconds: float) -> timedelta:
        """Return how much time goes by while ``seconds`` do here."""
        return timedelta(seconds=seconds / self.speed)

    @classmethod
    def of_this_process(cls) -> "Pace":
        """Return the pace that the environment asks for.

        Raises:
            ValueError: for anything but a number above 0.
        """
        given = os.environ.get(speed_variable(), "1")
        try:
            speed = float(given)
        except ValueError:
            speed = 0.0
        if not 0 < speed < float("inf"):
            raise ValueError(f"{speed_variable()}: came {given}; allowed: a number above 0, e.g. 1 or 100")
        return cls(speed)
