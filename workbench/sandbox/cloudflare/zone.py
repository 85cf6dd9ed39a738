"""A zone's settings, rulesets, certificates and Workers, answered locally: no API of Cloudflare's is emulated."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workbench.sandbox.errors import SandboxError
from workbench.sandbox.making.making import Existing, Making
from workbench.sandbox.making.table import Irregular, Outputs, ResourceRow

_ID = re.compile("[0-9a-f]{32}")
_REFS = re.compile("[A-Za-z0-9_-]+")

_TERMS = (7, 30, 90, 365, 730, 1095, 5475)
"""The days that an Origin CA certificate may last ("Create certificate", Cloudflare API)."""

_KEPT = "the state, the only place where it stands"

Check = Callable[[Mapping[str, Any]], None]


def _checked(inputs: Mapping[str, Any], checks: Sequence[Check]) -> None:
    for name in ("zoneId", "accountId"):
        if name in inputs and _ID.fullmatch(inputs[name]) is None:
            raise SandboxError(f"input {name}: came {inputs[name]!r}; 32 hexadecimal digits are allowed")
    for check in checks:
        check(inputs)


def _kept(
    *handles: str,
    fixed: Sequence[str],
    checks: Sequence[Check] = (),
    outputs: Callable[[Making], Outputs] = lambda _: {},
    identifier: Callable[[Mapping[str, Any]], str] = lambda _: secrets.token_hex(16),
    import_id: str | None = "{zoneId}/{id}",
    secret_outputs: Sequence[str] = (),
    not_emulated: Sequence[str] = (),
) -> Irregular:
    """Return the row of a type that is kept in the recorded inputs alone; ``fixed`` inputs cannot change in place."""

    def make(making: Making) -> tuple[str, Outputs]:
        _checked(making.inputs, checks)
        return identifier(making.inputs), outputs(making)

    def change(existing: Existing, _: Any) -> None:
        _checked(existing.inputs, checks)

    return Irregular(
        make=make,
        service=None,
        handles=frozenset(handles),
        deleted_with=_KEPT,
        import_id=import_id,
        update={name: change for name in handles if name not in fixed},
        secret_outputs=frozenset(secret_outputs),
        not_emulated=tuple(not_emulated),
    )


def _rules_have_what_cloudflare_wants(inputs: Mapping[str, Any]) -> None:
    refs: list[str] = []
    for position, rule in enumerate(cast("list[Mapping[str, Any]]", inputs.get("rules", []))):
        for name in ("expression", "action"):
            if not rule.get(name):
                raise SandboxError(f"input rules[{position}].{name}: missing; every rule needs one")
        if (ref := rule.get("ref")) is not None:
            if _REFS.fullmatch(ref) is None or ref in refs:
                raise SandboxError(f"input rules[{position}].ref: came {ref!r}; allowed a name of its own")
            refs.append(ref)
        if rule["action"] == "execute" and _ID.fullmatch(rule.get("actionParameters", {}).get("id", "")) is None:
            raise SandboxError(f"input rules[{position}].actionParameters.id: allowed the id of a managed ruleset")


def _certificate(making: Making) -> Outputs:
    """Issue the certificate that is asked for, by an authority that exists for this one."""
    inputs = making.inputs
    request = _request(inputs["csr"])
    authority = ec.generate_private_key(ec.SECP256R1())
    start = datetime.now(UTC).replace(microsecond=0)
    end = start + timedelta(days=int(inputs.get("requestedValidity", 5475)))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Origin certificate of the embedded AWS")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Origin CA of the embedded AWS")]))
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in inputs["hostnames"]]), critical=False
        )
        .sign(authority, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return {"certificate": pem, "expiresOn": end.isoformat().replace("+00:00", "Z")}


def _request(csr: str) -> x509.CertificateSigningRequest:
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        is_signed = request.is_signature_valid
    except (ValueError, InvalidSignature):
        raise SandboxError("input csr: allowed a certificate request in PEM") from None
    if not is_signed:
        raise SandboxError("input csr: its signature is not its own key's")
    return request


def _term_is_allowed(inputs: Mapping[str, Any]) -> None:
    if inputs.get("requestedValidity", _TERMS[-1]) not in _TERMS:
        allowed = ", ".join(map(str, _TERMS))
        raise SandboxError(f"input requestedValidity: came {inputs['requestedValidity']}; allowed {allowed}")


def _key_fits_certificate(inputs: Mapping[str, Any]) -> None:
    # Neither is repeated: one of them is a private key.
    try:
        certificate = x509.load_pem_x509_certificate(inputs["certificate"].encode())
        key = serialization.load_pem_private_key(inputs["privateKey"].encode(), None)
    except (ValueError, TypeError):
        raise SandboxError("inputs certificate and privateKey: allowed one of each in PEM") from None
    if certificate.public_key() != key.public_key():
        raise SandboxError("input privateKey: it is not the certificate's")


def _ends(making: Making) -> Outputs:
    end = x509.load_pem_x509_certificate(making.inputs["certificate"].encode()).not_valid_after_utc
    return {"expiresOn": end.isoformat().replace("+00:00", "Z"), "status": "active"}


_PULLS_CERTIFICATE = _kept(
    "zoneId",
    "certificate",
    "privateKey",
    fixed=("zoneId", "certificate", "privateKey"),
    checks=(_key_fits_certificate,),
    outputs=_ends,
    secret_outputs=("privateKey",),
    not_emulated=("Client certificates are kept and shown to nobody: no request is ever made to an origin.",),
)

RESOURCES: Mapping[str, ResourceRow] = {
    "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls": _kept("zoneId", "configs", fixed=("zoneId",)),
    "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate": _PULLS_CERTIFICATE,
    (
        "cloudflare:index/authenticatedOriginPullsHostnameCertificate:AuthenticatedOriginPullsHostnameCertificate"
    ): _PULLS_CERTIFICATE,
    "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings": _kept(
        "zoneId",
        "enabled",
        fixed=("zoneId",),
        identifier=lambda inputs: inputs["zoneId"],
        import_id="{zoneId}",
    ),
    "cloudflare:index/originCaCertificate:OriginCaCertificate": _kept(
        "csr",
        "hostnames",
        "requestType",
        "requestedValidity",
        fixed=("csr", "hostnames", "requestType", "requestedValidity"),
        checks=(_term_is_allowed,),
        outputs=_certificate,
        import_id="{id}",
        not_emulated=("An origin certificate is issued by an authority that nobody trusts.",),
    ),
    "cloudflare:index/ruleset:Ruleset": _kept(
        "zoneId",
        "accountId",
        "kind",
        "phase",
        "name",
        "description",
        "rules",
        fixed=("zoneId", "accountId", "kind", "phase", "name"),
        checks=(_rules_have_what_cloudflare_wants,),
        import_id="zones/{zoneId}/{id}",
        not_emulated=(
            "Rules of a zone are kept and never evaluated; a second ruleset of a phase is not refused, as Cloudflare "
            "would.",
        ),
    ),
    "cloudflare:index/workersRoute:WorkersRoute": _kept("zoneId", "pattern", "script", fixed=("zoneId",)),
    "cloudflare:index/workersScript:WorkersScript": _kept(
        "accountId",
        "scriptName",
        "mainModule",
        "content",
        "compatibilityDate",
        "bindings",
        fixed=("accountId", "scriptName"),
        identifier=lambda inputs: inputs["scriptName"],
        import_id="{accountId}/{scriptName}",
        not_emulated=("A Worker's script is kept and never run.",),
    ),
    "cloudflare:index/zoneDnssec:ZoneDnssec": _kept(
        "zoneId", "status", fixed=("zoneId",), identifier=lambda inputs: inputs["zoneId"], import_id="{zoneId}"
    ),
    "cloudflare:index/zoneSetting:ZoneSetting": _kept(
        "zoneId",
        "settingId",
        "value",
        fixed=("zoneId", "settingId"),
        identifier=lambda inputs: inputs["settingId"],
        import_id="{zoneId}/{settingId}",
    ),
}
