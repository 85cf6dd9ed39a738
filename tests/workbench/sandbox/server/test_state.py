"""What the sandbox remembers stands in its own state, and on none of moto's objects."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import workbench.sandbox
from workbench.sandbox.server.application import SupplementedMoto
from workbench.sandbox.server.state import change, kept, reset

_ROOM = Path(workbench.sandbox.__file__).parent


def assignments() -> Iterator[str]:
    """Return every assignment to an attribute in what runs beside moto."""
    for path in sorted(
        [*_ROOM.glob("*/supplement.py"), *_ROOM.glob("*/simulation/**/*.py"), *_ROOM.glob("server/*.py")]
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
                for attribute in (found for target in targets if target is not None for found in ast.walk(target)):
                    if isinstance(attribute, ast.Attribute) and isinstance(attribute.ctx, ast.Store):
                        yield f"{path.relative_to(_ROOM)}: {ast.unparse(attribute)}"


def test_no_attribute_of_motos_objects_is_assigned_to() -> None:
    own = ("self.", "remembered.", "standing.", "course.", "course_of(task).", "tasks.course_of(task).")
    found = [each for each in assignments() if not each.partition(": ")[2].startswith(own)]
    # Two functions of moto's do something else here: bucket policies are not enforced, and no message leaves the
    # machine. What makes a start quick are names of modules, none of which any state hangs on.
    assert found == [
        "iam/supplement.py: models.PARTITION_NAMES",
        "s3/supplement.py: FakeBucket.get_permission",
        "server/process.py: botocore.session.create_loader",
        "server/process.py: moto.core.utils.create_loader",
        "sns/supplement.py: subscription.publish",
    ]


def test_field_that_moto_does_not_have_is_refused() -> None:
    record = SimpleNamespace(size=1)
    change(record, size=2)
    with pytest.raises(AttributeError, match="colour"):
        change(record, colour="red")
    assert vars(record) == {"size": 2}


def test_what_is_remembered_is_forgotten_when_moto_is_told_to_forget() -> None:
    def moto(_: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [b"{}"]

    application = SupplementedMoto(moto, (), account_id="1")
    kept("1", "eu-west-1", "ecs", "courses")["arn"] = "life"
    request = {"REQUEST_METHOD": "GET", "PATH_INFO": "/moto-api/reset"}
    application(request, lambda *_: None)
    assert kept("1", "eu-west-1", "ecs", "courses") == {"arn": "life"}
    application({**request, "REQUEST_METHOD": "POST"}, lambda *_: None)
    assert kept("1", "eu-west-1", "ecs", "courses") == {}
    reset()
