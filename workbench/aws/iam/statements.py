"""IAM policy documents as statements by their ids, so that one can be changed and the others stay."""

import json
from collections.abc import Mapping
from typing import Any, cast

_VERSION = "2012-10-17"


def by_sid(document: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the statements of a policy document by their ids; those without one get their number for it."""
    given = json.loads(document)["Statement"]
    # A single one may stand there without a list around it ("Statement", IAM JSON policy elements).
    statements = cast(list[Mapping[str, Any]], given if isinstance(given, list) else [given])
    return {statement.get("Sid", f"#{number}"): statement for number, statement in enumerate(statements, 1)}


def policy_document(statements: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a policy document of these statements."""
    return json.dumps({"Version": _VERSION, "Statement": list(statements.values())})
