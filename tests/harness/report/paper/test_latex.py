import shutil
import subprocess
from pathlib import Path

import pytest

from harness.report.paper.latex import document, escaped, to_latex
from harness.report.paper.reproduction import reproduction_table
from harness.report.paper.table import paper_tables
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import gather
from harness.report.rows.published import read_published
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun

GROUPED = Table(
    "a b",
    "100 % of_it",
    "caption",
    [Column("method", numeric=False), Column("1 %", "R@10"), Column("5 %", "R@10")],
    [[[Entry("ehi"), Entry(number=0.5, bold=True, mark="†"), Entry(number=0.25, deviation=0.01)]]],
)


def test_a_table_has_booktabs_rules_and_groups_above_their_columns():
    lines = to_latex(GROUPED).splitlines()
    assert r"\caption{100 \% of\_it. caption}\label{tab:a-b}" in lines
    top, middle, bottom = map(lines.index, (r"\toprule", r"\midrule", r"\bottomrule"))
    assert lines[top + 1 : middle] == [
        r"\multicolumn{1}{c}{} & \multicolumn{2}{c}{R@10} \tabularnewline",
        r"\cmidrule(lr){2-3}",
        r"method & 1 \% & 5 \% \tabularnewline",
    ]
    assert lines[middle + 1 : bottom] == [
        r"ehi & \textbf{.500}\rlap{\textsuperscript{\textdagger}}"
        r" & .250\,{\scriptsize$\pm$\,.010} \tabularnewline"
    ]


def test_an_aside_column_is_printed_below_its_row():
    columns = [Column("system", numeric=False), Column("ours"), Column("command", aside=True)]
    row = [Entry("S"), Entry(number=0.5), Entry("run --all", code=True)]
    lines = to_latex(Table("t", "T", "c", columns, [[row]])).splitlines()
    row_index = lines.index(r"\raggedright S & .500 \tabularnewline")
    below = lines[row_index + 1]
    assert r"\multicolumn{2}" in below and r"\texttt{run -{}-all}" in below
    assert r"\begin{longtable}{@{}p{0.580\linewidth}r@{}}" in lines


def test_text_cannot_become_a_tex_command():
    assert escaped(r"\input{x}") == r"\textbackslash{}input\{x\}"
    assert escaped("a_b & 5 % $x$ #1 ~ ^") == (
        r"a\_b \& 5 \% \$x\$ \#1 \textasciitilde{} \textasciicircum{}"
    )
    assert escaped("é 漢\n") == "é ? "


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex; install a TeX")
def test_every_table_of_a_report_compiles(made_up_run: MadeUpRun, tmp_path: Path):
    measured, _ = gather([RunFolder(made_up_run.path)])
    published = reproduction_table(read_published(), measured, "published")
    tables = [*paper_tables(measured[0], "made-up", "ivf"), published, GROUPED]
    (tmp_path / "all.tex").write_text(document(tables), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "all.pdf").stat().st_size > 10_000
