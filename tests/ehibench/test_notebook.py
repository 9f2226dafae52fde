"""The code in docs/notebook.md runs, in its order and in one namespace."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ehibench
from methods.registry import methods

pytest.importorskip("pandas")
GUIDE = Path(__file__).parents[2] / "docs" / "notebook.md"


@pytest.fixture
def same_methods_afterwards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = dict(methods())
    yield
    methods().clear()
    methods().update(before)


@pytest.mark.usefixtures("same_methods_afterwards")
def test_the_guide_runs_from_the_first_block_to_the_last(
    beir_folder: Path,
    measured: ehibench.Run,
    settings: dict[str, ehibench.start_run.Value],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EHIBENCH_CACHE", str(measured.path.parent / "cache"))
    out = shutil.copytree(measured.path, "results/runs/notebook")  # its cells are finished
    small = {
        'dataset="hpo"': f'dataset="beir:{beir_folder}", preset="quick", threads=1',
        "[0.05, 0.1]": "[0.4, 0.6]",
        '{"ehi.branching": 1024, "ivf.lists": 1024}': "small",
    }
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.DOTALL)
    namespace: dict[str, Any] = {"small": settings}
    for block in blocks:
        for ours, its in small.items():
            block = block.replace(ours, its)
        exec(compile(block, GUIDE.name, "exec"), namespace)
    printed = capsys.readouterr().out
    assert "ehi 40 % " in printed and "test queries" in printed
    assert Path("quality.png").stat().st_size > 10_000

    half = ehibench.run("half", f"beir:{beir_folder}", settings=settings, preset="quick", out=out)
    assert [record.measured.cost.visited for record in half.records] == [0.5]
