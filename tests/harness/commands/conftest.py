"""Cells to export, trained once, and the command that exports them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.harness.exported_cells import DEPTH, FORMS, ehibench

Export = Callable[..., Result]


@pytest.fixture(scope="session")
def cells(
    beir_folder: Path, tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A cell of each form; cells with the same settings share a run."""
    folder = tmp_path_factory.mktemp("runs")
    shared = [
        f"encoder.name={tiny_encoder}",
        "encoder.max_tokens=16",
        "encoder.precision=fp32",
        "training.epochs=2",
        "ehi.joint_from=1",
        "timing.rounds=1",
        "timing.seconds=0.01",
    ]
    cells_by_form = {}
    for number, settings in enumerate(dict.fromkeys(form.settings for form in FORMS.values())):
        forms = {name: form.method for name, form in FORMS.items() if form.settings == settings}
        words = ["run", "--dataset", f"beir:{beir_folder}", "--preset", "quick", "--threads", "1"]
        words += ["--methods", ",".join(forms.values())]
        words += ["--budget", "0.6", "--depth", DEPTH, "--out", folder / str(number)]
        words += [part for value in (*shared, *settings) for part in ("--set", value)]
        done = ehibench(*words, cache=folder / "cache")
        assert done.exit_code == 0, done.output
        run_cells = folder / str(number) / "cells"
        cells_by_form |= {
            name: next(run_cells.glob(f"{method}-*")) for name, method in forms.items()
        }
    return cells_by_form


@pytest.fixture
def export(cells: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Run `ehibench export`, of Faiss or of another `kind`, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    cache = cells["exact"].parents[2] / "cache"
    return lambda *words, kind="faiss": ehibench("export", kind, *words, cache=cache)
