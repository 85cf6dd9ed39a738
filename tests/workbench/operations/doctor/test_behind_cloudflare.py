"""The checks of an environment whose host stands behind Cloudflare."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.support.servers import LOOPBACK
from tests.workbench.operations.doctor.judged import Case, each, judgement
from tests.workbench.operations.environments import DESCRIPTION, NOW, WELL, WHERE
from workbench.cloudflare import CloudflareError, published_ranges
from workbench.edge import Edge
from workbench.operations.doctor.checks import invariants, steps
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import broken, cannot_tell, done, to_do
from workbench.operations.readings import Unclear

UP = "pulumi up --stack production"
EDGE = Edge(
    hostnames=("shop.example", "origin.shop.example"),
    ranges=frozenset({"198.51.100.0/24", "2001:db8::/32"}),
    ranges_as_of=date(2026, 5, 1),
    client_certificate_until=NOW.date().replace(year=2027),
    certificate_setting="edge.valid_from",
)


def standing(edge: Edge = EDGE) -> Where:
    return replace(WHERE, description=replace(DESCRIPTION, edge=edge))


def publishing(*ranges: str) -> Facts:
    return replace(WELL, published_ranges=frozenset(ranges))


def leading(*addresses: str) -> Facts:
    return replace(WELL, addresses=dict.fromkeys(EDGE.hostnames, addresses))


RANGES, CERTIFICATE, NAMES = "Cloudflare's ranges", "Cloudflare's certificate", "names at Cloudflare"
MEND = f"correct zelly_components/edge/ranges.py, then {UP}"

CASES: list[Case] = [
    (RANGES, standing(), publishing(*EDGE.ranges), done("the 2 ranges of 2026-05-01 are still Cloudflare's")),
    (
        RANGES,
        standing(),
        publishing("198.51.100.0/24", "203.0.113.0/24"),
        broken(
            "203.0.113.0/24 is Cloudflare's, and not let in",
            "2001:db8::/32 is let in, and Cloudflare's no more",
            then=MEND,
        ),
    ),
    (RANGES, standing(), WELL, cannot_tell("Cloudflare is not asked from here")),
    (RANGES, standing(), replace(WELL, published_ranges=Unclear("no answer")), cannot_tell("no answer")),
    (CERTIFICATE, standing(), WELL, done("it ends on 2027-05-04")),
    (
        CERTIFICATE,
        standing(replace(EDGE, client_certificate_until=date(2026, 6, 2))),
        WELL,
        broken("it ends on 2026-06-02, in 29 days", then=f"a later day under edge.valid_from, then {UP}"),
    ),
    (NAMES, standing(), leading("198.51.100.9"), done("every name leads to Cloudflare")),
    (
        NAMES,
        standing(),
        replace(leading("198.51.100.9"), addresses={"shop.example": ("198.51.100.9",)}),
        to_do("origin.shop.example does not resolve", then=UP),
    ),
    (
        NAMES,
        standing(),
        replace(WELL, addresses={"shop.example": ("198.51.100.9",), "origin.shop.example": ("203.0.113.5",)}),
        broken(
            "origin.shop.example leads to 203.0.113.5",
            "which is not Cloudflare: its rules are passed by",
            then=UP,
        ),
    ),
    (NAMES, replace(standing(), is_embedded=True), WELL, cannot_tell("no name of the embedded AWS resolves")),
]


@each(CASES)
def test_check_says_what_it_found_and_what_to_do(case: Case) -> None:
    assert judgement(case) == case[3]


def test_who_stands_behind_nothing_is_not_asked_about_it() -> None:
    assert {RANGES, CERTIFICATE, NAMES} & {*steps(WHERE), *invariants(WHERE)} == set()


@pytest.fixture
def cloudflare() -> Iterator[tuple[str, list[Response]]]:
    """Return an address of Cloudflare's API, and what it answers next."""
    answers: list[Response] = []

    @Request.application
    def answer(request: Request) -> Response:
        assert (request.path, "Authorization" in request.headers) == ("/ips", False)
        return answers.pop(0)

    server = make_server(LOOPBACK, 0, answer, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{LOOPBACK}:{server.server_port}", answers
    server.shutdown()
    thread.join()
    server.server_close()


def test_published_ranges_are_read_without_a_token(cloudflare: tuple[str, list[Response]]) -> None:
    url, answers = cloudflare
    body = '{"success": true, "result": {"ipv4_cidrs": ["198.51.100.0/24"], "ipv6_cidrs": ["2001:db8::/32"]}}'
    answers.append(Response(body, mimetype="application/json"))
    assert published_ranges(url=url) == {"198.51.100.0/24", "2001:db8::/32"}
    answers.append(Response("busy", status=503))
    with pytest.raises(CloudflareError, match="Cloudflare, /ips: HTTP 503 and no JSON"):
        published_ranges(url=url)
