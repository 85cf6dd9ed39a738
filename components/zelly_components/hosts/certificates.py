"""Certificates of hosts that only their own clients have to trust, as pure functions of random bytes.

An authority for each host signs the host's certificate; clients are told the authority. Nothing in them depends on the
time or on chance, so that a certificate never shows as a change: keys are derived from seeds that stand in the state,
and signatures are deterministic (RFC 6979).
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SEED_BYTES = 32

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-5; SEC 2, 2.4.2)."""

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_END = datetime(2056, 1, 1, tzinfo=UTC)
"""Thirty years: nobody renews it, and other seeds replace it at any time. (RDS's own authorities: 40 and 100 years.)"""


@dataclass(frozen=True, kw_only=True)
class HostCertificate:
    """A host's certificate with its key, and the authority that signed it, in PEM."""

    authority: str
    certificate: str
    private_key: str
    """In PKCS 8."""


def host_certificate(*, authority_seed: str, host_seed: str, name: str, address: str) -> HostCertificate:
    """Return the certificate of a host that is reached at an IP address or by a host name.

    Seeds are random bytes in base64.

    Raises:
        ValueError: when a seed is too short.
    """
    authority_key, host_key = _key("authority_seed", authority_seed), _key("host_seed", host_seed)
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} authority")])
    authority = (
        _builder(authority_name, authority_name, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    host_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    # Clients connect to the private address; the loopback one is for what looks after the server on the host itself.
    addresses = [_alternative_name(each) for each in dict.fromkeys((address, "127.0.0.1"))]
    certificate = (
        _builder(host_name, authority_name, host_key, signed_by=authority_key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .sign(authority_key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    private_key = host_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return HostCertificate(
        authority=authority.public_bytes(Encoding.PEM).decode(),
        certificate=certificate.public_bytes(Encoding.PEM).decode(),
        private_key=private_key.decode(),
    )


def _alternative_name(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(address))
    except ValueError:
        return x509.DNSName(address)


def _key(field: str, seed: str) -> ec.EllipticCurvePrivateKey:
    given = base64.b64decode(seed)
    if len(given) < SEED_BYTES:
        # Not repeated here: it is a secret.
        raise ValueError(f"{field}: came {len(given)} bytes; allowed {SEED_BYTES} or more")
    # Twice as many bits as the order has: reduced to it, they favour no key (FIPS 186-5, A.2.1).
    scalar = int.from_bytes(hashlib.sha512(given).digest()) % (_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    signed_by: ec.EllipticCurvePrivateKey | None = None,
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = (signed_by or key).public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        # A number that follows from the key and the subject: positive, and at most 20 bytes (RFC 5280, 4.1.2.2).
        .serial_number(_serial_number(identifier, subject))
        .not_valid_before(_BEGIN)
        .not_valid_after(_END)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), critical=False)
    )


def _serial_number(identifier: x509.SubjectKeyIdentifier, subject: x509.Name) -> int:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(identifier.digest + subject.public_bytes())
    return int.from_bytes(digest.finalize()[:16]) + 1


def key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Return what a key is for: to sign certificates and their revocations, or to prove whose a connection is."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
