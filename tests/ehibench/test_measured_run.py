"""Tables and figures from Python have the numbers that the commands print."""

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

import ehibench
from harness.cli import main
from harness.report.rows.comparison import compare
from harness.report.rows.summary import summarise


def test_load_reads_a_run_folder_and_a_file_of_records(measured: ehibench.Run, tmp_path: Path):
    file = tmp_path / "records.jsonl.xz"
    assert CliRunner().invoke(main, ["baseline", str(measured.path), str(file)]).exit_code == 0
    cells = [record.cell for record in ehibench.load(measured.path).records]
    assert [record.cell for record in ehibench.load(str(file)).records] == cells
    assert ehibench.load(file).summary().equals(ehibench.load(measured.path).summary())


def test_load_says_what_is_wrong_with_a_path(tmp_path: Path):
    with pytest.raises(ehibench.InputError, match="neither a run folder nor a file of records"):
        ehibench.load(tmp_path / "nothing")


def test_the_table_is_the_csv_of_show(measured: ehibench.Run):
    pytest.importorskip("pandas")
    shown = CliRunner().invoke(main, ["show", str(measured.path), "--csv"]).output
    lines = {line["cell"]: line for line in csv.DictReader(io.StringIO(shown))}
    table = measured.table().set_index("cell")
    assert set(table.index) == set(lines)
    for cell, line in lines.items():
        assert table.loc[cell, "nDCG@10"] == float(line["nDCG@10"])


def test_the_summary_has_means_over_seeds(measured: ehibench.Run):
    pytest.importorskip("pandas")
    summary = measured.summary("RR@10")
    assert list(zip(summary["method"], summary["budget"], strict=True)) == [
        (method, budget) for method in ("ehi", "ivf") for budget in (0.4, 0.6)
    ]
    values = [
        record.measured.quality.metrics["RR@10"]
        for record in measured.records
        if record.method == "ehi" and record.budget.limit == 0.6
    ]
    assert summary["RR@10"][1] == pytest.approx(sum(values) / 2)
    assert list(summary["seeds"]) == [2] * 4
    unseen = [
        record.measured.quality.part("unseen")["RR@10"]
        for record in measured.records
        if record.method == "ehi" and record.budget.limit == 0.6
    ]
    assert summary["unseen"][1] == pytest.approx(sum(unseen) / 2)


def test_differences_are_those_of_show_against(measured: ehibench.Run):
    pytest.importorskip("pandas")
    stored = ehibench.load(measured.path)
    values = {r.cell: stored._stored.values(r.cell, "nDCG@10") for r in stored.records}
    expected = [
        difference
        for difference in compare(summarise(stored.records, values), "ivf").differences
        if difference is not None
    ]
    found = measured.differences("ivf")
    assert set(found["depth"]) == {10} and set(found["measure"]) == {"nDCG@10"}
    assert list(found["difference"]) == [each.mean for each in expected]
    assert list(found["detectable"]) == [each.detectable for each in expected]
    means = measured.summary()
    ehi, ivf = (list(means["seen"][means["method"] == name]) for name in ("ehi", "ivf"))
    assert list(found["seen"]) == pytest.approx([a - b for a, b in zip(ehi, ivf, strict=True)])


def test_a_figure_has_a_curve_for_each_method(measured: ehibench.Run):
    (axes,) = measured.figure("macs").axes
    assert {"ehi", "ivf"} <= set(axes.get_legend_handles_labels()[1])
    assert axes.get_xlabel() == "multiply-adds with routing (% of a full scan)"


def test_an_unknown_cost_or_measure_is_an_input_error(measured: ehibench.Run):
    with pytest.raises(ehibench.InputError, match="visited, macs, latency"):
        measured.figure("price")  # type: ignore[arg-type]
    with pytest.raises(ehibench.InputError, match="R@100"):
        measured.figure("visited", "R@100")
