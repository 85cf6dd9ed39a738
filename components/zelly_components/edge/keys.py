"""Keys, certificate requests and client certificates as pure functions of random bytes and names.

Everything is deterministic: the private key is a number derived from the seed, and signatures follow RFC 6979. Equal
arguments give equal texts in every run, so that nothing is issued anew unless an argument changes.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from zelly_components.hosts.certificates import key_usage

SEED_BYTES = 48
"""16 bytes more than the key: the remainder of the division then favours no key that anybody could tell (NIST
FIPS 186-5, A.2.1, "extra random bits")."""

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (NIST SP 800-186, 3.2.1.3)."""


def private_key(seed: str) -> str:
    """Return the private key on P-256 that a seed in base64 stands for, in PEM (PKCS #8).

    Raises:
        ValueError: when the seed is not base64 of 32 bytes or more. It does not repeat the seed.
    """
    return (
        _key(seed)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def certificate_request(seed: str, hostnames: Sequence[str]) -> str:
    """Return the request for a certificate of these names, in PEM, signed with the seed's key."""
    names = x509.SubjectAlternativeName([x509.DNSName(hostname) for hostname in hostnames])
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostnames[0])]))
        .add_extension(names, critical=False)
        .sign(_key(seed), hashes.SHA256(), ecdsa_deterministic=True)
    )
    return request.public_bytes(serialization.Encoding.PEM).decode()


def authority_certificate(seed: str, name: str, *, valid_from: date, days: int) -> str:
    """Return the certificate of an authority that signs client certificates, in PEM, signed by itself."""
    key = _key(seed)
    subject = _name(name)
    certificate = (
        _builder(seed, subject, valid_from, days)
        .issuer_name(subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def client_certificate(
    seed: str, authority_seed: str, authority: str, name: str, *, hostname: str, valid_from: date, days: int
) -> str:
    """Return a client certificate in PEM, signed by an authority's key. ``authority`` is the authority's own name."""
    key, issuer = _key(seed), _key(authority_seed)
    certificate = (
        _builder(seed, _name(name), valid_from, days)
        .issuer_name(_name(authority))
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(hostname)]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
        .sign(issuer, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _builder(seed: str, subject: x509.Name, valid_from: date, days: int) -> x509.CertificateBuilder:
    start = datetime.combine(valid_from, time(), UTC)
    # A serial number says nothing and repeats nothing: one for each key and each term.
    told = f"{valid_from.isoformat()} {days} {private_key(seed)}".encode()
    serial = int.from_bytes(hashlib.sha256(told).digest()[:16]) >> 1
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _key(seed: str) -> ec.EllipticCurvePrivateKey:
    try:
        number = base64.b64decode(seed, validate=True)
    except (binascii.Error, ValueError):
        number = b""
    if len(number) < 32:
        # The seed itself is kept out of the message: the key is derived from it.
        raise ValueError(f"seed: came {len(seed)} characters; allowed 32 bytes or more in base64")
    return ec.derive_private_key(int.from_bytes(number) % (_ORDER - 1) + 1, ec.SECP256R1())
