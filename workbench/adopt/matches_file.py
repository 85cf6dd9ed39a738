"""``matches.STACK.yaml``: the pairs that a person confirms, one line each, because nothing proves them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from workbench.adopt.matching import Confirmed
from workbench.adopt.model import Ambiguity, Matching, Translated
from workbench.errors import OperatorError

_HEAD = (
    "# Pairs that nothing proves. A line is read once the # before it is gone; whoever takes it away says that",
    "# both are the same. The name is the program's, the address Terraform's.",
)


def file_name(stack: str) -> str:
    """Return the file's name."""
    return f"matches.{stack}.yaml"


def read_confirmed(path: Path) -> Sequence[Confirmed]:
    """Return the pairs in a file; none where there is no file.

    Raises:
        OperatorError: with file and line, when it is no mapping of names to addresses.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{path.name}: cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    document = _document(text, path.name)
    if document is None:
        return ()
    if not hasattr(document, "lc") or not hasattr(document, "items"):
        raise OperatorError(f"{path.name}:1: no mapping; lines of `name: address` are required")
    confirmed: list[Confirmed] = []
    for name, address in document.items():
        where = f"{path.name}:{document.lc.key(name)[0] + 1}"
        if not isinstance(name, str) or not isinstance(address, str):
            raise OperatorError(f"{where}: {name}: an address of Terraform's is required, as text")
        confirmed.append(Confirmed(name=name, address=str(address), where=where))
    return confirmed


def _document(text: str, name: str) -> Any:
    try:
        document: Any = YAML(typ="rt", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
    except MarkedYAMLError as error:
        details: Any = error
        mark = details.problem_mark or details.context_mark
        where = f"{name}:{mark.line + 1}" if mark is not None else name
        raise OperatorError(
            f"{where}: not YAML: {str(details.problem or details.context).partition(' with value')[0]}"
        ) from None
    except YAMLError as error:
        raise OperatorError(f"{name}: not YAML: {' '.join(str(error).split())}") from None
    return document


def matches_text(matching: Matching, confirmed: Sequence[Confirmed]) -> str:
    """Return the file: what is confirmed already, and each suggestion as a comment."""
    lines = list(_HEAD)
    if confirmed:
        lines += ["", *(f"{_quoted(each.name)}: {_quoted(each.address)}" for each in confirmed)]
    for ambiguity in matching.ambiguous:
        lines += ["", *_suggested(ambiguity)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _suggested(ambiguity: Ambiguity) -> list[str]:
    name = _quoted(ambiguity.resource.name)
    first, *others = ambiguity.candidates
    return [
        f"# {ambiguity.why}:",
        f"# {name}: {_quoted(_address(first))}",
        *(f"# or {name}: {_quoted(_address(other))}" for other in others),
    ]


def _address(item: Translated) -> str:
    return item.instance.part or item.instance.address


def _quoted(text: str) -> str:
    """Return a text as YAML has it: plain where that is read back as it is."""
    special = ": " in text or " #" in text or text[:1] in "@`!&*-?|>%'\"{}[],#" or text.endswith(":")
    return "'" + text.replace("'", "''") + "'" if special else text
