"""The rules as policies of a Pulumi policy pack.

A rule that needs one resource becomes a resource policy, which the engine asks before it makes the resource; one that
needs what stands round it becomes a stack policy, which it asks when the program has declared everything. Exceptions
count as in ``plan``. Only ``plan`` refuses an exception that excepts nothing, since it sees all findings at once.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pulumi_policy
import pulumi_policy.policy as servicer
from pulumi_policy.proxy import UnknownValueError

from workbench.providers.replacement import rules as replacement_rules
from workbench.review.rules.exceptions import RuleException
from workbench.review.rules.model import UNKNOWN, Resource, Rule, Stack, is_of_types

_GUIDE = "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html"


def decode_once() -> None:
    """Let the SDK decode each resource once; ``Analyze`` of pulumi-policy does it anew for every policy.

    With the 120 rules that is most of what a preview with the pack takes. Nothing that a policy is given is changed by
    one, since none of them is a remediation. A pack's process ends with its preview, and what was decoded with it.
    """
    names: Any = servicer
    names.json_format = SimpleNamespace(MessageToDict=_once(names.json_format.MessageToDict))
    names.deserialize_properties = _once(names.deserialize_properties)
    names.unknown_checking_proxy = _once(names.unknown_checking_proxy)


def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that answers the same for the same object: none of those given to it can be hashed."""
    answers: dict[int, tuple[Any, Any]] = {}

    def answer(given: Any, *others: Any) -> Any:
        if others:
            return function(given, *others)
        # With the answer the object is kept, so that no other gets its id.
        if id(given) not in answers:
            answers[id(given)] = given, function(given)
        return answers[id(given)][1]

    return answer


def policies(
    rules: Iterable[Rule], exceptions: Sequence[RuleException], values_by_stack: Mapping[str, Mapping[str, Any]]
) -> list[pulumi_policy.Policy]:
    """Return a policy for each rule, with the rule's id as its name.

    ``values_by_stack`` is what each stack's file says: an exception may be for those that say something.
    """
    today = datetime.now(UTC).date()
    holding = [exception for exception in exceptions if not exception.expired(today)]
    return [_policy(rule, holding, values_by_stack) for rule in rules]


def _policy(
    rule: Rule, exceptions: Sequence[RuleException], values_by_stack: Mapping[str, Mapping[str, Any]]
) -> pulumi_policy.Policy:
    about: dict[str, Any] = {
        "name": rule.id,
        "description": f"{rule.title} ({', '.join(rule.controls) or 'this platform'}).",
        "severity": pulumi_policy.Severity(rule.severity.value),
        "remediation_steps": rule.remediation,
        "url": _GUIDE if rule.controls else None,
    }

    def report(stack: Stack, report_violation: pulumi_policy.ReportViolation) -> None:
        concerned = [each for each in exceptions if each.concerns(stack.name, values_by_stack.get(stack.name, {}))]
        for urn, name, message in _violations(stack, rule):
            if not any(each.covers(rule=rule.id, name=name) for each in concerned):
                report_violation(f"{name}: {message}. {rule.remediation}", urn)

    if rule.check_in_stack is None:

        def validate(args: pulumi_policy.ResourceValidationArgs, violation: pulumi_policy.ReportViolation) -> None:
            # Most rules are about other types, and need no view of it.
            if is_of_types(args.resource_type, rule.types):
                report(_stack_of([_resource(args, ())]), violation)

        return pulumi_policy.ResourceValidationPolicy(validate=validate, **about)

    def validate_stack(args: pulumi_policy.StackValidationArgs, violation: pulumi_policy.ReportViolation) -> None:
        report(_stack_of([_resource(each, each.dependencies) for each in args.resources]), violation)

    return pulumi_policy.StackValidationPolicy(validate=validate_stack, **about)


def _violations(stack: Stack, rule: Rule) -> Iterable[tuple[str, str, str]]:
    for resource in stack.of_types(rule.types):
        for message in rule.messages(resource, stack):
            yield resource.urn, resource.name, message


def _stack_of(resources: Sequence[Resource]) -> Stack:
    name = resources[0].urn.split("::")[0].removeprefix("urn:pulumi:") if resources else ""
    return Stack(name=name, resources=resources)


def _resource(
    given: "pulumi_policy.ResourceValidationArgs | pulumi_policy.PolicyResource",
    dependencies: Sequence[pulumi_policy.PolicyResource],
) -> Resource:
    return Resource(
        type=given.resource_type,
        name=given.name,
        urn=given.urn,
        properties=_programs(given.resource_type, given.name, _known(given.props)),
        depends_on=frozenset(each.urn for each in dependencies),
        protect=given.opts.protect,
        delete_before_replace=given.opts.delete_before_replace or False,
        provider=given.provider.urn if given.provider is not None else "",
    )


def _programs(type_token: str, name: str, properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties that the program gives.

    A name that the provider made stands among them, and the engine keeps from policies how it came there (``Analyze``
    in ``sdk/go/common/resource/plugin/analyzer_plugin.go``, ``SkipInternalKeys``): its form tells.
    """
    rule = replacement_rules().get(type_token)
    own_name = None if rule is None else rule.autonamed_property
    form = re.compile(f"{re.escape(name)}-[0-9a-f]{{7}}", re.IGNORECASE)
    return {key: value for key, value in properties.items() if key != own_name or not form.fullmatch(f"{value}")}


def _known(structure: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values, with :data:`UNKNOWN` for each that only a deployment can tell.

    The SDK hands out structures that raise where such a value is read, which would end a rule at the first.
    """
    return {key: _member(structure, key) for key in structure}


def _member(structure: Any, key: Any) -> Any:
    try:
        value = structure[key]
    except UnknownValueError:
        return UNKNOWN
    if isinstance(value, Mapping):
        return _known(cast(Mapping[str, Any], value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_member(value, position) for position in range(len(cast(Sequence[Any], value)))]
    return int(value) if isinstance(value, float) and value.is_integer() else value
