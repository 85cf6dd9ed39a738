import base64

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from zelly_components.jenkins.ssh_key import SEED_BYTES, private_key, public_key

SEED = base64.b64encode(bytes(range(SEED_BYTES))).decode()


def test_private_and_public_key_belong_together_and_are_the_same_at_every_time() -> None:
    read = load_ssh_private_key(private_key(SEED).encode(), None)
    line = read.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert public_key(SEED, "controller") == f"{line} controller"
    assert private_key(SEED) == private_key(SEED)


def test_what_is_no_seed_is_refused_without_being_repeated() -> None:
    for seed in ("not base64", base64.b64encode(b"short").decode()):
        with pytest.raises(ValueError, match="seed: came") as caught:
            private_key(seed)
        assert seed not in str(caught.value)
