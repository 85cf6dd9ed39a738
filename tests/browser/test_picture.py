"""The pictures as a browser draws them: nothing lies over anything else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Browser
from tests.zelly_infra.evaluations import STACKS, evaluation_of
from workbench.review.architecture.connections import Connection, Ports
from workbench.review.architecture.model import Architecture, architecture
from workbench.review.architecture.places import Kind, Node
from workbench.review.picture.mermaid import mermaid
from workbench.review.picture.svg import svg

REGIONS = {"production": "ap-south-1", "staging": "ap-southeast-1"}

# Every text with every other one, and with each upright or level stretch of a wire.
COLLISIONS = """
const box = (element) => element.getBoundingClientRect();
const texts = [...document.querySelectorAll("text")].filter((text) => text.textContent);
const overlap = (from, to, otherFrom, otherTo) => from < otherTo - 0.5 && otherFrom < to - 0.5;
const meet = (a, b) => overlap(a.left, a.right, b.left, b.right) && overlap(a.top, a.bottom, b.top, b.bottom);
const found = [];
texts.forEach((text, number) => {
  for (const other of texts.slice(number + 1)) {
    if (meet(box(text), box(other))) found.push(`${text.textContent} over ${other.textContent}`);
  }
  if (!text.classList.contains("label")) return;
  for (const wire of document.querySelectorAll(".wire")) {
    if (meet(box(text), box(wire))) found.push(`${text.textContent} over a wire`);
  }
});
return found;
"""
OUTSIDE_THEIR_CARDS = """
const cards = [...document.querySelectorAll(".card, .bar")].map((card) => card.getBoundingClientRect());
const holds = (card, x, y) => card.left <= x && x <= card.right && card.top <= y && y <= card.bottom;
return [...document.querySelectorAll("text")].filter((text) => {
  const at = text.getBoundingClientRect();
  const y = (at.top + at.bottom) / 2;
  const around = cards.filter((card) => holds(card, at.left, y) || holds(card, at.right, y));
  return around.some((card) => !holds(card, at.left, y) || !holds(card, at.right, y));
}).map((text) => text.textContent);
"""


def drawn(stack: str) -> Architecture:
    return architecture(evaluation_of(stack), REGIONS[stack])


def crowded() -> Architecture:
    """Staging with one balancer for three services, a second range, services that talk to each other, long words."""

    def talk(source: str, target: str, *ports: int) -> Connection:
        return Connection(
            source=source,
            target=target,
            ports=tuple(Ports(protocol="tcp", first=port, last=port) for port in ports),
        )

    staging = drawn("staging")
    gone = {"alb-customer", "alb-orion"}
    more = [
        talk("alb-nova", "customer-panel", 5174),
        talk("alb-nova", "orion-backend", 3022),
        talk("198.51.100.0/24", "bastion", 22, 2222, 22222),
        talk("fastify-nova", "customer-panel", 5174),
    ]
    long = "a fact of many words that no box has the width for, as one line at least"
    return replace(
        staging,
        nodes=(
            Node(name="198.51.100.0/24", kind=Kind.SOURCE, facts=()),
            *(replace(node, facts=(*node.facts, long)) for node in staging.nodes if node.name not in gone),
        ),
        connections=tuple(sorted([*(each for each in staging.connections if not {*_ends(each)} & gone), *more])),
    )


def _ends(talk: Connection) -> tuple[str, str]:
    return talk.source, talk.target


@pytest.fixture(params=[*STACKS, "crowded"])
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "picture.svg"
    shown = crowded() if request.param == "crowded" else drawn(request.param)
    path.write_text(svg(shown), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_text_lies_over_another_or_over_a_wire(browser: Browser, picture: Path, scheme: str) -> None:
    browser.open(picture, width=1280, scheme=scheme)
    assert browser.run(COLLISIONS) == []
    assert browser.run(OUTSIDE_THEIR_CARDS) == []
    assert browser.complaints() == []


def test_picture_fits_a_window_of_1280_pixels_unscaled(browser: Browser, picture: Path) -> None:
    browser.open(picture, width=1280)
    size: dict[str, Any] = browser.run("return document.documentElement.getBoundingClientRect().toJSON()")
    assert 1100 < size["width"] <= 1280
    assert (
        browser.run(
            "return Math.min(...[...document.querySelectorAll('text')].map("
            "(text) => parseFloat(getComputedStyle(text).fontSize)))"
        )
        >= 10
    )


def test_picture_asks_for_nothing(browser: Browser, picture: Path) -> None:
    browser.open(picture, width=1280)
    assert browser.requests() == [picture.as_uri()]


@pytest.mark.parametrize("stack", STACKS)
def test_mermaid_draws_every_box_and_arrow(browser: Browser, mermaid_script: Path, tmp_path: Path, stack: str) -> None:
    architecture = drawn(stack)
    page = tmp_path / "mermaid.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><script src="{mermaid_script.as_uri()}"></script>')
    browser.open(page, width=1280)
    browser.driver.set_script_timeout(60)
    result: dict[str, Any] = browser.driver.execute_async_script(  # pyright: ignore[reportUnknownMemberType]
        """
        const [text, done] = arguments;
        mermaid.initialize({startOnLoad: false});
        mermaid.render("picture", text).then(({svg}) => {
          document.body.innerHTML = svg;
          done({
            boxes: [...document.querySelectorAll(".node")].map((node) => node.textContent),
            arrows: document.querySelectorAll(".edgePaths path").length,
          });
        }, (error) => done({error: String(error)}));
        """,
        mermaid(architecture),
    )
    assert "error" not in result, result
    assert len(result["boxes"]) == len(architecture.nodes)
    for node in architecture.nodes:
        assert any(text.strip().startswith(node.name) for text in result["boxes"]), node.name
    inside = [talk for talk in architecture.connections if talk.target != "Internet"]
    # One more for the way out, through NAT.
    assert result["arrows"] == len(inside) + 1
