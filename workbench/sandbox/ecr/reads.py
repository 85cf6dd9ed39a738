"""The readings of repositories and their lifecycle policies."""

from collections.abc import Mapping

from workbench.sandbox.making.answers import asked
from workbench.sandbox.making.table import Read

READS: Mapping[str, Read] = {
    "aws:ecr/repository:Repository": Read(
        operation="describe_repositories",
        parameters={"repositoryNames": "id"},
        result="repositories[0]",
        tags=asked("list_tags_for_resource", "tags", resourceArn="repositoryArn"),
        defaults={"imageTagMutability": "MUTABLE"},
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Read(
        operation="get_lifecycle_policy", parameters={"repositoryName": "id"}, result="@"
    ),
}
