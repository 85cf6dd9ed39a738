"""The backend of ``zelly plan``: nothing is made, and every output is a placeholder such as ``${aurora.endpoint}``."""

import base64
import functools
import hashlib
import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, cast, get_args, get_type_hints

import pulumi

from workbench.evaluate.backend import Created, Invocation, Registration

_SECRET_OUTPUTS: Mapping[str, frozenset[str]] = {
    "random:index/randomPassword:RandomPassword": frozenset({"result", "bcryptHash"}),
    "random:index/randomBytes:RandomBytes": frozenset({"base64", "hex"}),
}
"""Outputs that the providers' schemas mark as secret."""


def _domain_validation_options(registration: Registration, placeholder: Callable[[str], str]) -> list[dict[str, str]]:
    inputs = registration.inputs

    def of_domain(name: str, output: str) -> str:
        # ACM validates x and *.x through one and the same record, so the placeholder must be the same for both.
        return placeholder(f"domainValidationOptions[{name.removeprefix('*.')}].{output}")

    names = [inputs["domainName"], *inputs.get("subjectAlternativeNames", [])]
    return [
        {
            "domainName": name,
            "resourceRecordName": of_domain(name, "resourceRecordName"),
            "resourceRecordType": "CNAME",
            "resourceRecordValue": of_domain(name, "resourceRecordValue"),
        }
        for name in dict.fromkeys(names)
    ]


_STRUCTURED_OUTPUTS: Mapping[str, Mapping[str, Callable[[Registration, Callable[[str], str]], Any]]] = {
    "aws:acm/certificate:Certificate": {"domainValidationOptions": _domain_validation_options},
    "random:index/randomBytes:RandomBytes": {
        "base64": lambda registration, _placeholder: key_stand_in(registration.name),
    },
}
"""Outputs that the program looks into, where a placeholder text would not do."""

_STAND_INS: Mapping[str, Callable[[Registration, Callable[[str], str]], Mapping[str, str]]] = {
    "random:index/randomBytes:RandomBytes": lambda registration, placeholder: _key_texts(
        key_stand_in(registration.name), placeholder
    ),
}
"""Of types whose outputs are computed with: each text that comes of it, and its placeholder."""


def key_stand_in(name: str) -> str:
    """Return 32 bytes in base64 that stand for random ones: of the right shape, and each resource's own."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


def _key_texts(seed: str, placeholder: Callable[[str], str]) -> Mapping[str, str]:
    """Return what a WireGuard key pair is made of: the seed, the private key clamped from it, and the public one."""
    # Whoever derives keys has imported it already; for others a plan would pay for it.
    if "cryptography.hazmat.primitives.asymmetric.x25519" not in sys.modules:
        return {seed: placeholder("base64")}
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: PLC0415

    scalar = bytearray(base64.b64decode(seed))
    # RFC 7748, section 5.
    scalar[0] &= 0b1111_1000
    scalar[31] = scalar[31] & 0b0111_1111 | 0b0100_0000
    public = X25519PrivateKey.from_private_bytes(bytes(scalar)).public_key().public_bytes_raw()
    return {
        seed: placeholder("base64"),
        base64.b64encode(scalar).decode(): placeholder("privateKey"),
        base64.b64encode(public).decode(): placeholder("publicKey"),
    }


_INVOKES: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "aws:ssm/getParameter:getParameter": lambda args: {"value": "{}", "arn": f"${{parameter {args['name']}.arn}}"},
    "aws:ecr/getRepository:getRepository": lambda args: {
        "arn": f"${{repository {args['name']}.arn}}",
        "repositoryUrl": f"${{repository {args['name']}.repositoryUrl}}",
    },
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": lambda args: {
        "arn": f"${{openid-connect-provider {args['url']}.arn}}"
    },
    "aws:iam/getRole:getRole": lambda args: {"arn": f"${{role {args['name']}.arn}}"},
    "aws:index/getCallerIdentity:getCallerIdentity": lambda _: {"accountId": "${account}", "arn": "${caller.arn}"},
    "aws:ec2/getPrefixList:getPrefixList": lambda args: {"id": f"${{prefix-list {args.get('name')}.id}}"},
}


class UnknownTypeError(Exception):
    """The program registered a type, or called a function, that the evaluation does not know."""


class SymbolicBackend:
    """Answers every resource type of the installed SDKs with placeholders, read off the type's output properties."""

    def create(self, registration: Registration) -> Created:
        """Return ``${name.id}`` and a placeholder for every text output; structured ones come from a table."""

        def placeholder(output: str) -> str:
            return f"${{{registration.name}.{output}}}"

        structured = _STRUCTURED_OUTPUTS.get(registration.type, {})
        outputs: dict[str, Any] = {
            output: placeholder(output)
            for output in _text_outputs(registration.type)
            if output not in registration.inputs
        }
        outputs |= {output: make(registration, placeholder) for output, make in structured.items()}
        stand_ins = _STAND_INS.get(registration.type)
        return Created(
            id=registration.read_id or placeholder("id"),
            outputs=outputs,
            secret_outputs=_SECRET_OUTPUTS.get(registration.type, frozenset()),
            stand_ins=stand_ins(registration, placeholder) if stand_ins is not None else {},
        )

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        """Return placeholders for the few functions that the program calls."""
        if invocation.token not in _INVOKES:
            raise UnknownTypeError(f"{invocation.token}: no symbolic answer; known are {', '.join(sorted(_INVOKES))}")
        return {"id": invocation.token, **_INVOKES[invocation.token](invocation.args)}


@functools.cache
def _text_outputs(type_token: str) -> tuple[str, ...]:
    """Return the provider names of a resource type's text outputs, read off the SDK's class.

    Raises:
        UnknownTypeError: for a type that no installed SDK has.
    """
    package, module, class_name = type_token.split(":")
    if package == "pulumi":
        return ()
    if type_token in _TYPES_WITHOUT_CLASS:
        return _TYPES_WITHOUT_CLASS[type_token]
    sdk = f"pulumi_{package}" if module.startswith("index/") else f"pulumi_{package}.{module.split('/')[0]}"
    try:
        resource_class: type = getattr(importlib.import_module(sdk), class_name)
    except (ImportError, AttributeError) as error:
        raise UnknownTypeError(f"{type_token}: no resource class {class_name} in {sdk}") from error
    attributes: Mapping[str, object] = vars(resource_class)
    return tuple(
        provider_name
        for attribute in attributes.values()
        if isinstance(attribute, property) and (provider_name := _text_property(attribute)) is not None
    )


_TYPES_WITHOUT_CLASS: Mapping[str, tuple[str, ...]] = {
    # Importing pulumi_cloudflare takes over a second; zelly_components.dns_record does without it, and so does this.
    "cloudflare:index/dnsRecord:DnsRecord": ("createdOn", "modifiedOn"),
}


def _text_property(attribute: property) -> str | None:
    getter = cast(Callable[..., Any], attribute.fget)
    hint = get_type_hints(getter).get("return")
    if hint is None or pulumi.Output not in (hint, getattr(hint, "__origin__", None)):
        return None
    value_types = get_args(get_args(hint)[0]) or get_args(hint)
    if str not in value_types:
        return None
    return cast(str, getattr(getter, "_pulumi_name", attribute.fget.__name__ if attribute.fget else ""))
