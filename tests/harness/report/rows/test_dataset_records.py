import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.report.dataset_report import DatasetReport
from harness.report.figures.draw import draw
from harness.report.rows.dataset_records import gather
from harness.store.ablations import Ablation, write_ablation
from harness.store.record import Details
from harness.store.run_folder import RunFolder
from harness.store.stored_run import open_run, save_run
from methods.errors import InputError
from tests.harness.report.fake_run import MadeUpRun
from tests.harness.store.fake_records import BROKEN, change, make_record

FAILED = make_record(cell="failed", failure=BROKEN)


def test_a_cell_in_two_folders_counts_once(made_up_run: MadeUpRun, tmp_path: Path):
    again = tmp_path / "again"
    shutil.copytree(made_up_run.path, again)
    RunFolder(again).add(change(RunFolder(again).records()[0], effort=99))
    (once,), silent = gather([RunFolder(made_up_run.path)])
    (both,), notes = gather([RunFolder(made_up_run.path), RunFolder(again)])
    assert both.records == once.records
    assert silent == []
    assert notes == [
        f"22 cells of {again} are also in an earlier run; their records in that run are used"
    ]


def test_the_arms_of_an_ablation_are_kept_apart_and_drawn(made_up_run: MadeUpRun, tmp_path: Path):
    copied = tmp_path / "run"
    shutil.copytree(made_up_run.path, copied)
    folder = RunFolder(copied)
    cells = {
        method: [r.cell for r in folder.records() if r.method == method]
        for method in ("ehi", "ivf", "hnsw")
    }
    write_ablation(folder, Ablation({"full": cells["ehi"], "no-balance": cells["hnsw"]}))
    (measured,), _ = gather([folder])
    methods = {record.method for record in measured.records}
    assert "ehi" in methods and "ivf" in methods and "hnsw" not in methods
    rows = measured.ablation()
    assert {row.arm for row in rows} == {"full", "no-balance"}
    draw(DatasetReport(measured, "d", None, None), tmp_path / "figures")
    drawn = sorted(path.name for path in (tmp_path / "figures").glob("*ablation*.png"))
    assert drawn == ["d-ablation-1%.png", "d-ablation-10%.png", "d-ablation-5%.png"]


def test_a_file_of_records_has_the_same_rows_and_arms(made_up_run: MadeUpRun, tmp_path: Path):
    copied = tmp_path / "run"
    shutil.copytree(made_up_run.path, copied)
    folder, file = RunFolder(copied), tmp_path / "run.jsonl.xz"
    folder.add(FAILED)
    cells = {
        method: [r.cell for r in folder.records() if r.method == method]
        for method in ("ehi", "hnsw")
    }
    write_ablation(folder, Ablation({"full": cells["ehi"], "no-balance": cells["hnsw"]}))
    save_run(folder, file)
    (measured, *_), _ = gather([folder])
    (saved, *_), notes = gather([open_run(file)])
    assert saved.records == measured.records and saved.arms == measured.arms
    assert saved.rows("R@100") == measured.rows("R@100")
    assert saved.ablation() == measured.ablation()
    ehi = cells["ehi"][0]
    assert measured.ranking(ehi) and measured.artifact(measured.record(ehi), "index")
    assert saved.ranking(ehi) is None and saved.artifact(saved.record(ehi), "index") is None
    assert notes[0] == (
        f"no documents found, trees or training curves of {file}: only run folders have them"
    )


def test_a_folder_before_a_file_of_it_keeps_its_rankings(made_up_run: MadeUpRun, tmp_path: Path):
    folder, file = RunFolder(made_up_run.path), tmp_path / "run.jsonl.xz"
    save_run(folder, file)
    cell = folder.records()[0].cell
    for runs, ranked in (((folder, open_run(file)), True), ((open_run(file), folder), False)):
        (measured,), notes = gather(runs)
        assert (measured.ranking(cell) is not None) == ranked
        assert any("22 cells of" in note for note in notes)


def test_each_depth_is_reported_apart(made_up_run: MadeUpRun, tmp_path: Path):
    shallow, source = RunFolder(tmp_path / "shallow"), RunFolder(made_up_run.path)
    for record in source.records():
        if record.method == "ivf":
            columns = source.per_query(record.cell)
            values = {"nDCG@10": np.array(columns["nDCG@10"])}
            metrics = {"nDCG@10": float(values["nDCG@10"].mean())}
            moved = replace(record, cell=f"{record.cell}-10", depth=10)
            details = Details(values, columns["query"], columns["unseen"], {})
            shallow.add(change(moved, metrics=metrics), details)
    failed = replace(source.records()[0], cell="failed", depth=10, result=None, failure=BROKEN)
    shallow.add(failed)
    (ten, hundred), notes = gather([source, shallow])
    assert notes == []
    assert [each.title for each in (ten, hundred)] == ["beir:made<up>", "beir:made<up>, depth 100"]
    shallow.add(replace(source.records()[0], cell="another", dataset="beir:another"))
    titles = [each.title for each in gather([source, shallow])[0]]
    assert titles == ["beir:made<up>", "beir:another", "beir:made<up>, depth 100"]
    assert {record.method for record in ten.ok} == {"ivf"}
    assert ten.measures == ["nDCG@10"] and "R@100" in hundred.measures
    assert ["failed" in [r.cell for r in each.records] for each in (ten, hundred)] == [True, False]
    tables = [DatasetReport(each, "d", None, None).tables[0] for each in (ten, hundred)]
    assert [len(table.columns) for table in tables] == [4, 7]
    assert tables[0].title == "beir:made<up>: quality at equal budgets"
    measures = [DatasetReport(each, "d", None, None).measure for each in (ten, hundred)]
    assert measures == ["nDCG@10", "R@100"]


def test_what_has_no_result_is_left_out_with_a_note(made_up_run: MadeUpRun, tmp_path: Path):
    other = RunFolder(tmp_path / "other")
    other.add(replace(FAILED, dataset="other", depth=10))
    source = RunFolder(made_up_run.path)
    twenty = replace(source.records()[0], cell="twenty", depth=20, result=None, failure=BROKEN)
    other.add(twenty)
    (only,), notes = gather([source, other])
    assert only.title == "beir:made<up>"
    assert notes == [
        "nothing on beir:made<up> was measured to depth 20: every record failed",
        "nothing on other was measured to depth 10: every record failed",
    ]


def test_one_name_for_different_data_is_refused(made_up_run: MadeUpRun, tmp_path: Path):
    record = RunFolder(made_up_run.path).records()[0]
    changed = RunFolder(tmp_path / "changed")
    provenance = replace(record.provenance, dataset_sha256="another")
    changed.add(replace(record, cell="another", provenance=provenance))
    with pytest.raises(
        InputError, match="is the name of 2 different datasets; report them separately"
    ):
        gather([RunFolder(made_up_run.path), changed])


def test_folders_without_a_result_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="is not a run folder"):
        gather([RunFolder(tmp_path)])
    RunFolder(tmp_path).add(FAILED)
    with pytest.raises(InputError, match="no finished record in"):
        gather([RunFolder(tmp_path)])


def test_an_artifact_is_a_folder_that_exists(made_up_run: MadeUpRun):
    (measured,), _ = gather([RunFolder(made_up_run.path)])
    ehi = next(record for record in measured.ok if record.method == "ehi")
    assert measured.artifact(ehi, "encoder") == made_up_run.path / "trained" / "t" / "encoder"
    assert measured.artifact(ehi, "embeddings") is None
    assert measured.artifact(change(ehi, artifacts={"index": "gone"}), "index") is None


def test_every_installations_datasets_come_first_and_others_in_the_order_of_the_runs(
    tmp_path: Path,
):
    runs = []
    for names in (["zeta"], ["wordnet", "alpha"], ["hpo"]):
        runs.append(RunFolder(tmp_path / names[0]))
        for name in names:
            runs[-1].add(make_record(dataset=name, cell=name))
    assert [each.dataset for each in gather(runs)[0]] == ["hpo", "wordnet", "zeta", "alpha"]
