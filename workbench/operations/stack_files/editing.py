"""Stack and usage files changed in place: values become others, comments and order stay."""

import io
import json
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from workbench.config.stack_file import parse_environment
from workbench.operations.stack_files.file_changes import FileChange, read_text
from workbench.program import Program

Values = MutableMapping[str, Any]


def _null(representer: Any, _value: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def _yaml() -> Any:
    yaml: Any = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    # Without it, null is written as nothing.
    yaml.representer.add_representer(type(None), _null)
    return yaml


Config = TypeVar("Config", bound=Any)


class EditedFile(Generic[Config]):
    """A YAML file of a program while it is changed."""

    def __init__(self, program: Program[Config], path: Path) -> None:
        self.path = path
        self._program = program
        self._before = read_text(path)
        self.document: Values = _yaml().load(self._before)

    @property
    def environment(self) -> Values:
        """A stack file's structured key."""
        return cast("Values", self.document["config"][self._program.config_key])

    @property
    def text(self) -> str:
        """The text with the edits made so far."""
        stream = io.StringIO()
        _yaml().dump(self.document, stream)
        return stream.getvalue()

    def change(self) -> FileChange:
        """Return what becomes of the file itself."""
        return FileChange(path=self.path, name=self.path.name, before=self._before, after=self.text)

    def checked(self, *, source: str | None = None) -> Config:
        """Return what a stack file says by now; ``source`` is its name if it gets another.

        Raises:
            OperatorError: with a line for each value that is wrong.
        """
        return parse_environment(self._program, json.dumps(plain(self.environment)), source=source or self.path.name)


def plain(value: Any) -> Any:
    """Return a value without what remembers its comments."""
    if isinstance(value, Mapping):
        return {str(key): plain(member) for key, member in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list):
        return [plain(member) for member in cast("list[Any]", value)]
    return str(value) if isinstance(value, str) else value


def append(mapping: Any, key: str, value: Any) -> None:
    """Put a key behind a mapping's last one, before the blank line and the comments that come after it."""
    holder, last = _end(mapping)
    tokens = holder.ca.items.get(last) if last is not None else None
    follows = tokens is not None and tokens[2] is not None and tokens[2].value.startswith("\n")
    if follows:
        del holder.ca.items[last]
    mapping[key] = CommentedMap(value) if isinstance(value, Mapping) else value
    if follows:
        holder, last = _end(mapping)
        holder.ca.items[last] = tokens


def _end(mapping: Any) -> tuple[Any, Any]:
    """Return the innermost mapping that ends with the outer one, and its last key."""
    last = next(reversed(mapping), None)
    inner = mapping[last] if last is not None else None
    is_block = hasattr(inner, "ca") and isinstance(inner, Mapping) and len(cast("Mapping[Any, Any]", inner)) > 0
    return _end(inner) if is_block else (mapping, last)
