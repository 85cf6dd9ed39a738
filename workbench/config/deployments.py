"""The section of the environment config on how ECS deploys one service."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from workbench.config.section import Section
from zelly_components.limits.deployments import (
    ALARM_PERIODS,
    CANARY_PERCENT,
    LONGEST_BAKE_MINUTES,
    LONGEST_PAUSE_MINUTES,
    STEP_PERCENT,
)

BakeMinutes = Annotated[
    int,
    Field(
        ge=ALARM_PERIODS,
        le=LONGEST_BAKE_MINUTES,
        description=f"{ALARM_PERIODS} to {LONGEST_BAKE_MINUTES} minutes: in fewer no alarm can ring",
    ),
]


class Canary(Section):
    """A first share of the traffic, and then the rest."""

    percent: Annotated[
        float,
        Field(ge=CANARY_PERCENT[0], lt=CANARY_PERCENT[1], description="a percentage of at least 0.1 and below 100"),
    ]
    bake_minutes: BakeMinutes
    """The time with the first share alone."""


class Linear(Section):
    """The traffic in equal steps."""

    step_percent: Annotated[
        float, Field(ge=STEP_PERCENT[0], lt=STEP_PERCENT[1], description="a percentage of at least 3 and below 100")
    ]
    step_bake_minutes: BakeMinutes
    """The time between two steps."""


class Pause(Section):
    """A stage at which a deployment waits for somebody to continue it."""

    after: Literal["scale_up", "test_traffic_shift", "production_traffic_shift"]
    """The step of the deployment that is done then."""
    timeout_minutes: Annotated[
        int, Field(ge=1, le=LONGEST_PAUSE_MINUTES, description=f"1 to {LONGEST_PAUSE_MINUTES} minutes, two weeks")
    ]
    on_timeout: Literal["rollback", "continue"]


class Deployment(Section):
    """How ECS deploys a service. A change of it changes the service in place, and waits for a running deployment."""

    strategy: Literal["rolling", "blue_green", "canary", "linear"]
    """``rolling`` replaces tasks one after another, with a circuit breaker; the others start a second set of tasks,
    shift the traffic to it and go back when an alarm rings."""
    bake_minutes: BakeMinutes | None
    """The time for which the old tasks stay beside the new ones that have all the traffic. Null for ``rolling``."""
    canary: Canary | None
    """Null unless the strategy is ``canary``."""
    linear: Linear | None
    """Null unless the strategy is ``linear``."""
    pause: Pause | None
    """Null: a deployment waits for nobody; so does every rolling one."""

    @model_validator(mode="after")
    def _has_what_its_strategy_needs(self) -> Self:
        for field, value, needed in (
            ("bake_minutes", self.bake_minutes, self.shifts),
            ("canary", self.canary, self.strategy == "canary"),
            ("linear", self.linear, self.strategy == "linear"),
        ):
            if needed and value is None:
                raise ValueError(f"{field}: null; it is required with the strategy {self.strategy}")
            if not needed and value is not None:
                raise ValueError(f"{field}: given; null is required with the strategy {self.strategy}")
        if self.pause is not None and not self.shifts:
            raise ValueError(f"pause: given; null is required with the strategy {self.strategy}")
        return self

    @property
    def shifts(self) -> bool:
        """Whether a second set of tasks takes the traffic over."""
        return self.strategy != "rolling"
