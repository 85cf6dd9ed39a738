"""This machine's own certificate authority, and what it signs: made once, made anew before it expires."""

import ssl
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from workbench.files import write_whole
from workbench.local_dev.model import AUTHORITY, CERTIFICATES, FOLDER, HOST, LocalPlatform

_FOLDER_MODE = 0o700
_FILE_MODE = 0o644
"""Servers in containers read their keys as users of their own; the folder keeps everybody else out."""

_AUTHORITY_DAYS = 3650
_SERVER_DAYS = 365
_RENEWED_DAYS = 30
"""How long before its end a certificate is made anew."""

_BUNDLES = (
    # Debian's and Ubuntu's, Fedora's, OpenSUSE's, Alpine's and macOS's file of the authorities that programs trust.
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


@dataclass(frozen=True, kw_only=True)
class _Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, kw_only=True)
class CertificatesPlan:
    """Which certificates are made, and why."""

    folder: str
    """Within the repository."""
    reasons: Mapping[str, str]
    """Why a certificate is made, by the name of its files; those that stay are not in it."""
    ends: Mapping[str, datetime]
    """The end of those that stay."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is made."""
        return not self.reasons

    @property
    def makes_authority(self) -> bool:
        """Whether the authority is made anew, so that whoever trusted it has to do so again."""
        return AUTHORITY in self.reasons

    def lines(self) -> list[str]:
        """Return what is going to happen, for the developer to read."""
        made = [f"{self.folder}/{name}.pem: is made ({reason})" for name, reason in self.reasons.items()]
        return made or [f"{self.folder}/: every certificate is there, until {min(self.ends.values()):%Y-%m-%d}."]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {"made": dict(self.reasons), "kept_until": {name: f"{end:%Y-%m-%d}" for name, end in self.ends.items()}}


def plan_certificates(platform: LocalPlatform, root: Path, at: datetime) -> CertificatesPlan:
    """Look at the certificates that are there: which are missing, about to expire, or do not fit."""
    folder = root / FOLDER / CERTIFICATES
    reasons: dict[str, str] = {}
    ends: dict[str, datetime] = {}
    authority = _read(folder, AUTHORITY)
    reason = _unfit(authority, at)
    for name in (AUTHORITY, *platform.certified):
        pair = authority if name == AUTHORITY else _read(folder, name)
        if name != AUTHORITY:
            reason = _unfit_for(name, pair, authority, at) or ("its authority is new" if AUTHORITY in reasons else None)
        if reason is not None or isinstance(pair, str):
            reasons[name] = reason or str(pair)
        else:
            ends[name] = pair.certificate.not_valid_after_utc
    return CertificatesPlan(folder=f"{FOLDER}/{CERTIFICATES}", reasons=reasons, ends=ends)


def _read(folder: Path, name: str) -> "_Pair | str":
    """Return a certificate with its key, or why there is none."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
        key = load_pem_private_key((folder / f"{name}.key").read_bytes(), password=None)
    except FileNotFoundError:
        return "missing"
    except (ValueError, TypeError, OSError):
        return "cannot be read"
    if not isinstance(key, ec.EllipticCurvePrivateKey) or _public(key.public_key()) != _public(
        certificate.public_key()  # pyright: ignore[reportArgumentType]
    ):
        return "its key is another one's"
    return _Pair(certificate=certificate, key=key)


def _public(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _unfit(pair: "_Pair | str", at: datetime) -> str | None:
    if isinstance(pair, str):
        return pair
    end = pair.certificate.not_valid_after_utc
    return f"ends on {end:%Y-%m-%d}" if end < at + timedelta(days=_RENEWED_DAYS) else None


def _unfit_for(name: str, pair: "_Pair | str", authority: "_Pair | str", at: datetime) -> str | None:
    if (reason := _unfit(pair, at)) is not None or isinstance(pair, str) or isinstance(authority, str):
        return reason
    try:
        pair.certificate.verify_directly_issued_by(authority.certificate)
        alternative = pair.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, ValueError, TypeError):
        return "another authority signed it"
    except x509.ExtensionNotFound:
        return "it has no name"
    return None if set(alternative) == set(_names(name)) else "it has other names"


def write_certificates(plan: CertificatesPlan, root: Path, at: datetime) -> None:
    """Make the certificates of a plan. What is half done is found by planning again.

    Raises:
        OSError: when a file cannot be written.
    """
    folder = root / FOLDER / CERTIFICATES
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(_FOLDER_MODE)
    if plan.makes_authority:
        _write(folder, AUTHORITY, _authority(root, at))
    authority = _read(folder, AUTHORITY)
    assert isinstance(authority, _Pair)  # noqa: S101 (it was planned as there, or made a moment ago)
    for name in plan.reasons:
        if name != AUTHORITY:
            _write(folder, name, _server(name, authority, at))


def _write(folder: Path, name: str, pair: _Pair) -> None:
    key = pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = pair.certificate.public_bytes(Encoding.PEM)
    # The certificate last: without its key it is found not to fit.
    for path, text in ((folder / f"{name}.key", key), (folder / f"{name}.pem", certificate)):
        write_whole(path, text.decode(), mode=_FILE_MODE)
        # Whatever the developer's umask takes away.
        path.chmod(_FILE_MODE)


def _authority(root: Path, at: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    # A list of trusted authorities shows nothing but the name, and a machine may have several checkouts.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{root.name[:40]} development authority")])
    certificate = (
        _builder(name, name, key, at, at + timedelta(days=_AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _Pair(certificate=certificate, key=key)


def _server(name: str, authority: _Pair, at: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = min(at + timedelta(days=_SERVER_DAYS), authority.certificate.not_valid_after_utc)
    issuer_key = x509.SubjectKeyIdentifier.from_public_key(authority.key.public_key())
    certificate = (
        _builder(subject, authority.certificate.subject, key, at, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_names(name)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _Pair(certificate=certificate, key=key)


def _names(name: str) -> Sequence[x509.GeneralName]:
    return [
        *(x509.DNSName(each) for each in (name, "localhost", HOST)),
        *(x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", "::1")),
    ]


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A container's clock may be a little behind.
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def is_trusted(root: Path, bundles: Sequence[str] = _BUNDLES) -> bool | None:
    """Tell whether the system's own list has the authority; None where that list is not known or has no file.

    Firefox, and Chrome on Linux, keep lists of their own.
    """
    path = root / FOLDER / CERTIFICATES / f"{AUTHORITY}.pem"
    found = [Path(bundle) for bundle in bundles if Path(bundle).is_file()]
    if not found or not path.is_file() or sys.platform == "darwin":
        return None
    wanted = ssl.PEM_cert_to_DER_cert(path.read_text(encoding="ascii"))
    return any(wanted in _in_bundle(bundle) for bundle in found)


def _in_bundle(bundle: Path) -> set[bytes]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=str(bundle))
    return set(context.get_ca_certs(binary_form=True))


def how_to_trust(root: Path, platform_name: str) -> Iterator[str]:
    """Yield how this machine is told to trust the authority."""
    path = root / FOLDER / CERTIFICATES / f"{AUTHORITY}.pem"
    yield "To trust it, so that browsers show no warning:"
    if sys.platform == "darwin":
        yield f"  security add-trusted-cert -k ~/Library/Keychains/login.keychain-db {path}"
    else:
        copied = f"/usr/local/share/ca-certificates/{platform_name}-local-dev.crt"
        yield f"  sudo cp {path} {copied} && sudo update-ca-certificates"
        yield f"  Chrome: certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n {platform_name}-local-dev -i {path}"
    yield "  Firefox: Settings, Privacy & Security, View Certificates, Authorities, Import"
