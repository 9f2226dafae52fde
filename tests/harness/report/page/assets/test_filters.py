"""Filter the report's page in Chromium, and follow links to what is filtered."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def labels(page: "Page") -> list[str]:
    """Return the methods of the chart, which has a legend, and check those of the first table."""
    legend = page.locator(".legend li").all_inner_texts()
    table = page.locator("#tables table").first.locator("tbody td:first-child").all_inner_texts()
    assert sorted(table) == sorted(legend)
    return legend


def test_a_method_is_hidden_from_chart_and_tables_and_shown_again(page: "Page"):
    everything = labels(page)
    box = page.get_by_role("checkbox", name="ivf", exact=True)
    box.uncheck()
    assert labels(page) == [label for label in everything if label != "ivf"]
    assert page.locator('.point[data-label="ivf"]').count() == 0
    assert "The filters show only 4 methods." in page.locator("#dataset").inner_text()
    box.check()
    assert labels(page) == everything and "method=" not in page.url
    page.get_by_role("button", name="None").click()
    assert labels(page) == []


def test_a_measure_is_that_of_chart_tables_and_queries(page: "Page"):
    page.get_by_label("Measure").select_option("R@100")
    assert page.locator(".axis-title").last.text_content() == "R@100"
    heads = page.locator("#tables thead").first.inner_text()
    assert "R@100" in heads and "nDCG@10" not in heads
    assert "by R@100" in page.locator("#queries").inner_text()
    page.get_by_label("Measure").select_option("RR@10")
    assert "This table has no MRR@10" in page.locator("#tables").inner_text()


def test_a_link_reproduces_the_view(page: "Page", browser: "Browser"):
    page.get_by_label("Dataset").select_option("other")
    page.get_by_role("checkbox", name="ivf", exact=True).uncheck()
    page.get_by_label("Measure").select_option("R@10")
    page.get_by_role("combobox", name="Budget").select_option("visited")
    page.locator("#curves").get_by_role("button", name="MACs", exact=True).click()
    page.locator("#reading").get_by_role("spinbutton").fill("7")
    page.get_by_role("button", name="Losses").click()
    copy = browser.new_page()
    copy.goto(page.url)
    for each in (page, copy):
        assert labels(each) == ["ehi"]
        assert each.get_by_label("Dataset").input_value() == "other"
        assert each.get_by_role("combobox", name="Budget").input_value() == "visited"
        assert "multiply-adds" in str(each.locator(".axis-title").first.text_content())
        assert each.locator(".axis-title").last.text_content() == "R@10"
        assert each.locator("#reading").get_by_role("spinbutton").input_value() == "7"
        losses = each.get_by_role("button", name="Losses")
        assert losses.get_attribute("aria-pressed") == "true"
    assert page.locator("main").inner_text() == copy.locator("main").inner_text()
    copy.close()


def test_a_link_to_what_this_report_lacks_shows_its_first_view(browser: "Browser", address: str):
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}#dataset=lost&budget=x&measure=y&cost=z&record=w&section=v&compared=u")
    assert page.get_by_label("Dataset").input_value() == "beir:made<up>"
    assert page.locator(".point").count() > 0 and page.get_by_role("dialog").count() == 0
    assert errors == []
    page.close()


def test_the_menu_leads_to_sections_and_keeps_the_filters(page: "Page"):
    page.get_by_role("checkbox", name="ivf", exact=True).uncheck()
    page.get_by_role("navigation").get_by_role("link", name="Query by query").click()
    page.locator("#queries-title:focus").wait_for()
    assert "section=queries" in page.url and "ivf" not in labels(page)
    top = page.locator("#queries").bounding_box()
    assert top is not None and abs(top["y"]) < 60
