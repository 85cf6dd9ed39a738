"""Wrappers that answer by a script and raise on whatever it does not foresee."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from workbench.aws.ecs.services import Service
from workbench.aws.ecs.tasks import Task
from workbench.aws.logs.events import LogLine
from workbench.operations.deploys.service import RolloutAws
from workbench.operations.deploys.watch import Progress

Answer = Service | None | BaseException


@dataclass
class Script:
    """What ECS answers, and everything that was asked of it that changes something."""

    looks: list[Answer]
    """The answers to DescribeServices, the last one for ever."""
    deploys: list[Answer]
    """The answers to UpdateService."""
    stopped: tuple[Task, ...] = ()
    register: str | BaseException = ""
    record: BaseException | None = None
    done: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def services(self, names: Sequence[str]) -> Mapping[str, Service]:
        assert names == ["shop-api"]
        answer = _answered(self.looks.pop(0) if len(self.looks) > 1 else self.looks[0])
        return {} if answer is None else {"shop-api": answer}

    def deploy(self, name: str, task_definition_arn: str) -> Service | None:
        self.done.append(("deploy", name, task_definition_arn.rpartition("/")[2]))
        return _answered(self.deploys.pop(0))

    def of_service(self, service: str, status: str = "RUNNING") -> list[Task]:
        assert service == "shop-api"
        return list(self.stopped) if status == "STOPPED" else []

    def registered(self, document: Mapping[str, Any], tags: Sequence[Mapping[str, str]]) -> str:
        self.done.append(("register", str(document["containerDefinitions"][0]["image"]), str(list(tags))))
        if isinstance(self.register, BaseException):
            raise self.register
        return self.register

    def put(self, name: str, value: str) -> None:
        self.done.append(("put", name, value))
        if self.record is not None:
            raise self.record

    def last_lines(self, group: str, stream: str, count: int) -> list[LogLine]:
        assert (group, stream[:12], count) == ("/shop/api", "api/api/task", 20)
        return []

    @property
    def aws(self) -> RolloutAws:
        """This script in the place of every wrapper that a rollout may use."""
        mine = cast(Any, self)
        return RolloutAws(
            ecs=mine,
            service_deployments=mine,
            tasks=mine,
            task_definitions=cast(Any, _Registering(self)),
            ssm=mine,
            ecr=cast(Any, None),
            secrets=cast(Any, None),
            logs=mine,
        )


@dataclass
class _Registering:
    script: Script

    def register(self, document: Mapping[str, Any], tags: Sequence[Mapping[str, str]]) -> str:
        return self.script.registered(document, tags)


@dataclass
class Listener:
    """Notes what is said."""

    said: list[str] = field(default_factory=list[str])
    heard: list[Progress] = field(default_factory=list[Progress])

    def progress(self, progress: Progress, /) -> None:
        self.heard.append(progress)

    def say(self, line: str, /) -> None:
        self.said.append(line)


def _answered(answer: Answer) -> Service | None:
    if isinstance(answer, BaseException):
        raise answer
    return answer
