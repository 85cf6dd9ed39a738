"""The readings of Parameter Store's parameters and of documents."""

from collections.abc import Callable, Mapping
from typing import Any

import jmespath

from workbench.sandbox.making.making import Existing
from workbench.sandbox.making.table import Read

_SECURE = "SecureString"


def _described(path: str) -> Callable[[Existing], Any]:
    """Return a source that GetParameter does not tell."""

    def read(existing: Existing) -> Any:
        filters = [{"Key": "Name", "Option": "Equals", "Values": [existing.result["Name"]]}]
        answer = existing.call("describe_parameters", ParameterFilters=filters)
        return jmespath.search(f"Parameters[0].{path}", answer)

    return read


def _value(existing: Existing) -> str:
    return existing.result["Value"]


def _insecure_value(existing: Existing) -> str | None:
    return None if existing.result["Type"] == _SECURE else existing.result["Value"]


def _tags(existing: Existing) -> Any:
    return existing.call("list_tags_for_resource", ResourceType="Parameter", ResourceId=existing.id)["TagList"]


def _content(existing: Existing) -> str:
    return existing.call("get_document", Name=existing.id, DocumentVersion="$LATEST")["Content"]


def _document_tags(existing: Existing) -> Any:
    return existing.call("list_tags_for_resource", ResourceType="Document", ResourceId=existing.id)["TagList"]


READS: Mapping[str, Read] = {
    "aws:ssm/document:Document": Read(
        operation="describe_document",
        parameters={"Name": "id"},
        result="Document",
        named={"content": _content},
        tags=_document_tags,
        # moto tells no platforms.
        unread=("platformTypes",),
        defaults={"documentFormat": "JSON"},
    ),
    "aws:ssm/parameter:Parameter": Read(
        operation="get_parameter",
        parameters={"Name": "id"},
        constants={"WithDecryption": True},
        result="Parameter",
        named={
            "value": _value,
            "insecureValue": _insecure_value,
            "description": lambda existing: _described("Description")(existing) or "",
            "tier": _described("Tier"),
            "allowedPattern": _described("AllowedPattern"),
        },
        tags=_tags,
        secrets=frozenset({"value"}),
    ),
}
