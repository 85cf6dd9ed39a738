"""The sections of the environment config on ECS services: the settings that all share, and a service's size."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from workbench.config import types
from workbench.config.section import Section
from zelly_components.limits.capacity_providers import LARGEST_BASE, LARGEST_WEIGHT, check_capacity_providers
from zelly_components.limits.fargate import check_fargate_size
from zelly_components.limits.task_counts import check_task_counts


class CapacityProvider(Section):
    """A kind of Fargate capacity, and its share of the tasks."""

    name: Literal["FARGATE", "FARGATE_SPOT"]
    weight: Annotated[int, Field(ge=0, le=LARGEST_WEIGHT, description=f"a whole number from 0 to {LARGEST_WEIGHT}")]
    base: Annotated[int, Field(ge=0, le=LARGEST_BASE, description=f"a whole number from 0 to {LARGEST_BASE}")]


class Containers(Section):
    """The settings that all ECS services share."""

    container_insights: Literal["enabled", "enhanced", "disabled"]
    """Container Insights counts tasks, at some 30 USD a month. Where it is disabled, the alarm on missing tasks rings
    only when a service runs none."""
    execute_command: bool
    """Whether operators may open a shell in a running task (ECS Exec)."""
    log_retention_days: types.LogRetentionDays
    capacity_providers: Annotated[
        tuple[CapacityProvider, ...], Field(min_length=1, max_length=2, description="one or two capacity providers")
    ]

    @model_validator(mode="after")
    def _capacity_is_given(self) -> Self:
        check_capacity_providers(self.capacity_providers)
        return self


class ServiceSize(Section):
    """The size of one service, and the number of its tasks."""

    cpu_units: Annotated[int, Field(description="CPU units of Fargate, 1024 for one vCPU")]
    memory_mib: Annotated[int, Field(description="a whole number of MiB that Fargate has for these CPU units")]
    minimum_tasks: Annotated[int, Field(ge=0, le=100, description="a whole number from 0 to 100")]
    maximum_tasks: Annotated[int, Field(ge=1, le=100, description="a whole number from 1 to 100")]
    cpu_target_percent: types.Percent | None
    """The average CPU that scaling aims at; null: no scaling."""
    architecture: Literal["X86_64", "ARM64"]

    @model_validator(mode="after")
    def _fargate_has_this_size(self) -> Self:
        check_fargate_size(self.cpu_units, self.memory_mib)
        return self

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        check_task_counts(self.minimum_tasks, self.maximum_tasks, scales=self.cpu_target_percent is not None)
        if self.cpu_target_percent is None and self.minimum_tasks != self.maximum_tasks:
            raise ValueError(
                f"cpu_target_percent: null with {self.minimum_tasks} to {self.maximum_tasks} tasks; "
                "a percentage is required where the counts differ"
            )
        return self
