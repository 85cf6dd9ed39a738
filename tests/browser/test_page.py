"""The page of ``zelly plan --html`` in a browser: search, folding, keyboard, width, and nothing from elsewhere."""

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import Browser
from tests.zelly_infra.evaluations import evaluation_of
from tests.zelly_infra.stack_files import ROOT
from workbench.cli.plan.estimates import estimate_of
from workbench.review.cost.section import section
from workbench.review.page import Section, render
from workbench.review.tree import is_made

SECTIONS = [
    Section(
        title="Cost",
        summary="520 USD a month are expected.",
        columns=("what", "USD"),
        rows=[("Aurora, a very long description " * 8, "87.60"), ("<script>alert(1)</script>", "0")],
        numbers=frozenset({1}),
    ),
    Section(title="Rules", columns=("rule", "resource"), rows=[("RDS.2", "aurora")], emphasised=frozenset({0})),
]
VISIBLE = "return [...document.querySelectorAll('.leaf')].filter((leaf) => leaf.checkVisibility()).length"
OPEN = "return document.querySelectorAll('#tree details[open]').length"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "plan.html"
    path.write_text(render(evaluation_of("production"), "ap-south-1", SECTIONS), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser: Browser, page: Path) -> Browser:
    browser.open(page, width=1280)
    return browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_page_is_whole_without_a_network(browser: Browser, page: Path, width: int, scheme: str) -> None:
    browser.open(page, width=width, scheme=scheme)
    assert browser.complaints() == []
    assert [url for url in browser.requests() if not url.startswith("data:")] == [page.as_uri()]
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)" if scheme == "light" else "rgb(16, 21, 28)"
    )


def test_a_telephone_shows_what_is_expected_to_be_paid(browser: Browser, tmp_path: Path) -> None:
    evaluation = evaluation_of("production")
    path = tmp_path / "plan.html"
    cost = section(estimate_of("production", "ap-south-1", evaluation.resources, ROOT))
    path.write_text(render(evaluation, "ap-south-1", [cost]), encoding="utf-8")
    browser.open(path, width=390)
    shown = browser.run(
        "return [...document.querySelectorAll('#cost ~ .wide td.number')].filter((cell) => cell.checkVisibility())"
        ".map((cell) => cell.getBoundingClientRect().right)"
    )
    assert len(shown) == len(cost.rows)
    assert max(shown) <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_follows_the_scheme(opened: Browser, page: Path, scheme: str) -> None:
    opened.open(page, width=1280, scheme=scheme)
    fill = "return getComputedStyle(document.querySelector(arguments[0])).fill"
    expected = {"light": ["rgb(255, 255, 255)", "rgb(27, 36, 48)"], "dark": ["rgb(27, 35, 45)", "rgb(232, 237, 243)"]}
    assert [opened.run(fill, one) for one in (".picture .card", ".picture .name")] == expected[scheme]


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_wider_than_the_window(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width=width)
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    assert browser.run("return document.documentElement.scrollWidth") == width
    sizes = browser.run(
        "return [...document.querySelectorAll('p, td, summary')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 12


def test_prose_has_the_width_of_a_narrow_window(browser: Browser, page: Path) -> None:
    widths = "return [...document.querySelectorAll('#rules ~ .wide tbody td')].map(e => e.clientWidth)"
    browser.open(page, width=400)
    assert set(browser.run(widths)) == {368}
    browser.open(page, width=1280)
    assert len(set(browser.run(widths))) > 1


def test_everything_is_folded_at_first_and_unfolds(opened: Browser) -> None:
    total = len([resource for resource in evaluation_of("production").resources if is_made(resource)])
    assert opened.run("return document.querySelectorAll('.leaf').length") == total
    assert opened.run(OPEN) == 0
    opened.driver.find_element(By.ID, "unfold").click()
    assert opened.run(VISIBLE) == total
    opened.driver.find_element(By.ID, "fold").click()
    assert opened.run(OPEN) == 0


def test_search_finds_by_type_name_and_value(opened: Browser) -> None:
    field = opened.driver.find_element(By.ID, "search")
    field.send_keys("securitygroupingressrule redis-sg 6379")
    assert opened.driver.find_element(By.ID, "found").text.startswith("5 of ")
    shown = opened.run(
        "return [...document.querySelectorAll('.leaf')].filter((leaf) => leaf.checkVisibility())"
        ".map((leaf) => leaf.querySelector('summary').textContent.trim().split(/\\s+/)[0])"
    )
    assert shown == [
        f"zelly-production-redis-sg-from-{client}-tcp-6379"
        for client in ("customer-panel", "events-consumer", "fastify-nova", "internal-tools", "vpn")
    ]
    field.send_keys(" no such word")
    assert opened.driver.find_element(By.ID, "found").text.startswith("0 of ")
    field.send_keys(Keys.ESCAPE)
    assert opened.driver.find_element(By.ID, "found").text == ""


def test_keyboard_reaches_search_and_unfolds(opened: Browser) -> None:
    body = opened.driver.find_element(By.TAG_NAME, "body")
    body.send_keys("/")
    active = opened.driver.switch_to.active_element
    assert (active.get_attribute("id"), active.get_attribute("value")) == ("search", "")
    # Past the two buttons to the first component.
    active.send_keys(Keys.TAB, Keys.TAB, Keys.TAB)
    opened.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert opened.run(OPEN) == 1


def test_link_to_a_resource_unfolds_it(opened: Browser) -> None:
    link = opened.run("return document.querySelector('.leaf p a').getAttribute('href')")
    opened.run("location.hash = arguments[0]", link)
    target = opened.driver.find_element(By.CSS_SELECTOR, link)
    assert target.get_attribute("open") is not None
    assert target.is_displayed()


def test_sections_of_others_are_text(opened: Browser) -> None:
    assert opened.driver.find_element(By.ID, "cost").text == "Cost"
    cells = opened.run(
        "return [...document.querySelectorAll('[aria-labelledby=cost] td')].map((cell) => cell.textContent)"
    )
    assert cells[2:] == ["<script>alert(1)</script>", "0"]
    assert opened.run("return document.querySelectorAll('[aria-labelledby=rules] .emphasised').length") == 1
