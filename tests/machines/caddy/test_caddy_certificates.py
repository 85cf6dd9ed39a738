"""Certificates on demand: for whom they are issued, how often, and what happens while nobody says for whom."""

import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
import trustme

from tests.machines.caddy.conftest import MERCHANT, Edge
from tests.machines.caddy.neighbours import Ask, serving

STRANGER = "stranger.example.net"


def assert_refused(connect: Callable[[], object]) -> None:
    with pytest.raises(ssl.SSLError, match="TLSV1_ALERT_INTERNAL_ERROR"):
        connect()


def test_merchant_is_served_with_a_certificate_of_the_authority_and_asked_for_once(running_edge: Edge) -> None:
    serials = {running_edge.caddy.request(MERCHANT).certificate.serial_number for _ in range(3)}
    assert len(serials) == 1
    assert running_edge.authority.issued() == 1
    assert running_edge.caddy.certificates() == [MERCHANT]
    assert running_edge.ask.asked == [MERCHANT]


def test_stranger_is_refused_in_the_handshake_and_nothing_is_ordered(running_edge: Edge) -> None:
    assert_refused(lambda: running_edge.caddy.connect(STRANGER))
    assert running_edge.ask.asked == [STRANGER]
    assert running_edge.authority.issued() == 0
    assert running_edge.caddy.certificates() == []


def test_what_is_no_public_host_name_is_refused_without_asking(running_edge: Edge) -> None:
    caddy = running_edge.caddy
    for host in (None, "localhost", "10.0.0.1", "shop.10", "-shop.example.com"):
        assert_refused(partial(caddy.connect, host))
    assert running_edge.ask.asked == []
    assert running_edge.authority.issued() == 0


@pytest.mark.parametrize("status", [500, 503])
def test_while_nobody_says_who_is_a_merchant_certificates_that_exist_are_served(edge: Edge, status: int) -> None:
    with edge.caddy.run():
        serial = edge.caddy.request(MERCHANT).certificate.serial_number
        edge.ask.merchants.add("new.example.com")
        edge.ask.status = status
        assert edge.caddy.request(MERCHANT).certificate.serial_number == serial
        assert_refused(lambda: edge.caddy.connect("new.example.com"))
    # A task that has just started has none in memory.
    with edge.caddy.run():
        assert edge.caddy.request(MERCHANT).certificate.serial_number == serial
        assert_refused(lambda: edge.caddy.connect("new.example.com"))
    assert edge.authority.issued() == 1


def test_endpoint_that_cannot_be_reached_is_no_answer_either(edge: Edge) -> None:
    with edge.caddy.run():
        edge.caddy.request(MERCHANT)
    edge.ask.shutdown()
    edge.ask.server_close()
    with edge.caddy.run():
        edge.caddy.request(MERCHANT)
        assert_refused(lambda: edge.caddy.connect(STRANGER))
    assert edge.authority.issued() == 1


def test_endpoint_with_a_certificate_of_somebody_else_is_not_believed(edge: Edge) -> None:
    port = edge.ask.server_port
    edge.ask.shutdown()
    edge.ask.server_close()
    with serving(Ask(MERCHANT, port=port), trustme.CA()) as impostor, edge.caddy.run():
        assert_refused(lambda: edge.caddy.connect(MERCHANT))
    assert impostor.asked == []


def test_merchant_who_has_left_is_refused_although_the_certificate_is_still_there(edge: Edge) -> None:
    with edge.caddy.run():
        edge.caddy.request(MERCHANT)
    edge.ask.merchants.clear()
    with edge.caddy.run():
        assert_refused(lambda: edge.caddy.connect(MERCHANT))


def test_certificate_outlives_the_task(edge: Edge) -> None:
    serials: set[int] = set()
    for _ in range(2):
        with edge.caddy.run():
            serials.add(edge.caddy.request(MERCHANT).certificate.serial_number)
    assert len(serials) == 1
    assert edge.authority.issued() == 1


def test_two_tasks_that_are_asked_at_once_order_one_certificate(edge: Edge) -> None:
    first, second = edge.caddy, edge.second()
    with first.run(), second.run(), ThreadPoolExecutor(16) as pool:
        visits = [pool.submit(caddy.request, MERCHANT) for caddy in (first, second) * 8]
        answers = [visit.result() for visit in visits]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.certificate.serial_number for answer in answers}) == 1
    assert edge.authority.issued() == 1


def test_either_task_can_prove_what_the_other_has_ordered(edge: Edge) -> None:
    second = edge.second()
    with edge.caddy.run(), second.run():
        # The authority's questions arrive at the first.
        serial = second.request(MERCHANT).certificate.serial_number
        assert edge.caddy.request(MERCHANT).certificate.serial_number == serial
    assert edge.authority.issued() == 1


def test_private_keys_are_readable_by_their_owner_alone(running_edge: Edge) -> None:
    running_edge.caddy.request(MERCHANT)
    keys = list(running_edge.caddy.data.rglob("*.key"))
    assert {key.name for key in keys} == {f"{MERCHANT}.key", "platform.key"}
    assert {oct(key.stat().st_mode & 0o777) for key in keys} == {"0o600"}


def test_endpoint_is_never_asked_in_plain_text(edge: Edge) -> None:
    with serving(Ask(MERCHANT)) as plain_text:
        environment = {**edge.caddy.environment, "ON_DEMAND_TLS_ASK_URL": plain_text.url.replace("https", "http")}
        caddy = replace(edge.caddy, environment=environment)
        with caddy.run():
            assert_refused(lambda: caddy.connect(MERCHANT))
    assert plain_text.asked == []
