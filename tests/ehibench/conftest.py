"""A run of ehi and ivf with two seeds, made from Python, which tests must not change."""

from pathlib import Path

import pytest

import ehibench


@pytest.fixture(scope="session")
def settings(tiny_encoder: Path) -> dict[str, ehibench.start_run.Value]:
    """Settings that train in seconds."""
    return {
        "encoder.name": tiny_encoder,
        "encoder.max_tokens": 16,
        "training.epochs": 2,
        "ehi.joint_from": 1,
        "ehi.branching": 8,
        "ivf.lists": 8,
        "timing.rounds": 1,
        "timing.seconds": 0.01,
    }


@pytest.fixture(scope="session")
def measured(
    beir_folder: Path,
    settings: dict[str, ehibench.start_run.Value],
    tmp_path_factory: pytest.TempPathFactory,
) -> ehibench.Run:
    folder = tmp_path_factory.mktemp("from-python")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EHIBENCH_CACHE", str(folder / "cache"))
        return ehibench.run(
            ["ehi", "ivf"],
            f"beir:{beir_folder}",
            settings=settings,
            budget=[0.4, 0.6],
            seed=[0, 1],
            preset="quick",
            threads=1,
            out=folder / "run",
        )
