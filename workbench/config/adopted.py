"""``adopted.STACK.yaml``: what of a live estate stays as it was made, although the program gives another value.

A resource that was there before the program may have a property that cannot be changed without making it anew, such as
a security group's description. The file beside the stack file names each such resource and its properties, with the
reason; the engine then ignores the program's value (the option ``ignoreChanges``).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from workbench.errors import OperatorError

if TYPE_CHECKING:
    from pulumi import ResourceTransformationArgs, ResourceTransformationResult


class Adopted(BaseModel):
    """One resource of which something stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    resource: str = Field(min_length=1)
    """The logical name."""
    properties: list[str] = Field(min_length=1)
    """Property paths in the provider's names: ``description``, ``tags.Name``."""
    reason: str = Field(min_length=20)
    """Why it stays; one sentence or more."""


def adopted_file(stack: str) -> str:
    """Return the name of a stack's file."""
    return f"adopted.{stack}.yaml"


def read_adopted(stack: str, root: Path) -> tuple[Adopted, ...]:
    """Return the entries of a stack's file; none where there is no file.

    Raises:
        OperatorError: with one line for everything that is wrong: which entry, what came, what is allowed.
    """
    path = root / adopted_file(stack)
    if not path.is_file():
        return ()
    found: list[Adopted] = []
    problems: list[str] = []
    for number, entry in enumerate(_entries(path), start=1):
        try:
            found.append(Adopted.model_validate(entry))
        except ValidationError as error:
            problems += [
                f"{path.name}: entry {number}: {'.'.join(f'{part}' for part in detail['loc'])}: {detail['msg']}"
                for detail in error.errors()
            ]
    names = [entry.resource for entry in found]
    problems += [
        f"{path.name}: {name}: there twice; one entry with all properties is required"
        for name in dict.fromkeys(name for name in names if names.count(name) > 1)
    ]
    if problems:
        raise OperatorError(*problems)
    return tuple(found)


def _entries(path: Path) -> Sequence[Any]:
    try:
        document: Any = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))  # pyright: ignore[reportUnknownMemberType]
    except UnicodeDecodeError:
        raise OperatorError(f"{path.name}: not UTF-8; text is required") from None
    except OSError as error:
        raise OperatorError(f"{path.name}: {error.strerror}; a file that can be read is required") from None
    except YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        where = "" if mark is None else f"line {mark.line + 1}: "
        raise OperatorError(f"{path.name}: {where}not YAML") from None
    if document is None:
        return ()
    if not isinstance(document, list):
        raise OperatorError(f"{path.name}: a list of entries with resource, properties and reason is required")
    return cast("list[Any]", document)


def keep_adopted(stack: str, root: Path) -> None:
    """Let the running program ignore what its stack's file names. To be called before the first resource is made.

    Raises:
        OperatorError: when the file has mistakes.
    """
    if entries := read_adopted(stack, root):
        # Commands read the file without Pulumi's SDK.
        from pulumi.runtime import register_stack_transformation  # noqa: PLC0415

        ignored = {entry.resource: entry.properties for entry in entries}
        register_stack_transformation(lambda args: _transformed(args, ignored))


def _transformed(
    args: "ResourceTransformationArgs", ignored: Mapping[str, Sequence[str]]
) -> "ResourceTransformationResult | None":
    from pulumi import CustomResource, ResourceOptions, ResourceTransformationResult  # noqa: PLC0415

    # A component may have the name of the resource in it.
    if args.name not in ignored or not isinstance(args.resource, CustomResource):
        return None
    kept = ResourceOptions(ignore_changes=list(ignored[args.name]))
    return ResourceTransformationResult(props=args.props, opts=ResourceOptions.merge(args.opts, kept))
