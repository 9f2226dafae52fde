from pathlib import Path

import pytest

from harness.datasets.dataset import Dataset
from tests.harness.report.made_up import MadeUpRun, make_run, write_data


@pytest.fixture(scope="session")
def made_up_data(hpo: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "made<up>"
    write_data(folder, hpo)
    return folder


@pytest.fixture(scope="session")
def made_up_run(made_up_data: Path, tmp_path_factory: pytest.TempPathFactory) -> MadeUpRun:
    return make_run(tmp_path_factory.mktemp("run") / "run", made_up_data)
