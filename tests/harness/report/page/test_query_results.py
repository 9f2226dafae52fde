from pathlib import Path

import pytest

from harness.report.page import query_results
from harness.report.rows.dataset_records import DatasetRecords, gather
from harness.store.run_folder import RunFolder
from harness.store.stored_run import open_run, save_run
from tests.harness.report.fake_run import QUERIES, MadeUpRun


@pytest.fixture(scope="module")
def measured(made_up_run: MadeUpRun) -> DatasetRecords:
    return gather([RunFolder(made_up_run.path)])[0][0]


def test_texts_relevant_and_returned_documents_belong_together(
    measured: DatasetRecords, made_up_run: MadeUpRun
):
    results = query_results.query_results(measured, "nDCG@10", made_up_run.dataset)
    assert results["count"] == len(results["queries"]) == QUERIES
    query, text, relevant = results["queries"][5]
    assert (query, text) == ("q5", "query 5")
    names = [name for name, _ in results["documents"]]
    assert [names[i] for i in relevant] == [made_up_run.dataset.corpus.ids[5]]
    ehi = next(s for s in results["systems"] if (s["label"], s["budget"]) == ("ehi", "5 %"))
    assert [names[i] for i in ehi["ranking"][5]] == made_up_run.dataset.corpus.ids[5:15]
    row = next(r for r in measured.rows("nDCG@10") if (r.label, r.budget.limit) == ("ehi", 0.05))
    assert ehi["values"]["nDCG@10"][5] == round(1000 * row.per_query["q5"])
    hundred = next(r for r in measured.rows("R@100") if r.cells == row.cells)
    assert ehi["values"]["R@100"][5] == round(1000 * hundred.per_query["q5"])


def test_long_texts_are_cut_between_words(measured: DatasetRecords, made_up_run: MadeUpRun):
    results = query_results.query_results(measured, "nDCG@10", made_up_run.dataset)
    titles = [title for _, title in results["documents"]]
    assert max(map(len, titles)) <= query_results.TITLE_LENGTH
    assert any(title.endswith(" …") for title in titles)


def test_without_the_dataset_there_are_only_ids(measured: DatasetRecords):
    results = query_results.query_results(measured, "nDCG@10", None)
    assert {text for _, text, _ in results["queries"]} == {None}
    assert {title for _, title in results["documents"]} == {None}


def test_a_file_of_records_has_values_and_texts_without_documents_found(
    measured: DatasetRecords, made_up_run: MadeUpRun, tmp_path: Path
):
    save_run(RunFolder(made_up_run.path), tmp_path / "file")
    (saved,), _ = gather([open_run(tmp_path / "file")])
    of_folder, of_file = (
        query_results.query_results(each, "nDCG@10", made_up_run.dataset)
        for each in (measured, saved)
    )
    assert {system["ranking"] for system in of_file["systems"]} == {None}
    assert [s["values"] for s in of_file["systems"]] == [s["values"] for s in of_folder["systems"]]
    names = [name for name, _ in of_file["documents"]]
    assert [names[i] for i in of_file["queries"][5][2]] == [made_up_run.dataset.corpus.ids[5]]


def test_the_queries_in_which_methods_differ_most_are_kept(
    measured: DatasetRecords, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(query_results, "MAX_QUERIES", 3)
    results = query_results.query_results(measured, "nDCG@10", None)
    rows = measured.rows("nDCG@10")
    spread = {
        query: max(r.per_query[query] for r in rows) - min(r.per_query[query] for r in rows)
        for query in rows[0].per_query
    }
    widest = sorted(spread, key=lambda query: -spread[query])[:3]
    assert {query for query, _, _ in results["queries"]} == set(widest)
    assert results["count"] == QUERIES


def test_budgets_are_in_the_order_of_their_kinds_and_limits(measured: DatasetRecords):
    systems = query_results.query_results(measured, "nDCG@10", None)["systems"]
    limited = [s["budget"] for s in systems if not s["unlimited"]]
    assert list(dict.fromkeys(limited)) == ["1 %", "5 %", "10 %"]


def test_a_page_of_many_datasets_has_fewer_queries_of_each(measured: DatasetRecords):
    # 11 rows of four measures and ten positions each are 154 numbers per query.
    results = query_results.query_results(measured, "nDCG@10", None, numbers=20 * 154 + 153)
    assert len(results["queries"]) == 20 and results["count"] == QUERIES
