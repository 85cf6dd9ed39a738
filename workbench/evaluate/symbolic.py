"""The backend of ``plan``: nothing is made, and every output is a placeholder such as ``${aurora.endpoint}``."""

import base64
import functools
import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pulumi

from workbench.evaluate import secret_values
from workbench.evaluate.backend import Created, Invocation, Registration
from workbench.evaluate.look_ups import look_up
from workbench.evaluate.shapes import Property, input_names, module_of, properties, sdk_class
from workbench.placeholders import placeholder

_SECRET_OUTPUTS: Mapping[str, frozenset[str]] = {
    "random:index/randomPassword:RandomPassword": frozenset({"result", "bcryptHash"}),
    "random:index/randomBytes:RandomBytes": frozenset({"base64", "hex"}),
}
"""Outputs that the providers' schemas mark as secret."""


def _domain_validation_options(registration: Registration, of: Callable[[str], str]) -> list[dict[str, str]]:
    inputs = registration.inputs

    def of_domain(name: str, output: str) -> str:
        # ACM validates x and *.x through one and the same record, so the placeholder must be the same for both.
        return of(f"domainValidationOptions[{name.removeprefix('*.')}].{output}")

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
        "base64": lambda registration, _: key_stand_in(registration.name),
    },
    # The keys are the service's own ("GraphqlApi", AppSync API reference).
    "aws:appsync/graphQLApi:GraphQLApi": {
        "uris": lambda _, of: {kind: of(f"uris[{kind}]") for kind in ("GRAPHQL", "REALTIME")},
    },
    # A delegation set has four ("CreateHostedZone", Route 53 API reference).
    "aws:route53/zone:Zone": {
        "nameServers": lambda _, of: [of(f"nameServers[{position}]") for position in range(4)],
    },
}
"""Outputs that the program looks into, where a placeholder text would not do."""

_STAND_INS: Mapping[str, Callable[[Registration, Callable[[str], str]], Mapping[str, str]]] = {
    "random:index/randomBytes:RandomBytes": lambda registration, of: _key_texts(key_stand_in(registration.name), of),
}
"""Of types whose outputs are computed with: each text that comes of it, and its placeholder."""


def key_stand_in(name: str) -> str:
    """Return 32 bytes in base64 that stand for random ones: of the right shape, and each resource's own."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


def _key_texts(seed: str, of: Callable[[str], str]) -> Mapping[str, str]:
    """Return what a WireGuard key pair is made of: the seed, the private key clamped from it, and the public one."""
    # Whoever derives keys has imported it already; for others a plan would pay for it.
    if "cryptography.hazmat.primitives.asymmetric.x25519" not in sys.modules:
        return {seed: of("base64")}
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: PLC0415

    scalar = bytearray(base64.b64decode(seed))
    # RFC 7748, section 5.
    scalar[0] &= 0b1111_1000
    scalar[31] = scalar[31] & 0b0111_1111 | 0b0100_0000
    public = X25519PrivateKey.from_private_bytes(bytes(scalar)).public_key().public_bytes_raw()
    return {
        seed: of("base64"),
        base64.b64encode(scalar).decode(): of("privateKey"),
        base64.b64encode(public).decode(): of("publicKey"),
    }


class UnknownTypeError(Exception):
    """The program registered a type that the evaluation does not know."""


class SymbolicBackend:
    """Answers every resource type and function of the installed SDKs with placeholders, in the shape of their types."""

    def __init__(self) -> None:
        self._parameters: dict[str, str] = {}
        """The values of the parameters that the program makes, by name."""

    def create(self, registration: Registration) -> Created:
        """Return ``${name.id}`` and a placeholder for every output; those that are looked into come from a table."""

        def of(output: str) -> str:
            return placeholder(registration.name, output)

        if registration.type == _PARAMETER and "name" in registration.inputs:
            self._parameters[registration.inputs["name"]] = registration.inputs.get("value", "")
        structured = _STRUCTURED_OUTPUTS.get(registration.type, {})
        found = _outputs(registration.type)
        outputs: dict[str, Any] = {output: of(output) for output in found.scalars if output not in registration.inputs}
        outputs |= {
            shape.name: shape.shaped(f"{registration.name}.{shape.name}", numbers=False) for shape in found.shapes
        }
        outputs |= {output: make(registration, of) for output, make in structured.items()}
        stand_ins = _STAND_INS.get(registration.type)
        return Created(
            id=registration.read_id or of("id"),
            outputs=outputs,
            secret_outputs=_SECRET_OUTPUTS.get(registration.type, frozenset()),
            stand_ins=stand_ins(registration, of) if stand_ins is not None else {},
        )

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        """Return the function's result, with placeholders for what only AWS knows."""
        name = invocation.args.get("name")
        if invocation.token != _GET_PARAMETER or name not in self._parameters:
            return look_up(invocation)
        # The provider says of every value that it is secret, and this one may be.
        value = secret_values.wrap(self._parameters[name])
        return {"id": name, "name": name, "arn": f"${{parameter {name}.arn}}", "type": "String", "value": value}


_PARAMETER = "aws:ssm/parameter:Parameter"
_GET_PARAMETER = "aws:ssm/getParameter:getParameter"


class _Outputs(NamedTuple):
    """The outputs of a resource type, by the SDK's class."""

    scalars: Sequence[str]
    """The provider's names of texts and numbers, which its provider sets where the program does not."""
    shapes: Sequence[Property]
    """The lists and objects that only its provider sets."""


@functools.cache
def _outputs(type_token: str) -> _Outputs:
    """Return the outputs of a resource type, read off the SDK's class.

    Raises:
        UnknownTypeError: for a type that no installed SDK has.
    """
    package = type_token.partition(":")[0]
    if package == "pulumi":
        return _Outputs((), ())
    if type_token in _TYPES_WITHOUT_CLASS:
        return _Outputs(_TYPES_WITHOUT_CLASS[type_token], ())
    if package == "pulumi-python":
        return _Outputs([found.name for of in _subclasses(pulumi.dynamic.Resource) for found in _annotated(of)], ())
    resource_class = sdk_class(type_token, type_token.rpartition(":")[2]) or _loaded_class(type_token)
    if resource_class is None:
        name = type_token.rpartition(":")[2]
        raise UnknownTypeError(f"{type_token}: no resource class {name} in {module_of(type_token)}")
    found = list(properties(resource_class))
    inputs = input_names(resource_class)
    return _Outputs(
        [each.name for each in found if each.is_text or each.is_number],
        [each for each in found if not each.is_text and not each.is_number and each.name not in inputs],
    )


_TYPES_WITHOUT_CLASS: Mapping[str, tuple[str, ...]] = {
    # Importing pulumi_cloudflare takes over a second; zelly_components does without it, and so does this.
    "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls": (),
    "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate": ("expiresOn",),
    "cloudflare:index/authenticatedOriginPullsHostnameCertificate:AuthenticatedOriginPullsHostnameCertificate": (
        "expiresOn",
    ),
    "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings": (),
    "cloudflare:index/dnsRecord:DnsRecord": ("createdOn", "modifiedOn"),
    "cloudflare:index/originCaCertificate:OriginCaCertificate": ("certificate", "expiresOn"),
    "cloudflare:index/ruleset:Ruleset": ("lastUpdated", "version"),
    "cloudflare:index/workersRoute:WorkersRoute": (),
    "cloudflare:index/workersScript:WorkersScript": ("etag", "modifiedOn"),
    "cloudflare:index/zoneDnssec:ZoneDnssec": ("digest", "ds", "publicKey"),
    "cloudflare:index/zoneSetting:ZoneSetting": ("modifiedOn",),
}


def _loaded_class(type_token: str) -> type | None:
    """Return the class that the program registered a resource with, wherever its SDK keeps it."""
    return next((of for of in _subclasses(pulumi.CustomResource) if vars(of).get("pulumi_type") == type_token), None)


def _subclasses(of: type) -> Iterator[type]:
    for each in of.__subclasses__():
        yield each
        yield from _subclasses(each)


def _annotated(of: type) -> Iterator[Property]:
    """Yield the outputs that a dynamic resource's class declares by annotations."""
    for name, hint in vars(of).get("__annotations__", {}).items():
        if "Output" in f"{hint}":
            yield Property(name=name, hint=str)
