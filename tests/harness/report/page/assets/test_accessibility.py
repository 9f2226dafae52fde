"""The report's page for keyboards, screen readers, small windows, dark screens and paper."""

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.harness.report.page.conftest import WIDE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NARROW = {"width": 400, "height": 800}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", ["report", "record"])
def test_axe_finds_nothing(browser: "Browser", address: str, scheme: str, part: str):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="run: pip install .[dev]"
    )
    page = browser.new_page(viewport=WIDE, color_scheme=scheme)
    page.goto(address + ("#record=ehi" if part == "record" else ""))
    if part == "report":
        for details in page.locator("#queries summary, .leaf summary, .points summary").all()[:4]:
            details.click()
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_page_fits_the_window_and_follows_the_colour_scheme(
    browser: "Browser", address: str, scheme: str, viewport: dict[str, int]
):
    page = browser.new_page(viewport=viewport, color_scheme=scheme)
    page.goto(address)
    for details in page.locator("#queries summary").all()[:3]:
        details.click()
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in background[4:-1].split(",")) > 3 * 128
    assert light == (scheme == "light")
    chart, main = (page.locator(name).bounding_box() for name in (".chart svg", "main"))
    assert chart is not None and main is not None
    assert 0.85 * main["width"] < chart["width"] < viewport["width"]
    page.close()


def test_a_small_window_folds_the_menu(browser: "Browser", address: str):
    page = browser.new_page(viewport=NARROW)
    page.goto(address)
    assert not page.locator("nav").is_visible()
    page.get_by_text("Contents and filters").click()
    assert page.locator("nav").is_visible()
    page.close()


def test_the_first_stop_of_the_keyboard_skips_the_menu(page: "Page"):
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"


def test_the_chart_is_one_stop_and_arrows_move_in_it(page: "Page"):
    assert page.locator('.point[tabindex="0"]').count() == 1
    page.locator('.point[tabindex="0"]').focus()
    label = page.locator(":focus").get_attribute("data-label")
    page.keyboard.press("ArrowRight")
    assert page.locator(":focus").get_attribute("data-label") == label
    page.keyboard.press("ArrowDown")
    other = page.locator(":focus").get_attribute("data-label")
    assert other != label and page.locator('.point[tabindex="0"]').count() == 1
    page.keyboard.press("Enter")
    assert page.get_by_role("dialog", name=other).is_visible()


def test_headings_descend_by_single_levels(page: "Page"):
    levels = page.evaluate(
        "[...document.querySelectorAll('main :is(h1,h2,h3,h4)')].map((h) => +h.tagName[1])"
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_paper_has_the_report_without_menu_and_controls(page: "Page"):
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in ("header", ".controls", ".skip"):
        assert not page.locator(hidden).first.is_visible()
    for shown in ("h1", "#answer", ".chart svg", "#tables table", "#origin pre"):
        assert page.locator(shown).first.is_visible()
    assert (
        page.locator("#tables .scroll").first.evaluate("e => getComputedStyle(e).overflowX")
        == "visible"
    )
