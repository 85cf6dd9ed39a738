"""The stand-in of AWS's command line on a simulated host, which asks the embedded AWS.

Operations and parameters are found by botocore's own model, so that what a host asks of AWS is checked here as well.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import jmespath
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from workbench.sandbox.clients import Clients
from workbench.sandbox.ssm.host.systemd import Answer

_REFUSED = 254
"""AWS CLI User Guide, "Understand return codes from the AWS CLI"."""
_MISUSED = 252
_ENDED = 255
_COMMON = frozenset({"region", "query", "output", "cli-read-timeout", "cli-connect-timeout"})
_FLAGS = frozenset({"only-show-errors", "quiet", "no-progress", "no-cli-pager"})


class AwsCli:
    """AWS's command line, as one host calls it."""

    def __init__(self, clients: Clients, region: str) -> None:
        self._clients = clients
        self._region = region

    def run(self, words: Sequence[str]) -> Answer:
        """Answer ``aws``."""
        positional, options = _parsed(words)
        region = _one(options.get("region")) or self._region
        try:
            service, operation, *rest = positional
            client = self._clients.get("s3" if service == "s3api" else service, region)
            if service == "s3" and operation == "cp":
                return self._copy(client, *rest)
            if operation == "wait":
                client.get_waiter(xform_name(_camel(rest[0]))).wait(**self._parameters(client, rest[0], options))
                return 0, "", ""
            answer = getattr(client, operation.replace("-", "_"))(**self._parameters(client, operation, options))
            if service == "s3api" and rest:
                Path(rest[0]).write_bytes(answer.pop("Body").read())
        except ClientError as error:
            return _REFUSED, "", f"\nAn error occurred {_told(error)}\n"
        except WaiterError as error:
            return _ENDED, "", f"\n{error}\n"
        except (BotoCoreError, ValueError, KeyError, AttributeError, OSError) as error:
            return _MISUSED, "", f"aws {' '.join(positional[:2])}: {error}\n"
        answer.pop("ResponseMetadata", None)
        return 0, _printed(answer, _one(options.get("query")), _one(options.get("output"))), ""

    def _copy(self, client: Any, source: str, target: str) -> Answer:
        if target.startswith("s3://"):
            bucket, _, key = target.removeprefix("s3://").partition("/")
            client.put_object(Bucket=bucket, Key=key, Body=Path(source).read_bytes(), ChecksumAlgorithm="SHA256")
            return 0, "", ""
        bucket, _, key = source.removeprefix("s3://").partition("/")
        if not source.startswith("s3://"):
            raise ValueError("a copy to S3, or from it, is known to the embedded AWS's hosts")
        content = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        if target == "-":
            return 0, content.decode(), ""
        Path(target).write_bytes(content)
        return 0, "", ""

    def _parameters(self, client: Any, operation: str, options: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        meta = client.meta
        name = meta.method_to_api_mapping.get(operation.replace("-", "_"))
        # A waiter's name is no operation's; its parameters are those of one that describes the same.
        shape = None if name is None else meta.service_model.operation_model(name).input_shape
        members: Mapping[str, Any] = {} if shape is None else shape.members
        by_word = {xform_name(member, "-"): member for member in members}
        found: dict[str, Any] = {}
        for word, values in options.items():
            if word in _COMMON or word in _FLAGS:
                continue
            if name is None:
                found[_camel(word).replace("Db", "DB")] = values[0]
                continue
            if word not in by_word:
                raise ValueError(f"--{word}: unknown option")
            member = by_word[word]
            found[member] = _value(members[member], values)
        return found


def _parsed(words: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    positional: list[str] = []
    options: dict[str, list[str]] = {}
    name: str | None = None
    for word in words:
        if word.startswith("--"):
            name, _, value = word[2:].partition("=")
            options[name] = [value] if value else []
            name = None if value or name in _FLAGS else name
        elif name is not None and not (options[name] and name in _COMMON):
            options[name].append(word)
            if name in _COMMON or len(positional) < 2:
                name = None
        else:
            positional.append(word)
    return positional, options


def _value(shape: Any, values: Sequence[str]) -> Any:
    if shape.type_name == "list":
        if values[0].startswith("["):
            return json.loads(values[0])
        return [json.loads(value) if value.startswith("{") else value for value in values]
    if shape.type_name in {"structure", "map"}:
        return json.loads(values[0])
    if shape.type_name in {"integer", "long"}:
        return int(values[0])
    if shape.type_name == "boolean":
        return not values or values[0] == "true"
    return values[0]


def _one(values: Sequence[str] | None) -> str | None:
    return values[0] if values else None


def _camel(words: str) -> str:
    return "".join(word.capitalize() for word in words.split("-"))


def _told(error: ClientError) -> str:
    told = error.response.get("Error", {})
    return f"({told.get('Code')}) when calling the {error.operation_name} operation: {told.get('Message')}"


def _printed(answer: Any, query: str | None, output: str | None) -> str:
    found: Any = answer if query is None else jmespath.search(query, answer)
    if output == "text":
        values = cast("list[Any]", found) if isinstance(found, list) else [found]
        return "\t".join("None" if value is None else str(value) for value in values) + "\n"
    return json.dumps(found, indent=4, default=str) + "\n"
