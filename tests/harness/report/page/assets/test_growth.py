"""The growth of costs with the corpus on the report's page, in Chromium."""

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from harness.commands.report import write_report
from tests.harness.report.fake_growth import write_sizes
from tests.harness.report.fake_run import MadeUpRun
from tests.harness.report.page.conftest import WIDE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NARROW = {"width": 400, "height": 800}


@pytest.fixture(scope="module")
def grown(made_up_run: MadeUpRun, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a report of the made-up run and of three sizes, and return its address."""
    out = tmp_path_factory.mktemp("grown")
    folders = [folder.path for folder in write_sizes(out / "sizes")]
    with pytest.MonkeyPatch.context() as patch:
        for drawing in ("draw", "draw_growth"):
            patch.setattr(f"harness.commands.report.{drawing}", lambda report, folder: None)
        return write_report([made_up_run.path, *folders], out / "report").page.as_uri()


def open_page(browser: "Browser", address: str, **options: object) -> "Page":
    page = browser.new_page(**{"viewport": WIDE, **options})
    page.goto(address)
    return page


def test_lines_end_with_their_exponents_and_have_a_marker_per_size(browser: "Browser", grown: str):
    page = open_page(browser, grown)
    charts = page.locator("#growth .chart svg")
    assert charts.count() == 6
    texts = charts.first.locator("text").all_text_contents()
    assert {"ehi .75", "ivf .50", "hnsw .25", "exact 1.00", "1,000,000"} <= set(texts)
    assert charts.first.locator("path[transform]").count() == 3 * 3
    page.close()


def test_the_answer_and_the_menu_lead_to_it(browser: "Browser", grown: str):
    page = open_page(browser, grown)
    title = "On beir:synthetic, 10,000 to 1,000,000 documents"
    assert page.locator("#answer h3").all_inner_texts() == ["On beir:made<up>", title]
    page.locator("#contents a", has_text="Growth with the corpus").click()
    page.locator("#growth-title:focus").wait_for()
    page.close()


def test_the_names_of_lines_do_not_overlap(browser: "Browser", grown: str):
    page = open_page(browser, grown)
    for chart in page.locator("#growth .chart svg").all():
        ends = [
            text.bounding_box()
            for text in chart.locator("text").all()
            if (text.text_content() or "").split(" ")[0] in ("ehi", "ivf", "hnsw", "exact")
        ]
        boxes = sorted((box for box in ends if box), key=lambda box: box["y"])
        assert len(boxes) == 4
        middles = [box["y"] + box["height"] / 2 for box in boxes]
        assert all(b - a > 10 for a, b in pairwise(middles))
    page.close()


def test_the_filters_of_methods_hide_lines_and_rows(browser: "Browser", grown: str):
    page = open_page(browser, grown)
    names = page.locator("#growth .chart svg").first.locator("text")
    rows = page.locator("#growth table").first.locator("tbody td:first-child")
    page.get_by_role("checkbox", name="ivf", exact=True).uncheck()
    assert {"ehi .75", "hnsw .25", "exact 1.00"} <= set(names.all_text_contents())
    assert "ivf .50" not in names.all_text_contents() and "ivf" not in rows.all_inner_texts()
    copy = open_page(browser, page.url)
    assert copy.locator("#growth").inner_text() == page.locator("#growth").inner_text()
    page.get_by_role("button", name="None").click()
    assert page.locator("#growth svg").count() == 0
    assert "The filters hide every method." in page.locator("#growth").inner_text()
    page.get_by_role("button", name="All", exact=True).click()
    assert page.locator("#growth svg").count() == 6 and "ivf .50" in names.all_text_contents()
    for opened in (page, copy):
        opened.close()


def test_another_dataset_is_not_filtered_any_more(browser: "Browser", grown: str):
    page = open_page(browser, grown)
    page.get_by_role("button", name="None").click()
    page.get_by_label("Dataset").select_option("beir:synthetic-10000")
    assert page.locator("#growth svg").count() == 6
    page.close()


def test_a_size_is_not_shown_query_by_query(browser: "Browser", grown: str):
    page = open_page(browser, f"{grown}#dataset=beir:synthetic-10000")
    assert page.locator("#dataset").inner_text().startswith("beir:synthetic-10000")
    assert page.locator("#queries").count() == 0
    assert page.locator("#contents a", has_text="Query by query").count() == 0
    page.close()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_it_fits_the_window(
    browser: "Browser", grown: str, scheme: str, viewport: dict[str, int]
):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="run: pip install .[dev]"
    )
    page = open_page(browser, grown, viewport=viewport, color_scheme=scheme)
    found = axe.Axe().run(page, context="#growth")
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    page.close()


def test_a_report_without_sizes_has_no_such_part(page: "Page"):
    assert page.locator("#growth").is_hidden()
    assert page.locator("#contents a", has_text="Growth").count() == 0
