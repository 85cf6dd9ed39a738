"""Values that come from a file or from standard input. No message here repeats a part of them."""

from collections.abc import Mapping
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from workbench.errors import OperatorError
from workbench.operations.secrets.values import kind

_FORM = '{secret: {KEY: "value"}} in YAML or JSON'


def one_value(content: bytes, source: str) -> str:
    """Return a text without the one newline that editors and ``echo`` put behind it.

    Raises:
        OperatorError: when it is not UTF-8.
    """
    text = _decoded(content, source)
    return text.removesuffix("\n").removesuffix("\r")


def all_values(content: bytes, source: str) -> Mapping[str, Mapping[str, str]]:
    """Return values by secret and key. JSON is read, too: it is YAML.

    Raises:
        OperatorError: when it is not of that form; a value that is a number or a date without quotes is refused, since
            YAML would have changed its text by then.
    """
    try:
        document: Any = YAML(typ="safe", pure=True).load(  # pyright: ignore[reportUnknownMemberType]
            _decoded(content, source)
        )
    except MarkedYAMLError as error:
        # Its own words may hold a value: those of a duplicate key do.
        details: Any = error
        mark = details.problem_mark or details.context_mark
        where = f" line {mark.line + 1}:" if mark is not None else ""
        what = "a key stands there twice" if type(error).__name__ == "DuplicateKeyError" else "not YAML"
        raise OperatorError(f"{source}:{where} {what}; required: {_FORM}") from None
    except YAMLError:
        raise OperatorError(f"{source}: not YAML; required: {_FORM}") from None
    return {secret: _values(source, secret, values) for secret, values in _mapping(source, document).items()}


def _decoded(content: bytes, source: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise OperatorError(f"{source}: byte {error.start + 1} is not UTF-8; text is required") from None


def _values(source: str, secret: str, values: object) -> Mapping[str, str]:
    checked: dict[str, str] = {}
    for key, value in _mapping(source, values).items():
        if not isinstance(value, str):
            came = "nothing" if value is None else kind(value)
            raise OperatorError(f"{source}: {secret}: {key}: came {came}; a text in quotes is required")
        checked[key] = value
    return checked


def _mapping(source: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict) or not value or not all(isinstance(key, str) for key in cast(dict[Any, Any], value)):
        raise OperatorError(f"{source}: required: {_FORM}")
    return cast(Mapping[str, object], value)
