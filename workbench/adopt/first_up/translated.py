"""The state's side of a pair in the program's own words, so that both compare as two plans of one program do."""

import copy
import json
from collections.abc import Mapping
from typing import Any, cast

from workbench.adopt.first_up.input_only import is_never_read
from workbench.adopt.first_up.known import Known
from workbench.adopt.first_up.left_out import left_out
from workbench.adopt.first_up.same import is_empty, same
from workbench.adopt.model import Pair
from workbench.providers.replacement import rules
from workbench.review.plan_document import PlannedResource

Inputs = Mapping[str, Any]

_ABSENT = object()

_EXACT = frozenset({("aws:secretsmanager/secretVersion:SecretVersion", "secretString")})
"""Texts that the provider compares letter by letter, although they hold JSON: written otherwise is a new version."""

_OF_NAMES = frozenset({"cloudflare:index/dnsRecord:DnsRecord", "aws:acm/certificateValidation:CertificateValidation"})
"""Types of which some values are host names that another resource gives."""

_CERTIFICATE = "aws:acm/certificate:Certificate"


def autonamed(resource: PlannedResource) -> str | None:
    """Return the property that the program leaves for Pulumi to name; None where it names the resource itself.

    A prefix that is ignored is none: Pulumi then names as if it were not given.
    """
    rule = rules().get(resource.type)
    name = None if rule is None else rule.autonamed_property
    if name is None or name in resource.inputs:
        return None
    prefix = f"{name}Prefix"
    return None if prefix in resource.inputs and prefix not in resource.ignore_changes else name


def wanted_inputs(resource: PlannedResource, plain: Inputs, provider: PlannedResource | None) -> dict[str, Any]:
    """Return what the program wants of a resource, with what its provider and Pulumi add."""
    wanted: dict[str, Any] = {**left_out(resource.type).given_by_pulumi, **plain}
    defaults = default_tags(provider)
    if defaults and ("tags" in wanted or left_out(resource.type).has_input("tags")):
        wanted["tags"] = {**defaults, **wanted.get("tags", {})}
    return wanted


def found_inputs(pair: Pair, wanted: Inputs, known: Known) -> dict[str, Any]:
    """Return what the state has of a resource, each value that is the program's written as the program writes it."""
    if pair.resource.type.startswith("random:"):
        # They are imported with the program's settings and the state's value, so that nothing is generated anew.
        return copy.deepcopy(dict(wanted))
    state, type_token = _properties(pair), pair.resource.type
    given = {name: _given(type_token, name, value, known, state) for name, value in wanted.items()}
    found = {name: value for name, value in given.items() if value is not _ABSENT}
    own_name = autonamed(pair.resource)
    for name, value in state.items():
        if name not in wanted and name != own_name and _is_taken_away(type_token, name, value):
            found[name] = value
    return found


def _given(type_token: str, name: str, value: Any, known: Known, state: Inputs) -> Any:
    """Return what the state has of an input that the program gives; ``_ABSENT`` where that is nothing."""
    if _is_as_wanted(type_token, name, value, state):
        return copy.deepcopy(value)
    if is_never_read(type_token, name) or is_empty(state.get(name)):
        return _ABSENT
    filled = known.filled(value)
    if (type_token, name) in _EXACT:
        return value if filled == state[name] else state[name]
    if type_token in _OF_NAMES:
        filled = _without_root(filled)
    return aligned(value, filled, state[name], own_keys=left_out(type_token).is_mapping(name))


def aligned(wanted: Any, filled: Any, found: Any, *, own_keys: bool = False) -> Any:
    """Return the state's value with whatever is the same as in the program written as there.

    What a structure of the state has beyond is the provider's default; with ``own_keys`` it is somebody's, such as a
    tag.
    """
    if same(filled, found) and not (own_keys and filled != found):
        return copy.deepcopy(wanted)
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        held = cast("Mapping[str, Any]", found)
        members = {
            name: aligned(value, filled[name], held[name])
            for name, value in cast("Mapping[str, Any]", wanted).items()
            if name in held and (not is_empty(held[name]) or is_empty(value))
        }
        return {**members, **({name: value for name, value in held.items() if name not in wanted} if own_keys else {})}
    if isinstance(wanted, list) and isinstance(found, list):
        return _aligned_lists(cast("list[Any]", wanted), cast("list[Any]", filled), cast("list[Any]", found))
    return found


def _aligned_lists(wanted: list[Any], filled: list[Any], found: list[Any]) -> list[Any]:
    """Put what is the same at the program's positions, and what is not at those that are left, in order."""
    rest = list(found)
    places: list[Any] = [None] * len(wanted)
    left: list[int] = []
    for position, value in enumerate(filled):
        match = next((at for at, other in enumerate(rest) if same(value, other)), None)
        if match is None:
            left.append(position)
        else:
            del rest[match]
            places[position] = copy.deepcopy(wanted[position])
    kept = [place for position, place in enumerate(places) if position not in left]
    if len(rest) < len(left):
        return [*kept, *rest]
    for position, other in zip(left, rest, strict=False):
        places[position] = aligned(wanted[position], filled[position], other)
    return [*places, *rest[len(left) :]]


def _properties(pair: Pair) -> dict[str, Any]:
    state = dict(pair.found.properties)
    if "tagsAll" in state or "tags" in state:
        # Terraform's provider has default tags of its own; what AWS has are all of them.
        state["tags"] = {**(state.get("tags") or {}), **(state.pop("tagsAll", None) or {})}
    if pair.resource.type == _CERTIFICATE:
        # The provider counts a certificate's own name among the alternative ones (from memory:
        # internal/service/acm/certificate.go).
        names: list[str] = state.get("subjectAlternativeNames") or []
        state["subjectAlternativeNames"] = [name for name in names if name != state.get("domainName")]
    return state


def _without_root(value: Any) -> Any:
    """Return names without the dot at their end, which ACM gives and Cloudflare does not keep."""
    if isinstance(value, list):
        return [_without_root(one) for one in cast("list[Any]", value)]
    return value.removesuffix(".") if isinstance(value, str) else value


def _is_as_wanted(type_token: str, name: str, value: Any, state: Inputs) -> bool:
    """Tell whether a value that the state does not tell is what AWS has: nothing, or the default.

    The state may be of an older schema without the input, and no import brings back some inputs.
    """
    if is_never_read(type_token, name) or name not in state:
        return is_empty(value) or left_out(type_token).is_default(name, value)
    return is_empty(value) and is_empty(state[name])


def _is_taken_away(type_token: str, name: str, value: Any) -> bool:
    rule, knowledge = rules().get(type_token), left_out(type_token)
    if rule is not None and name in rule.force_new and name not in rule.kept_when_removed:
        return not is_empty(value) and not knowledge.is_default(name, value)
    return knowledge.counts(name, value) and not is_never_read(type_token, name)


def default_tags(provider: PlannedResource | None) -> Mapping[str, str]:
    """Return the tags that a provider adds. A provider's structures travel as JSON."""
    given: Any = {} if provider is None else provider.inputs.get("defaultTags", {})
    held: Mapping[str, Any] = json.loads(given) if isinstance(given, str) else given
    return held.get("tags", {})
