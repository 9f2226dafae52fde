"""`ehibench run` from its options to the records in the run folder."""

import json
import shutil
from collections import Counter
from pathlib import Path

import ir_measures
import pytest

from tests.harness.bench import Bench
from tests.methods.encoder.made_models import declaring, with_nan


def test_every_method_and_budget_has_a_record(bench: Bench, finished_run: Path):
    records = bench.records(finished_run)
    assert sorted((record.method, record.budget.limit or 0) for record in records) == [
        ("ehi", 0.3),
        ("ehi", 0.6),
        ("exact", 0),
        ("ivf", 0.3),
        ("ivf", 0.6),
    ]
    assert {(r.dataset, r.seed, r.budget.kind) for r in records} == {("beir:tiny", 0, "visited")}


def test_queries_that_share_no_word_with_any_document_are_counted(bench: Bench, tmp_path: Path):
    queries = bench.copy_dataset(tmp_path / "data") / "queries.jsonl"
    rows = [json.loads(line) for line in queries.read_text().splitlines()]
    test = (queries.parent / "qrels" / "test.tsv").read_text().splitlines()[1:]
    asked = {line.split("\t")[0] for line in test}
    for row in rows:
        row["text"] = "qwxz 水" if row["_id"] == test[0].split("\t")[0] else f"a {row['text']}"
    queries.write_text("\n".join(map(json.dumps, rows)))
    done = bench.run("--methods", "bm25")
    count = f"of {len(asked)} test queries share no word with any document"
    (line,) = [line for line in done.output.splitlines() if count in line]
    assert line.startswith("bm25: ") and line in bench.show()


def test_finished_cells_are_skipped_and_force_measures_them_again(bench: Bench):
    words = ["--methods", "ivf", "--budget", "0.5"]
    assert bench.run(*words).exit_code == 0
    (attempt,) = Path("run").glob("cells/*/*")
    assert bench.run(*words).exit_code == 0
    assert list(Path("run").glob("cells/*/*")) == [attempt]
    trained = [
        *Path("run").glob("trained/*/encoder/training.json"),
        *Path("run").glob("trained/*/*/*.npy"),
    ]
    before = {path: path.stat().st_mtime_ns for path in trained}
    assert len(before) == 5
    assert bench.run(*words, "--force").exit_code == 0
    assert len(list(Path("run").glob("cells/*/*"))) == 2
    assert all(path.stat().st_mtime_ns > then for path, then in before.items())


def test_the_depth_decides_how_many_documents_are_returned_and_which_measures_there_are(
    bench: Bench,
):
    words = ["--methods", "ivf,bm25", "--budget", "0.5"]
    for depth in (10, 100):
        done = bench.run(*words, "--depth", depth)
        assert done.exit_code == 0, done.output
        assert ("R@100" in done.output) == (depth == 100)
        assert f"device cpu, depth {depth}" in done.output or "device cuda" in done.output
    ranks: dict[int, set[int]] = {10: set(), 100: set()}
    for record in bench.records():
        assert ("R@100" in record.measured.quality.metrics) == (record.depth == 100)
        (path,) = Path("run").glob(f"cells/{record.cell}/*/run.trec.gz")
        hits = Counter(hit.query_id for hit in ir_measures.read_trec_run(str(path)))
        ranks[record.depth] |= set(hits.values())
    assert max(ranks[10]) == 10 and 10 < max(ranks[100]) <= 100
    assert len(list(Path("run").glob("trained/*/encoder"))) == 1  # both depths share the training


def test_queries_that_are_documents_do_not_find_themselves(bench: Bench, tmp_path: Path):
    folder = bench.copy_dataset(tmp_path / "own")
    test = (folder / "qrels" / "test.tsv").read_text().splitlines()[1:]
    queries = {line.split("\t")[0] for line in test}
    texts = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    with (folder / "corpus.jsonl").open("a") as corpus:
        corpus.writelines(json.dumps(row) + "\n" for row in texts if row["_id"] in queries)
    done = bench.run("--methods", "exact,bm25", "--set", "encoder.train=frozen")
    assert done.exit_code == 0, done.output
    count = f"{len(queries)} of {len(queries)}"
    assert f"test: {count} queries have the id of a document, which is left out" in done.output
    for path in Path("run").glob("cells/*/*/run.trec.gz"):
        found = [(h.query_id, h.doc_id) for h in ir_measures.read_trec_run(str(path))]
        assert found and all(query != document for query, document in found)
    (exact,) = Path("run").glob("cells/exact-*/*/run.trec.gz")
    hits = Counter(hit.query_id for hit in ir_measures.read_trec_run(str(exact)))
    assert set(hits.values()) == {10}


def test_test_queries_without_a_relevant_document_are_counted(bench: Bench, tmp_path: Path):
    path = bench.copy_dataset(tmp_path / "judged") / "qrels" / "test.tsv"
    header, first, *rest = path.read_text().splitlines()
    irrelevant = "\t".join([*first.split("\t")[:2], "0"])
    path.write_text("\n".join([header, irrelevant, *rest]) + "\n")
    done = bench.run("--methods", "exact", "--set", "encoder.train=frozen")
    assert done.exit_code == 0, done.output
    assert "test: 1 of " in done.output and "queries have no relevant document" in done.output
    (record,) = bench.records()
    quality = record.measured.quality
    assert quality.count("seen") + quality.count("unseen") == quality.queries - 1


def test_the_same_seed_finds_the_same_documents(bench: Bench):
    runs = []
    for name in ("one", "two"):
        done = bench.run("--methods", "ehi", "--budget", "0.3", out=name)
        assert done.exit_code == 0, done.output
        (path,) = Path(name).glob("cells/*/*/run.trec.gz")
        runs.append([(hit.query_id, hit.doc_id) for hit in ir_measures.read_trec_run(str(path))])
    assert runs[0] == runs[1]


def test_a_budget_can_count_macs(bench: Bench):
    words = ["--methods", "ivf", "--budget", "0.5"]
    assert bench.run(*words, "--budget-by", "macs").exit_code == 0
    (record,) = bench.records()
    assert record.budget.kind == "macs"
    assert record.measured.spent == record.measured.cost.macs


def test_a_budget_can_be_milliseconds(bench: Bench):
    words = ["--methods", "ivf", "--budget", "1000,0.000001"]
    done = bench.run(*words, "--budget-by", "latency")
    assert done.exit_code == 2 and " ms that effort 1 spends" in done.output
    records = {record.budget.limit: record for record in bench.records()}
    result = records[1000].measured
    assert result.effort == 8 and result.spent == result.latency.search_ms.p50 < 1000
    assert records[0.000001].status == "failed"
    assert "1000 ms" in bench.show()


def test_a_quality_is_reached_with_the_least_effort(bench: Bench):
    words = ["--methods", "ivf,exact,bm25", "--quality", "0.6,1"]
    assert bench.run(*words).exit_code == 0
    records = {(record.method, record.budget.limit): record.measured for record in bench.records()}
    some, all_of_it = records["ivf", 0.6], records["ivf", 1.0]
    assert some.effort < all_of_it.effort and (some.next_spent or 0) < 0.6
    assert some.spent == some.quality.overlap_exact_10 != 0
    assert records["exact", None].spent == 1.0
    assert records["bm25", None].spent is None
    assert "60 % overlap" in bench.show() and "100 % overlap" in bench.show()


def test_a_quality_may_be_a_share_of_ndcg(bench: Bench):
    words = ["--methods", "ivf,exact", "--quality", "0.8", "--quality-by", "ndcg"]
    assert bench.run(*words).exit_code == 0
    exact, ivf = (record.measured for record in bench.records())
    share = ivf.quality.metrics["nDCG@10"] / exact.quality.metrics["nDCG@10"]
    assert ivf.spent == pytest.approx(share) and exact.spent == pytest.approx(1.0)


def test_settings_that_differ_are_shown_with_the_method(bench: Bench):
    words = ["--methods", "ivf", "--budget", "0.6"]
    assert bench.run(*words).exit_code == 0
    assert bench.run(*words, "--set", "ivf.lists=4").exit_code == 0
    shown = bench.show()
    assert "ivf ivf.lists=8" in shown and "ivf ivf.lists=4" in shown


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--methods", "ehii"], "did you mean 'ehi'?"),
        (["--methods", ","], "--methods is empty"),
        (["--budget", "0"], "outside (0, 1]"),
        (["--budget", "1.5"], "outside (0, 1]"),
        (["--budget", "nan"], "outside (0, 1]"),
        (["--budget", "much"], "--budget takes numbers"),
        (["--budget", ","], "--budget takes numbers"),
        (["--seed", "-1"], "--seed -1 is negative"),
        (["--set", "training.head_learning_rate=inf"], "it must be a number"),
        (["--seed", "1.5"], "--seed takes whole numbers"),
        (["--timeout", "nan"], "--timeout takes seconds, not nan"),
        (["--timeout", "inf"], "is not in the range"),
        (["--preset", "quik"], "did you mean 'quick'?"),
        (["--set", "ehi.heigth=2"], "did you mean 'ehi.height'?"),
        (["--dataset", "hpp"], "did you mean 'hpo'?"),
        (["--dataset", "beir:/nowhere"], "/nowhere is not a folder"),
        (["--device", "cuda"], "--device cuda: torch finds no CUDA device"),
        (["--encode-device", "cuda"], "--encode-device cuda: torch finds no CUDA device"),
        (["--search-device", "cuda"], "--search-device cuda: torch finds no CUDA device"),
        (["--out", "/proc/run"], "cannot write to /proc/run/cells"),
        (["--set", "encoder.name=/nowhere/at/all"], "neither minilm nor a folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    bench: Bench, change: list[str], message: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    done = bench.run(*change)
    assert done.exit_code == 2, done.output
    errors = [line for line in done.output.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1 and message in errors[0], done.output
    assert "Traceback" not in done.output


def test_training_without_training_queries_is_rejected(bench: Bench, tmp_path: Path):
    copy = bench.copy_dataset(tmp_path / "untrained")
    (copy / "qrels" / "train.tsv").rename(copy / "qrels" / "dev.tsv")
    done = bench.run("--budget", "0.5", "--methods", "ivf")
    assert done.exit_code == 2 and "has no train split" in done.output
    frozen = ["--methods", "ivf,ehi", "--set", "encoder.train=frozen"]
    done = bench.run("--budget", "0.5", *frozen)
    assert done.exit_code == 2 and "ehi learns its tree from training queries" in done.output
    status = {record.method: record.status for record in bench.records()}
    assert status == {"ivf": "ok", "ehi": "failed"}


def test_a_test_query_that_is_also_a_tuning_query_is_rejected(bench: Bench, tmp_path: Path):
    copy = bench.copy_dataset(tmp_path / "leaking")
    shutil.copy(copy / "qrels" / "test.tsv", copy / "qrels" / "dev.tsv")
    done = bench.run()
    assert done.exit_code == 2 and "is in both dev and test" in done.output


def test_exact_search_needs_only_test_queries(bench: Bench, tmp_path: Path):
    copy = bench.copy_dataset(tmp_path / "only-test")
    (copy / "qrels" / "train.tsv").unlink()
    done = bench.run("--methods", "exact", "--set", "encoder.train=frozen")
    assert done.exit_code == 0, done.output


def test_bm25_needs_neither_an_encoder_nor_training_queries(bench: Bench, tmp_path: Path):
    copy = bench.copy_dataset(tmp_path / "only-test")
    (copy / "qrels" / "train.tsv").unlink()
    done = bench.run("--methods", "bm25", "--set", "encoder.name=/nowhere")
    assert done.exit_code == 0, done.output
    (record,) = bench.records()
    assert record.measured.cost.macs is None
    assert record.measured.quality.metrics["nDCG@10"] > 0.3


def test_vectors_that_are_not_finite_are_one_line(bench: Bench, tiny_encoder: Path, tmp_path: Path):
    broken = with_nan(tiny_encoder, tmp_path / "broken", "height")
    done = bench.run("--methods", "exact,ivf", "--set", f"encoder.name={broken}")
    assert done.exit_code == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert line.startswith("Error: exact; ivf at 10 %: failed: ") and "not finite" in line


def test_an_encoder_is_used_as_it_declares(bench: Bench, tiny_encoder: Path, tmp_path: Path):
    declared = {"prompts": {"query": "short ", "passage": "tall "}, "similarity_fn_name": "dot"}
    model = declaring(tiny_encoder, tmp_path / "model", **declared)
    words = ("--methods", "exact", "--set", f"encoder.name={model}")
    done = bench.run(*words)
    assert done.exit_code == 0, done.output
    assert 'queries after "short ", documents after "tall "' in done.output
    (record,) = bench.records()
    assert record.settings["encoder"]["normalise"] is False
    assert record.measured.training is not None
    assert record.measured.training.document_prompt == "tall "
    bench.run(*words, "--set", "encoder.normalise=false")  # is the same cell
    assert len(bench.records()) == 1
    bench.run(*words, "--set", "encoder.document_prompt=")
    assert len(bench.records()) == 2


def test_json_is_what_show_prints(bench: Bench, finished_run: Path, tmp_path: Path):
    shutil.copytree(finished_run, tmp_path / "copy")
    words = ("--methods", "ehi,ivf,exact", "--budget", "0.3,0.6", "--json")
    done = bench.run(*words, out="copy")  # skips finished cells
    assert done.exit_code == 0, done.stderr
    shown = {record["cell"]: record for record in json.loads(bench.show("--json", out="copy"))}
    assert {record["cell"]: record for record in json.loads(done.stdout)} == shown


def test_json_has_no_plan(bench: Bench):
    done = bench.run("--json", "--dry-run")
    assert done.exit_code == 2 and "leave one of them out" in done.output
