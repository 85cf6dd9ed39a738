"""The key with which a controller logs in to its agents, as pure functions of random bytes."""

import base64
import binascii
import hashlib
import textwrap

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED_BYTES = 32
"""An Ed25519 private key is a seed of so many bytes (RFC 8032, 5.1.5)."""

_KIND = b"ssh-ed25519"
_BLOCK_BYTES = 8
_LINE_CHARACTERS = 70


def private_key(seed: str) -> str:
    """Return the private key that a seed in base64 stands for, in OpenSSH's own format (PROTOCOL.key of OpenSSH).

    It is the one in which ``ssh-keygen`` writes such a key, and so what a controller is sure to read. No library writes
    it the same way twice, as it holds a number that only shows whether a decryption went well: here the seed gives it.

    Raises:
        ValueError: when the seed is not base64 of 32 bytes. It does not repeat the seed.
    """
    secret = _decoded(seed)
    public = _raw_public_key(secret)
    check = hashlib.sha256(secret).digest()[:4]
    private = check + check + _text(_KIND) + _text(public) + _text(secret + public) + _text(b"")
    private += bytes(range(1, -len(private) % _BLOCK_BYTES + 1))
    document = (
        b"openssh-key-v1\0"
        + _text(b"none")
        + _text(b"none")
        + _text(b"")
        + (1).to_bytes(4)
        + _text(_text(_KIND) + _text(public))
        + _text(private)
    )
    lines = "\n".join(textwrap.wrap(base64.b64encode(document).decode(), _LINE_CHARACTERS))
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}\n-----END OPENSSH PRIVATE KEY-----\n"


def public_key(seed: str, comment: str) -> str:
    """Return the public key of a seed as a line of ``authorized_keys``."""
    blob = _text(_KIND) + _text(_raw_public_key(_decoded(seed)))
    return f"{_KIND.decode()} {base64.b64encode(blob).decode()} {comment}"


def _text(value: bytes) -> bytes:
    return len(value).to_bytes(4) + value


def _raw_public_key(secret: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _decoded(seed: str) -> bytes:
    try:
        secret = base64.b64decode(seed, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != SEED_BYTES:
        # The seed itself is kept out of the message: it is the key.
        raise ValueError(f"seed: came {len(seed)} characters; allowed {SEED_BYTES} bytes in base64")
    return secret
