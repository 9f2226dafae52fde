"""Use the parts of the report's page in Chromium."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.report.page.render import render
from tests.harness.report.fake_run import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page


def point(page: "Page", label: str, budget: str) -> "Locator":
    return page.locator(f'.point[data-label="{label}"][data-budget="{budget}"]')


def close_record(page: "Page") -> None:
    page.keyboard.press("Escape")
    # A dialog tells the page that it was closed a moment after the key.
    page.wait_for_url(lambda url: "record" not in url)


def test_the_page_opens_with_the_question_and_the_answer_on_every_dataset(page: "Page"):
    assert page.locator("h1").inner_text().startswith("Does learning the index")
    assert page.locator("#answer h3").all_inner_texts() == ["On beir:made<up>", "On other"]
    data = "JSON.parse(document.getElementById('data').textContent).datasets[0].answer"
    answer = page.locator("#answer ul").first.locator("li").all_inner_texts()
    # The browser keeps a number and its unit on one line.
    assert [each.replace("\u00a0", " ") for each in answer] == page.evaluate(data)


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


def test_the_axis_can_be_chosen_and_exact_search_is_a_point_of_throughput(page: "Page"):
    title = page.locator(".axis-title").first
    seen = []
    for words in ("Visited", "MACs", "Latency", "Throughput"):
        page.locator("#curves").get_by_role("button", name=words, exact=True).click()
        seen.append(title.text_content())
    assert len(set(seen)) == 4 and "documents visited" in str(seen[0])
    assert page.locator('.point[data-label="exact"]').count() == 1


def test_points_that_another_of_their_method_beats_are_faint(page: "Page"):
    page.locator("#curves").get_by_role("button", name="Throughput", exact=True).click()
    # A point with fewer documents is faster, so that each is the best at its cost.
    assert page.locator('.point[data-label="ivf"]').count() == 3
    assert page.locator(".point.beaten").count() == 0


def test_the_points_are_also_a_table(page: "Page"):
    page.get_by_text("The same points as a table").click()
    row = page.locator("details.points tbody tr", has_text="ehi").nth(1)
    assert row.inner_text().split()[:5] == ["ehi", "5", "%", "4.5", "%"]


def test_the_best_at_a_cost_is_the_best_point_that_costs_no_more(page: "Page"):
    reading = page.locator("#reading")
    reading.get_by_role("spinbutton").fill("5")
    rows = [row.split("\t") for row in reading.locator("tbody tr").all_inner_texts()]
    # At 10 % a method visits 9 %. hnsw has .60 at 5 %, ehi .56 and ivf .44; bm25 visits 3.6 %.
    assert [row[0] for row in rows] == ["hnsw", "ehi", "ivf", "bm25"]
    assert [row[3] for row in rows] == ["5 %", "5 %", "5 %", "none"]
    reading.get_by_role("spinbutton").fill("0.001")
    assert "No method was measured within that cost." in reading.inner_text()


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


def test_a_row_opens_its_record_and_escape_closes_it(page: "Page"):
    button = page.locator("#tables table").first.get_by_role("button", name="ehi", exact=True)
    button.click()
    record = page.get_by_role("dialog", name="ehi")
    assert record.is_visible() and "record=ehi" in page.url
    record.get_by_label("Budget").select_option("5 %")
    text = record.inner_text()
    assert "training, s\t2.0\t2.0" in text and "seed 0\tseed 1" in text
    assert "encoder.name\tminilm" in text and "ehibench run --dataset" in text
    counts = record.locator(".histogram svg").get_attribute("aria-label") or ""
    assert sum(int(part.split(": ")[1]) for part in counts.split(". ")[-1].split("; ")) == 96
    close_record(page)
    assert record.count() == 0 and "record" not in page.url
    assert button.evaluate("button => button === document.activeElement")


def test_a_cell_opens_the_record_at_its_budget(page: "Page"):
    record = page.get_by_role("dialog", name="hnsw")
    quality, differences = (
        page.locator("#tables table").nth(i) for i in (0, 2)
    )  # between them: claims
    for cell in (
        quality.get_by_role("row", name="hnsw").locator("td").nth(2),
        differences.get_by_role("row", name="hnsw 5 %").locator("td").last,
    ):
        cell.click()
        assert "at 5 %, 2 seeds" in record.inner_text()
        close_record(page)


def test_wins_and_losses_list_the_documents_each_method_returned(page: "Page"):
    queries = page.locator("#queries")
    assert "ehi is better in 96 queries, worse in 0" in queries.inner_text()
    queries.get_by_role("combobox", name="At", exact=True).select_option("5 %")
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
    assert "made<up>" in page.locator("#dataset").inner_text()


def test_a_leaf_is_found_by_its_words_and_lists_its_documents(page: "Page"):
    leaves = page.locator(".leaf")
    assert leaves.count() == 8
    sizes = [int(text.split()[0]) for text in page.locator(".leaf .load").all_inner_texts()]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] == 0
    word = page.locator(".leaf .words").first.inner_text().split()[0]
    page.get_by_placeholder("a word").fill(word)
    assert 0 < leaves.count() < 8
    assert word in leaves.first.inner_text()
    leaves.first.locator("summary").click()
    leaves.first.locator("li").first.wait_for()
    assert leaves.first.locator("li").count() == min(20, sizes[0])


def test_another_dataset_can_be_chosen(page: "Page"):
    page.get_by_label("Dataset").select_option("other")
    assert page.locator("#dataset").inner_text().startswith("other\n\n96 test queries")
    assert page.locator(".legend li").all_inner_texts() == ["ehi", "ivf"]
    assert "no tree of other" in page.locator("#tree").inner_text()
    assert "Note: no texts of other" in page.locator("#origin").inner_text()
    query = page.locator("#queries details").first
    query.locator("summary").click()
    query.locator("ol").first.wait_for()
    assert query.locator("li").first.inner_text() == "<i>0</i>"  # only the id: the text is lost
    page.get_by_label("Dataset").select_option("beir:made<up>")
    assert page.locator(".legend li").count() == 5


def test_commands_and_provenance_are_shown(page: "Page"):
    text = page.locator("#origin").inner_text()
    assert "ehibench run --dataset" in text and "commit" in text and "ehibench 0.1.0" in text


def test_points_far_below_the_contest_are_named_and_not_drawn(
    browser: "Browser", address: str, tmp_path: Path
):
    report = Path(address.removeprefix("file://")).read_text(encoding="utf-8")
    data = re.search(r'id="data">(.*?)</script>', report, re.DOTALL)
    assert data is not None
    content = json.loads(data[1])
    curve = next(c for c in content["datasets"][0]["curves"] if c["label"] == "ivf")
    curve["points"][0]["values"]["nDCG@10"] = [0.01, 0.01, 0.01]
    (tmp_path / "index.html").write_text(render(content), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    assert page.locator('.point[data-label="ivf"]').count() == 2
    assert "points of ivf" in page.locator("#curves .below").inner_text()
    page.get_by_role("button", name="None").click()
    page.get_by_role("checkbox", name="ivf", exact=True).check()
    assert page.locator('.point[data-label="ivf"]').count() == 3
    page.close()
