"""What a stranger asks of the report's page, answered by the menu and a click or two."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.commands.report import write_report
from harness.report.page.render import render
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import QUERIES, MadeUpRun, details_of
from tests.harness.report.page.conftest import WIDE
from tests.harness.store.fake_records import POSTINGS, change, make_selection

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

MENU = {"ehi.branching": [4, 8], "tree.routing": ["flat"]}
UNSEEN = {"ehi": 0.2, "ivf": 0.3, "hnsw": 0.25}
"""The quality on the third of the queries for whose documents there is no training query."""


def write_run(run: MadeUpRun, path: Path) -> Path:
    """Copy the made-up run, with ehi-frozen equal to ehi, menus, leaves and unseen queries."""
    shutil.copytree(run.path, path)  # with the tree
    source, copy = RunFolder(run.path), RunFolder(path)
    for record in source.records():
        details = details_of(source, record)
        parts = {"nDCG@10": UNSEEN.get(record.method, 0.1)}
        own = change(
            record,
            queries_unseen=QUERIES // 3,
            queries_seen=QUERIES - QUERIES // 3,
            metrics_unseen=parts,
            metrics_seen=record.measured.quality.metrics,
        )
        if record.method == "ehi":
            selection = make_selection(MENU, [0, 1], ehi__branching=8, tree__routing="flat")
            settings = {**record.settings, "ehi": {"branching": 8}, "tree": {"routing": "flat"}}
            own = replace(change(own, postings=POSTINGS), selection=selection, settings=settings)
            frozen = replace(own, method="ehi-frozen", cell=f"frozen-{own.cell}")
            copy.add(frozen, details)
        copy.add(own, details)
    return path


@pytest.fixture(scope="module")
def asked(made_up_run: MadeUpRun, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the report of such a run, and return its address."""
    out = tmp_path_factory.mktemp("asked")
    run = write_run(made_up_run, out / "run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.commands.report.draw", lambda report, folder: None)
        return write_report([run], out / "report").page.as_uri()


@pytest.fixture
def asking(browser: "Browser", asked: str) -> Iterator["Page"]:
    page = browser.new_page(viewport=WIDE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(asked)
    yield page
    assert errors == []
    page.close()


def follow(page: "Page", entry: str) -> "Locator":
    """Click an entry of the menu and return the section that it leads to."""
    page.get_by_role("navigation").get_by_role("link", name=entry, exact=True).click()
    title = page.locator("[id$='-title']:focus").get_attribute("id")
    assert title is not None
    return page.locator(f"#{title.removesuffix('-title')}")


def test_which_method_is_best_at_a_budget_and_is_that_shown(asking: "Page"):
    section = follow(asking, "The best at a cost")
    section.get_by_role("button", name="5 %", exact=True).click()
    assert section.locator("tbody th").first.inner_text() == "hnsw"
    assert "limit=5" in asking.url
    said = section.locator(".lead").inner_text().replace("\u00a0", " ")
    assert said.startswith("At 5 % of the documents") and "hnsw" in said and "(p" in said
    section.get_by_role("button", name="MACs", exact=True).click()
    assert "multiply-adds" in section.inner_text()
    pressed = asking.locator("#curves button[aria-pressed=true]")
    assert pressed.inner_text() == "MACs"  # the chart shows the same cost


def test_which_method_is_best_on_queries_for_documents_without_training_queries(asking: "Page"):
    section = follow(asking, "The best at a cost")
    section.get_by_role("button", name="1 %", exact=True).click()
    section.get_by_role("button", name="unseen", exact=True).click()
    rows = [row.split("\t")[:2] for row in section.locator("tbody tr").all_inner_texts()]
    assert rows[:3] == [["ivf", ".300"], ["hnsw", ".250"], ["ehi", ".200"]]
    assert "was not tested in unseen nDCG@10" in section.locator(".lead").inner_text()
    assert "without training queries for their documents" in section.inner_text()
    section.get_by_role("button", name="all", exact=True).click()
    assert "measure" not in asking.url


def test_what_joint_training_is_worth(asking: "Page"):
    section = follow(asking, "What joint training is worth")
    rows = [row.split("\t") for row in section.locator("tbody tr").all_inner_texts()]
    assert [row[0].replace("\u00a0", " ") for row in rows] == ["1 %", "5 %", "10 %"]
    assert {row[3] for row in rows} == {"ehi-frozen"} and {row[5] for row in rows} == {"+.000"}
    assert {row[-1].replace("\u00a0", " ") for row in rows} == {"cannot tell"}  # of two seeds
    answer = asking.locator("#answer").inner_text().replace("\u00a0", " ")
    assert "ehi against ehi-frozen" in answer
    assert "cannot tell at 1 %, 5 %, 10 %." in answer


def test_which_settings_a_method_used_and_who_chose_them(asking: "Page"):
    section = follow(asking, "Settings and who chose them")
    chosen = section.locator("table").first
    rows = [row.split("\t") for row in chosen.locator("tbody tr").all_inner_texts()]
    assert rows == [
        ["ehi.branching", "tuning queries, from 4, 8", "8"],
        ["tree.routing", "the command", "flat"],  # a menu of one value
    ]
    assert not section.locator("table").nth(1).is_visible()
    section.locator("summary").click()
    assert "encoder.train" in section.locator("table").nth(1).inner_text()
    section.get_by_label("Method").select_option("ivf")
    assert "No setting was chosen from a menu." in section.inner_text()


def test_how_far_the_numbers_can_be_trusted(asking: "Page"):
    section = follow(asking, "How far to trust this")
    text = section.inner_text().replace("\u00a0", " ")
    assert "96 test queries" in text and "2 seeds: 0, 1" in text
    assert "paired t test over queries and seeds" in text
    assert "smallest difference found" in text and "in 80 % of all cases" in text
    rows = [row.split("\t") for row in section.locator("tbody tr").all_inner_texts()]
    # At 1 % ehi has .50 and hnsw .34; at 5 % .56 and .60, at 10 % .60 and .64.
    assert [row[3] for row in rows] == ["hnsw"] * 3
    assert [row[-1] for row in rows] == ["better", "worse", "worse"]


def test_which_claims_of_a_paper_are_contradicted(asking: "Page"):
    section = follow(asking, "What papers claim")
    rows = [row.split("\t") for row in section.locator("tbody tr").all_inner_texts()]
    assert ["EHI, nDCG@10", "beir:made<up>", "5 %, 10 %", "1 %", "-"] in [
        [cell.replace("\u00a0", " ") for cell in row] for row in rows
    ]


def test_how_full_the_leaves_are(asking: "Page"):
    section = follow(asking, "The tree")
    first = section.locator("table tbody tr").first.inner_text().split("\t")
    assert first == ["ehi", "8", "1", "3", "3", "2"]
    # Seven leaves share 120 documents; an eighth is empty.
    assert "1 empty" in section.inner_text()


def test_a_leaf_with_more_than_twice_the_average_says_so(asking: "Page", tmp_path: Path):
    content = json.loads(asking.locator("#data").text_content() or "")
    leaves = content["datasets"][0]["tree"]
    for leaf, size in zip(leaves, (50, 21, 20, 9, 0, 0, 0, 0), strict=True):  # 12.5 on average
        leaf["size"] = size
    (tmp_path / "index.html").write_text(render(content), encoding="utf-8")
    asking.goto((tmp_path / "index.html").as_uri())
    section = follow(asking, "The tree")
    loads = [text.splitlines()[0] for text in section.locator(".leaf .load").all_inner_texts()]
    assert loads[:2] == ["50 documents, 4 times the average", "21 documents"]
    assert "4 empty, 1 overfull: with more than 2 times the average" in section.inner_text()


def test_a_query_that_one_method_wins_against_another(asking: "Page"):
    section = follow(asking, "Query by query")
    assert section.locator("details").count() > 0
    assert section.locator(".score .win").first.inner_text().startswith("+")


def test_a_method_that_is_filtered_out_leaves_the_rows_that_are_about_no_method(asking: "Page"):
    asking.get_by_role("checkbox", name="hnsw", exact=True).uncheck()
    claims = asking.locator("#tables .table", has_text="what papers claim")
    assert claims.locator("tbody tr").count() == 6


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_the_answers_and_they_fit(
    browser: "Browser", asked: str, scheme: str, width: int
):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="run: pip install .[dev]"
    )
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(asked)
    for summary in page.locator("#settings summary, #found summary").all():
        summary.click()
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()
