"""Found values as a patch of a stack file: YAML with the address that each came from."""

import io
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from workbench.adopt.stack_values.settings import Path, at, with_values
from workbench.adopt.stack_values.trials import Found, StackValues

_MOST_SOURCES = 3


def patch(config_key: str, values: Any, found: Sequence[Found]) -> str:
    """Return the YAML of the values below the structured key; of a list always the whole.

    ``values`` are those that the stack file has now.
    """
    whole = with_values(values, {one.path: one.value for one in found})
    root = CommentedMap()
    key = CommentedMap()
    root["config"] = CommentedMap({config_key: key})
    for one in found:
        path = _outside_of_lists(values, one.path)
        holder: Any = key
        for part in path[:-1]:
            holder = holder.setdefault(part, CommentedMap())
        holder[path[-1]] = at(whole, path)
        holder.yaml_add_eol_comment(_sources(one), path[-1])
    yaml: Any = YAML()
    yaml.width = 4096
    # Without it, null is written as nothing.
    yaml.representer.add_representer(type(None), _null)
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(root, stream)
    return stream.getvalue()


def _null(representer: Any, _value: None) -> Any:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


def values_as_json(stack_values: StackValues) -> dict[str, Any]:
    """Return what was found, and what the config cannot say, as a JSON object."""
    return {
        "values": [
            {
                "path": ".".join(one.path),
                "before": one.before,
                "value": one.value,
                "from": [difference.shown for difference in one.settles],
            }
            for one in stack_values.found
        ],
        "unsaid": [{"from": one.shown, "found": one.found, "wanted": one.wanted} for one in stack_values.unsaid],
        "refused": {".".join(path): line for path, line in stack_values.refused.items()},
    }


def _outside_of_lists(values: Any, path: Path) -> Path:
    for length in range(1, len(path)):
        if isinstance(at(values, path[:length]), list):
            return path[:length]
    return path


def _sources(found: Found) -> str:
    shown = [difference.shown for difference in found.settles[:_MOST_SOURCES]]
    more = len(found.settles) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
