"""A Parameter Store that numbers and keeps what is written, and approvals of one service in it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from tests.workbench.operations.failing import failure
from tests.workbench.operations.seen import NOW
from tests.workbench.operations.shop import images
from workbench.aws.shared.errors import AwsError, Reason
from workbench.aws.ssm import ParameterVersion
from workbench.operations.approvals.transitions import Subject, Wish
from workbench.operations.approvals.use import Approvals

SUBJECT = Subject(service="api", name="shop-api", stack="production", source="staging")
PARAMETER = "/shop/approvals/api"
FIRST, SECOND = "1a2b3c4d" * 5, "5e6f7a8b" * 5
ANN, BOB = "arn:aws:iam::1:user/ann", "arn:aws:iam::1:user/bob"


def wish(commit: str = FIRST, pair: str = "a1", build: str | None = "build/1", minutes: int = 60) -> Wish:
    return Wish(images=images(pair), commit=commit, build=build, by=ANN, minutes=minutes)


@dataclass
class Store:
    """One parameter; ``meanwhile`` happens once, between a command's reading and its writing."""

    values: list[str] = field(default_factory=list[str])
    meanwhile: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])
    lost: AwsError | None = None

    def history(self, name: str) -> Sequence[ParameterVersion]:
        assert name == PARAMETER
        if not self.values:
            raise failure("ssm:GetParameterHistory", Reason.REFUSED, "ParameterNotFound")
        return [
            ParameterVersion(version=number, value=value, written_at=NOW, written_by=ANN)
            for number, value in enumerate(self.values, start=1)
        ]

    def put_next(self, name: str, value: str, *, after: int) -> bool:
        assert name == PARAMETER
        if self.meanwhile:
            self.meanwhile.pop(0)()
        if self.lost is not None:
            raise self.lost
        if after == 0 and self.values:
            return False
        self.values.append(value)
        return len(self.values) == after + 1

    @property
    def states(self) -> list[str]:
        """The state in each version, whether it counts or not."""
        return [json.loads(value)["state"] for value in self.values]


@dataclass
class Clock:
    """The time, in minutes from noon."""

    minutes: float = 0

    def now(self) -> datetime:
        return NOW + timedelta(minutes=self.minutes)


def approvals(store: Store, clock: Clock) -> Approvals:
    return Approvals(
        ssm=cast("Any", store), parameter=PARAMETER, subject=SUBJECT, longest_wait_minutes=480, now=clock.now
    )
