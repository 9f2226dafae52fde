"""Open the report page of the made-up run in Chromium and use it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.commands.report import write_report
from tests.harness.report.fake_run import HOSTILE, MadeUpRun, copy_as

playwright = pytest.importorskip("playwright.sync_api", reason="run: pip install .[dev]")
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed; run: apt-get install chromium"
)
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 400, "height": 800}


@pytest.fixture(scope="module")
def address(made_up_run: MadeUpRun, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a report of the made-up run and of a second dataset whose data cannot be found."""
    out = tmp_path_factory.mktemp("page")
    other = copy_as("other", made_up_run, out / "other").path
    return write_report([made_up_run.path, other], out).page.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """The browser's console messages and errors, and every address the page requests."""
    return []


@pytest.fixture
def page(browser: "Browser", address: str, complaints: list[str]) -> Iterator["Page"]:
    page = browser.new_page(viewport=WIDE)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(address)
    assert complaints.pop(0) == address  # the only request is the page itself
    yield page
    assert complaints == []
    page.close()


def point(page: "Page", label: str, budget: str) -> "Locator":
    return page.locator(f'.point[data-label="{label}"][data-budget="{budget}"]')


def test_pointer_and_keyboard_show_the_values_of_a_marker(page: "Page"):
    tooltip = page.locator("#tooltip")
    assert tooltip.is_hidden()
    for action in ("hover", "focus"):
        getattr(point(page, "ehi", "5 %"), action)()
        assert tooltip.is_visible()
        text = tooltip.inner_text()
        assert text.startswith("ehi at 5 %") and "nDCG@10\n0.5" in text
        assert "Visited\n4.5 %" in text and "MACs\n6 %" in text and "Latency\n0.1 ms" in text
        page.mouse.move(5, 5)
        page.locator("h1").click()
        assert tooltip.is_hidden()


def test_the_legend_hides_a_method_and_shows_it_again(page: "Page"):
    entry = page.locator('.legend button[data-label="ivf"]')
    markers = page.locator('.point[data-label="ivf"]')
    assert markers.count() == 3
    entry.click()
    assert markers.count() == 0 and entry.get_attribute("aria-pressed") == "false"
    assert page.locator('.point[data-label="ehi"]').count() == 3
    entry.click()
    assert markers.count() == 3 and entry.get_attribute("aria-pressed") == "true"


def test_the_axis_and_the_measure_can_be_chosen(page: "Page"):
    titles = page.locator(".axis-title")
    seen = []
    for words in ("Visited", "MACs", "Latency", "Throughput"):
        page.get_by_role("button", name=words, exact=True).click()
        seen.append(titles.first.text_content())
    assert len(set(seen)) == 4 and "documents visited" in str(seen[0])
    page.locator("#curves").get_by_label("Measure").select_option("R@100")
    assert titles.last.text_content() == "R@100"
    assert page.locator('.point[data-label="exact"]').count() == 1  # its throughput is a point


def test_clicking_a_header_sorts_within_each_section(page: "Page"):
    table = page.locator("#tables table").first
    first_cells = table.locator("tbody tr td:first-child")
    head = table.locator('th[data-column="2"]')
    assert first_cells.all_inner_texts() == ["ehi", "hnsw", "ivf", "bm25", "exact"]
    head.get_by_role("button").click()
    assert first_cells.all_inner_texts() == ["hnsw", "ehi", "ivf", "exact", "bm25"]
    assert head.get_attribute("aria-sort") == "descending"
    head.get_by_role("button").click()
    assert first_cells.all_inner_texts() == ["ivf", "ehi", "hnsw", "bm25", "exact"]
    assert head.get_attribute("aria-sort") == "ascending"


def test_wins_and_losses_list_the_documents_each_method_returned(page: "Page"):
    queries = page.locator("#queries")
    assert "ehi is better in 96 queries, worse in 0" in queries.inner_text()
    queries.get_by_label("Budget").select_option("5 %")
    queries.get_by_label("Against").select_option("hnsw")
    assert "ehi is better in 0 queries" in queries.inner_text()
    page.get_by_role("button", name="Losses").click()
    row = queries.locator("details", has_text="query 5").first
    row.locator("summary").click()
    row.locator("ol").first.wait_for()
    ehi, hnsw = row.locator("ol").all()
    assert ehi.locator("li").count() == hnsw.locator("li").count() == 10
    assert ehi.locator("li.relevant").count() == 1
    assert ehi.locator("li").first.get_attribute("class") == "relevant"
    assert hnsw.locator("li.relevant").count() == 0


def test_markup_in_ids_and_texts_is_shown_as_text(page: "Page"):
    assert page.title() == "ehibench report"
    assert page.locator("script").count() == 2 and page.locator("main i, main td i").count() == 0
    query = page.locator("#queries details", has_text="query 0").first
    assert HOSTILE in query.inner_text()
    query.locator("summary").click()
    query.locator("ol").first.wait_for()
    assert "<i>0</i>" in query.inner_text()
    assert "made<up>" in page.locator("#found").inner_text()


def test_a_leaf_is_found_by_its_words(page: "Page"):
    leaves = page.locator(".leaf")
    assert leaves.count() == 8
    sizes = [int(text) for text in page.locator(".leaf .count").all_inner_texts()]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] == 0
    word = page.locator(".leaf .words").first.inner_text().split()[0]
    page.get_by_placeholder("a word").fill(word)
    assert 0 < leaves.count() < 8
    assert word in leaves.first.inner_text()


def test_another_dataset_can_be_chosen(page: "Page"):
    page.get_by_label("Dataset").select_option("other")
    assert (
        page.locator("#found").inner_text().startswith("What was found\n\nother: 96 test queries")
    )
    assert page.locator(".legend button").all_inner_texts() == ["ehi", "ivf"]
    assert page.locator("#tree").count() == 0
    assert "Note: no texts of other" in page.locator("#origin").inner_text()
    query = page.locator("#queries details").first
    query.locator("summary").click()
    query.locator("ol").first.wait_for()
    assert query.locator("li").first.inner_text() == "<i>0</i>"  # only the id: the text is lost
    page.get_by_label("Dataset").select_option("beir:made<up>")
    assert page.locator(".legend button").count() == 5


def test_commands_and_provenance_are_shown(page: "Page"):
    text = page.locator("#origin").inner_text()
    assert "ehibench run --dataset" in text and "commit" in text and "ehibench 0.1.0" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_page_fits_the_window_and_follows_the_colour_scheme(
    browser: "Browser", address: str, scheme: str, viewport: dict[str, int], tmp_path: Path
):
    page = browser.new_page(viewport=viewport, color_scheme=scheme)
    page.goto(address)
    for details in page.locator("#queries summary").all()[:3]:
        details.click()
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in background[4:-1].split(",")) > 3 * 128
    assert light == (scheme == "light")
    width = page.locator(".chart svg").bounding_box()["width"]
    assert 0.85 * min(viewport["width"], 1096) < width < viewport["width"]
    page.close()
