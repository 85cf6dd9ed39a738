import base64
import configparser
import json
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.programs import require_program
from zelly_components.hosts.wireguard import (
    PeerArgs,
    check_peers,
    client_config,
    peers_document,
    private_key,
    public_key,
    resolver_address,
    server_address,
    server_interface_config,
)
from zelly_components.limits.errors import LimitError

VPN = "10.10.0.0/24"
KEY = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
OTHER_KEY = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="


def encode(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


@pytest.mark.parametrize(
    ("private", "public"),
    [
        (
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        ),
        (
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
        ),
    ],
)
def test_public_keys_are_those_of_rfc_7748(private: str, public: str) -> None:
    assert public_key(encode(private)) == encode(public)
    # Clamping is part of X25519, so that it changes the private key's text and never its public key.
    assert public_key(private_key(encode(private))) == encode(public)


@pytest.mark.parametrize(("random", "clamped"), [("00" * 32, "00" * 31 + "40"), ("ff" * 32, "f8" + "ff" * 30 + "7f")])
def test_private_key_is_clamped(random: str, clamped: str) -> None:
    assert private_key(encode(random)) == encode(clamped)


@given(st.binary(min_size=32, max_size=32))
def test_clamping_a_private_key_again_changes_nothing(random: bytes) -> None:
    key = private_key(base64.b64encode(random).decode())
    assert private_key(key) == key


@settings(max_examples=20)
@given(st.binary(min_size=32, max_size=32))
def test_public_key_equals_the_one_of_wg(random: bytes) -> None:
    wg = require_program("wg", package="wireguard-tools")
    key = private_key(base64.b64encode(random).decode())
    ran = subprocess.run([wg, "pubkey"], input=key, capture_output=True, text=True, check=True)
    assert ran.stdout == f"{public_key(key)}\n"


@pytest.mark.parametrize("text", ["", "short", KEY[:-4], KEY + "AAAA", KEY.replace("=", "!"), f" {KEY}"])
def test_text_that_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"came \d+ characters; allowed 32 bytes in base64") as raised:
        public_key(text)
    assert text == "" or text not in str(raised.value)


def test_server_and_resolver_have_the_first_addresses_of_their_ranges() -> None:
    assert server_address(VPN) == "10.10.0.1"
    assert resolver_address("10.8.0.0/16") == "10.8.0.2"


def test_server_interface_is_exactly_this() -> None:
    assert server_interface_config(vpn_cidr_block=VPN, port=51820) == (
        "[Interface]\nAddress = 10.10.0.1/24\nListenPort = 51820\nMTU = 1420\n"
    )


def render(key: str | None) -> str:
    return client_config(
        PeerArgs(name="asha", address="10.10.0.2"),
        private_key=key,
        server_public_key=KEY,
        endpoint="203.0.113.7:51820",
        vpc_cidr_block="10.8.0.0/16",
        vpn_cidr_block=VPN,
    )


def test_client_config_is_exactly_this() -> None:
    assert render("client-key") == (
        "[Interface]\n"
        "PrivateKey = client-key\n"
        "Address = 10.10.0.2/32\n"
        "DNS = 10.8.0.2\n"
        "\n"
        "[Peer]\n"
        f"PublicKey = {KEY}\n"
        "Endpoint = 203.0.113.7:51820\n"
        "AllowedIPs = 10.8.0.0/16, 10.10.0.0/24\n"
        "PersistentKeepalive = 25\n"
    )


def test_client_that_kept_its_key_finds_a_placeholder() -> None:
    config = configparser.ConfigParser()
    config.read_string(render(None))
    assert config["Interface"]["PrivateKey"] == "<private key of asha>"


def test_peers_document_is_sorted_by_name_whatever_the_order() -> None:
    asha, ben = PeerArgs(name="asha", address="10.10.0.9"), PeerArgs(name="ben", address="10.10.0.2")
    keys = {"asha": KEY, "ben": OTHER_KEY}
    assert peers_document([ben, asha], keys) == peers_document([asha, ben], keys)
    assert json.loads(peers_document([ben, asha], keys)) == [
        {"name": "asha", "public_key": KEY, "address": "10.10.0.9"},
        {"name": "ben", "public_key": OTHER_KEY, "address": "10.10.0.2"},
    ]


def test_peers_that_differ_in_everything_are_accepted() -> None:
    check_peers(
        [
            PeerArgs(name="a", address="10.10.0.2"),
            PeerArgs(name="asha-laptop", address="10.10.0.254", public_key=KEY),
            PeerArgs(name="0", address="10.10.0.3", public_key=OTHER_KEY),
        ],
        VPN,
    )


@pytest.mark.parametrize("name", ["", "Asha", "asha_1", "-asha", "asha-", "a b", "a" * 33, "asha\n"])
def test_name_that_is_no_slug_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"peers: came the name '.*'; allowed 1 to 32 lower-case letters"):
        check_peers([PeerArgs(name=name, address="10.10.0.2")], VPN)


@pytest.mark.parametrize(
    ("address", "rest"),
    [
        ("10.10.0.0", "came 10.10.0.0, which is the network itself; allowed another one of 10.10.0.2 to 10.10.0.254"),
        ("10.10.0.1", "came 10.10.0.1, which is the server's; allowed another one of 10.10.0.2 to 10.10.0.254"),
        ("10.10.0.255", "came 10.10.0.255, which is broadcast; allowed another one of 10.10.0.2 to 10.10.0.254"),
        ("10.10.1.2", "came 10.10.1.2; allowed 10.10.0.2 to 10.10.0.254"),
        *(
            (text, f"came {text!r}; allowed an IPv4 address such as 10.10.0.2")
            for text in ("10.10.0.2/32", "fd00::2", "asha", "")
        ),
    ],
)
def test_address_that_no_peer_may_have_is_refused(address: str, rest: str) -> None:
    with pytest.raises(LimitError) as raised:
        check_peers([PeerArgs(name="asha", address=address)], VPN)
    assert str(raised.value) == f"peers.asha.address: {rest}"


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (PeerArgs(name="asha", address="10.10.0.3"), "peers: came the name asha more than once; allowed once"),
        (
            PeerArgs(name="ben", address="10.10.0.2"),
            "peers.ben.address: came 10.10.0.2, which is asha's; allowed another one of 10.10.0.2 to 10.10.0.254",
        ),
        (
            PeerArgs(name="ben", address="10.10.0.3", public_key=KEY),
            f"peers.ben.public_key: came {KEY}, which is asha's; allowed another one",
        ),
        (
            PeerArgs(name="ben", address="10.10.0.3", public_key="no key"),
            "peers.ben.public_key: came 6 characters; allowed 32 bytes in base64",
        ),
    ],
)
def test_second_peer_must_differ_and_have_a_real_key(second: PeerArgs, message: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 (the whole message is compared)
        check_peers([PeerArgs(name="asha", address="10.10.0.2", public_key=KEY), second], VPN)
    assert str(raised.value) == message


def test_more_peers_than_a_parameter_holds_are_refused() -> None:
    peers = [PeerArgs(name=f"peer-{number}", address=f"10.10.0.{number}") for number in range(2, 100)]
    # With the keys that they will have, whichever those are.
    size = len(peers_document(peers, {peer.name: KEY for peer in peers}))
    with pytest.raises(ValueError, match=rf"peers: came 98, as a list: came {size} bytes; allowed 8192"):
        check_peers(peers, VPN)
    check_peers(peers[:70], VPN)


def test_first_of_several_repeated_names_is_named() -> None:
    names = ["asha", "ben", "asha", "ben"]
    peers = [PeerArgs(name=name, address=f"10.10.0.{number}") for number, name in enumerate(names, start=2)]
    with pytest.raises(ValueError, match=r"^peers: came the name asha more than once; allowed once$"):
        check_peers(peers, VPN)
