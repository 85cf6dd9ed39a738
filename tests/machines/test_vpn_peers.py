"""Peers come and go by the parameter that the bastion reads, while the others' sessions go on."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.machines.vpn_artefacts import artefacts_with_peers, standing_artefacts
from tests.machines.vpn_keys import private_key, wg
from tests.machines.vpn_room import PORT, SILENCE_SECONDS, Developer, Room, hold_command, room

NO_ANSWER = "no answer"
STACK = "production"
"""The list is applied by one script, the same in both stacks; both are booted with it in the tests of the tunnel."""

CONFIG = "/etc/wireguard/wg0.conf"


@dataclass(frozen=True, kw_only=True)
class Working:
    """A bastion with a developer at work, who keeps a connection open."""

    room: Room
    developer: Developer
    connection: "subprocess.Popen[str]"

    @property
    def private(self) -> str:
        return f"{self.room.private_address}:{PORT}"

    @property
    def key(self) -> str:
        return wg("pubkey", private_key(self.developer.config))

    def assert_still_at_work(self) -> None:
        """The connection that was opened at the beginning carries a line there and back."""
        assert self.connection.stdin is not None
        assert self.connection.stdout is not None
        self.connection.stdin.write("still here\n")
        self.connection.stdin.flush()
        assert self.connection.stdout.readline() == "still here\n"

    def assert_reached_by(self, developer: Developer) -> None:
        assert developer.reach(self.private) == {self.private: self.room.bastion_address}


@pytest.fixture
def vpn() -> Iterator[Room]:
    with room(standing_artefacts(STACK)) as made:
        yield made


@pytest.fixture
def working(vpn: Room) -> Working:
    developer = vpn.developer(vpn.artefacts.client_configs["peer1"])
    developer.up()
    connection = developer.machine.start(*hold_command(f"{vpn.private_address}:{PORT}"))
    return Working(room=vpn, developer=developer, connection=connection)


@pytest.fixture
def unchanged(working: Working) -> Callable[[], None]:
    """A check that the developer's session is the same one, not a new one in its place."""
    before = working.room.peers()[working.key]
    assert before.latest_handshake > 0

    def check() -> None:
        working.assert_still_at_work()
        after = working.room.peers()[working.key]
        assert (after.latest_handshake, after.endpoint) == (before.latest_handshake, before.endpoint)
        assert after.received_bytes > before.received_bytes
        assert after.sent_bytes > before.sent_bytes

    return check


def test_developer_who_is_added_gets_in_and_the_others_notice_nothing(
    working: Working, unchanged: Callable[[], None]
) -> None:
    new = artefacts_with_peers(STACK, {"peer3": {"address": "10.10.0.4"}})
    known = working.room.artefacts
    # The bastion and the other developers need nothing new.
    assert new.files == known.files
    assert {name: new.client_configs[name] for name in known.client_configs} == known.client_configs
    third = working.room.developer(new.client_configs["peer3"])
    third.up()
    assert third.reach(working.private, seconds=SILENCE_SECONDS) == {working.private: NO_ANSWER}
    third.machine.run("wg-quick", "down", "wg0")

    assert working.room.apply_peers(new.peers_document) == (0, "peers changed\n")
    third.up()
    working.assert_reached_by(third)
    unchanged()


def test_developer_who_kept_the_private_key_gets_in_with_it(working: Working, unchanged: Callable[[], None]) -> None:
    own_key = wg("genkey")
    peers = {"peer3": {"address": "10.10.0.4", "public_key": wg("pubkey", own_key)}}
    new = artefacts_with_peers(STACK, peers)
    assert private_key(new.client_configs["peer3"]) == "<private key of peer3>"
    third = working.room.developer(new.client_configs["peer3"].replace("<private key of peer3>", own_key))

    assert working.room.apply_peers(new.peers_document) == (0, "peers changed\n")
    third.up()
    working.assert_reached_by(third)
    unchanged()


def test_developer_who_is_removed_is_shut_out_and_the_others_notice_nothing(
    working: Working, unchanged: Callable[[], None]
) -> None:
    second = working.room.developer(working.room.artefacts.client_configs["peer2"])
    second.up()
    working.assert_reached_by(second)
    listed: list[dict[str, Any]] = json.loads(working.room.artefacts.peers_document)

    left = json.dumps([peer for peer in listed if peer["name"] != "peer2"])
    assert working.room.apply_peers(left) == (0, "peers changed\n")
    assert second.reach(working.private, seconds=SILENCE_SECONDS) == {working.private: NO_ANSWER}
    assert list(working.room.peers()) == [working.key]
    unchanged()


GOOD_PEER = {"name": "peer9", "public_key": "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=", "address": "10.10.0.9"}
BROKEN = (
    "",
    "None",
    "{}",
    '[{"name":',
    "[7]",
    json.dumps([GOOD_PEER, {}]),
    json.dumps([GOOD_PEER, {**GOOD_PEER, "public_key": "no key"}]),
    json.dumps([GOOD_PEER, {**GOOD_PEER, "address": "10.10.0.300"}]),
)


def test_broken_list_leaves_everything_as_it_was_and_says_so(working: Working, unchanged: Callable[[], None]) -> None:
    config, peers = working.room.bastion.read(CONFIG), working.room.peers()
    for document in BROKEN:
        code, log = working.room.apply_peers(document, check=False)
        assert code != 0, document
        assert log != "", document
        assert working.room.bastion.read(CONFIG) == config
        assert working.room.peers().keys() == peers.keys()
    unchanged()
    # And the next good one is taken.
    good = [*json.loads(working.room.artefacts.peers_document), GOOD_PEER]
    assert working.room.apply_peers(json.dumps(good)) == (0, "peers changed\n")
    assert working.room.peers().keys() == {*peers, GOOD_PEER["public_key"]}
    unchanged()


def test_bastion_that_met_a_broken_list_at_boot_comes_up_with_the_next_good_one(vpn: Room) -> None:
    vpn.bastion.run("wg-quick", "down", "wg0")
    for document in BROKEN:
        code, _ = vpn.apply_peers(document, check=False)
        assert code != 0, document
        assert vpn.bastion.run("ip", "link", "show", "dev", "wg0", check=False).returncode == 1
    vpn.apply_peers(vpn.artefacts.peers_document)
    developer = vpn.developer(vpn.artefacts.client_configs["peer1"])
    developer.up()
    private = f"{vpn.private_address}:{PORT}"
    assert developer.reach(private) == {private: vpn.bastion_address}
