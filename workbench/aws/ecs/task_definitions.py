"""Amazon ECS: the revisions of task definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import calling

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient


@dataclass(frozen=True, kw_only=True)
class TaskDefinition:
    """One registered revision."""

    arn: str
    status: str
    """``ACTIVE``; ``INACTIVE`` for one that was deregistered, which no service can be moved to."""
    document: Mapping[str, Any]
    """What can be registered again: every member that RegisterTaskDefinition takes, as ECS returned it."""
    tags: tuple[Mapping[str, str], ...]

    @property
    def family(self) -> str:
        """The name that all revisions share."""
        return self.arn.rpartition("/")[2].rpartition(":")[0]

    @property
    def revision(self) -> int:
        """The number of this one."""
        return int(self.arn.rpartition(":")[2])

    @property
    def containers(self) -> Sequence[Mapping[str, Any]]:
        """The container definitions."""
        return self.document["containerDefinitions"]

    @property
    def images(self) -> Mapping[str, str]:
        """The image of every container."""
        return {container["name"]: container["image"] for container in self.containers}

    def with_images(self, images: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the document with the images of some containers changed, and nothing else."""
        return {
            **self.document,
            "containerDefinitions": [
                {**container, "image": images.get(container["name"], container["image"])}
                for container in self.containers
            ],
        }


class TaskDefinitions:
    """The calls of Amazon ECS on task definitions that are used."""

    def __init__(self, connection: Connection) -> None:
        self._client: ECSClient = connection.client("ecs")
        # Each time that it is carried out it makes another revision.
        self._unrepeatable: ECSClient = connection.client("ecs", repeatable=False)

    def newest(self, family: str) -> TaskDefinition:
        """Return the newest revision of a family that is not deregistered."""
        return self.described(family)

    def described(self, name: str) -> TaskDefinition:
        """Return a revision by its ARN or as ``family:revision``."""
        with calling("ecs:DescribeTaskDefinition", f"task definition {name}"):
            answer = self._client.describe_task_definition(taskDefinition=name, include=["TAGS"])
        described = cast(Mapping[str, Any], answer["taskDefinition"])
        return TaskDefinition(
            arn=described["taskDefinitionArn"],
            status=described["status"],
            document={member: value for member, value in described.items() if member in self._registered_members},
            tags=tuple(cast(Mapping[str, str], tag) for tag in answer.get("tags", [])),
        )

    def register(self, document: Mapping[str, Any], tags: Sequence[Mapping[str, str]]) -> str:
        """Register a revision and return its ARN. A lost call is not made again: it would make a second one."""
        arguments: dict[str, Any] = {**document, **({"tags": list(tags)} if tags else {})}
        with calling("ecs:RegisterTaskDefinition", f"family {document['family']}"):
            answer = self._unrepeatable.register_task_definition(**arguments)
        return answer["taskDefinition"]["taskDefinitionArn"]

    def deregister(self, arn: str) -> None:
        """Let no task be started from a revision any more; those that were go on."""
        with calling("ecs:DeregisterTaskDefinition", f"task definition {arn.rpartition('/')[2]}"):
            self._client.deregister_task_definition(taskDefinition=arn)

    @property
    def _registered_members(self) -> frozenset[str]:
        # botocore's own model of the request, so that no list of ours can fall behind ECS.
        request: Any = self._client.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
        return frozenset(request.members) - {"tags"}
