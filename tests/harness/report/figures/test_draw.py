from pathlib import Path

import numpy as np
import pytest

from harness.report.dataset_report import DatasetReport
from harness.report.figures.draw import draw
from harness.report.figures.style import CANVASES
from harness.report.rows.dataset_records import gather
from harness.store.ablations import Ablation, write_ablation
from harness.store.record import Details, Record
from harness.store.run_folder import RunFolder
from tests.harness.store.fake_records import make_record

QUERIES = Details({"nDCG@10": np.array([0.4, 0.6])}, ["q1", "q2"], [True, True], {})


def run_folder(path: Path, *records: Record) -> RunFolder:
    folder = RunFolder(path)
    for record in records:
        folder.add(record, QUERIES)
    return folder


def figures_of(folder: RunFolder, out: Path) -> set[str]:
    (measured,), _ = gather([folder])
    draw(DatasetReport(measured, "d", None, None), out)
    return {path.name for path in out.iterdir()}


def test_figures_are_drawn_of_what_was_measured(tmp_path: Path):
    folder = run_folder(tmp_path / "run", make_record("ivf", scan_macs=None))
    figures = ("visited", "latency", "build", "memory", "query-time")
    assert figures_of(folder, tmp_path / "out") == {
        f"d-{figure}{form}" for figure in figures for form in (".pdf", ".png")
    }


def test_exact_search_adds_what_it_costs_to_reach_its_quality(tmp_path: Path):
    exact = make_record("exact", None, scan_macs=None)
    folder = run_folder(tmp_path / "run", make_record("ivf", scan_macs=None), exact)
    names = figures_of(folder, tmp_path / "out")
    assert {"d-visited-to-reach.pdf", "d-latency-to-reach.png"} <= names


def test_every_figure_is_drawn_narrow_and_wide_and_light_and_dark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("harness.report.figures.draw.CANVASES", CANVASES)
    folder = run_folder(tmp_path / "run", make_record("ivf", scan_macs=None))
    names = {name for name in figures_of(folder, tmp_path / "out") if "visited" in name}
    suffixes = ("", "-wide", "-dark", "-wide-dark")
    assert names == {f"d-visited{each}{form}" for each in suffixes for form in (".pdf", ".png")}


def test_references_alone_are_no_contest(tmp_path: Path):
    folder = run_folder(tmp_path / "run", make_record("exact", None))
    (measured,), _ = gather([folder])
    draw(DatasetReport(measured, "d", None, None), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_overlap_with_exact_search_adds_a_figure_of_throughput(tmp_path: Path):
    folder = run_folder(tmp_path / "run", make_record("ivf", overlap_exact_10=0.9))
    assert {"d-throughput.pdf", "d-throughput.png"} <= figures_of(folder, tmp_path / "out")


def test_an_ablation_is_drawn_at_the_budgets_of_the_full_method(tmp_path: Path):
    full, arm = make_record("ehi", 0.1, cell="full"), make_record("ehi", 0.1, cell="arm")
    elsewhere = make_record("ehi", 0.05, cell="elsewhere")
    folder = run_folder(tmp_path / "run", full, arm, elsewhere)
    arms = {"full": ["full"], "no-balance": ["arm", "elsewhere"]}
    write_ablation(folder, Ablation(arms))
    names = {name for name in figures_of(folder, tmp_path / "out") if "ablation" in name}
    assert names == {"d-ablation-10%.pdf", "d-ablation-10%.png"}
