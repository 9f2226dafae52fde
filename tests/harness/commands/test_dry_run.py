"""A plan estimates each cell by the records of its method, and counts shared steps once."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.commands.dry_run import estimate, total_line
from harness.config import load_settings
from harness.measure.budget import Budget
from harness.plan.cells import Cell
from harness.plan.job import Job
from harness.plan.menu import Menu
from harness.store.record import Durations
from harness.store.run_folder import RunFolder
from methods.registry import method
from tests.harness.bench import Bench
from tests.harness.store.fake_records import BROKEN, make_record

JOB = Job("d", method("ivf"), load_settings("quick"), 0, "dataset", "encoder", "cpu")
FIRST, SECOND = (Cell(JOB, Budget("visited", limit)) for limit in (0.1, 0.2))
TIMES = Durations(train=30.0, build=4.0, measure=2.0)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run folder with the record of another run of ivf, in which training took 30 s."""
    run = RunFolder(tmp_path / "run")
    run.add(make_record("ivf", 0.5, durations=TIMES))
    return run


def test_training_and_building_count_for_the_first_cell_that_needs_them(folder: RunFolder):
    assert [line.seconds for line in estimate([FIRST, SECOND], folder, force=False)] == [36, 2]


def test_what_is_trained_and_built_does_not_count(folder: RunFolder):
    home = folder.trained / JOB.trained_key
    (home / "encoder").mkdir(parents=True)
    assert [line.seconds for line in estimate([FIRST], folder, force=False)] == [6]
    (home / "indexes" / f"ivf-{JOB.index_key}").mkdir(parents=True)
    assert [line.seconds for line in estimate([FIRST], folder, force=False)] == [2]
    assert [line.seconds for line in estimate([FIRST], folder, force=True)] == [36]


def test_finished_cells_take_no_time_and_failed_ones_are_run_again(folder: RunFolder):
    folder.add(make_record("ivf", 0.1, cell=FIRST.name, durations=TIMES))
    folder.add(make_record("ivf", 0.2, cell=SECOND.name, failure=BROKEN))
    finished, failed = estimate([FIRST, SECOND], folder, force=False)
    assert (finished.state, finished.seconds) == ("ok", 0)
    assert (failed.state, failed.seconds) == ("failed, to run again", 36)


def test_a_damaged_record_is_run_again(folder: RunFolder):
    folder.add(make_record("ivf", 0.1, cell=FIRST.name))
    next(folder.path.glob(f"cells/{FIRST.name}/*/record.json")).write_text("")
    (line,) = estimate([FIRST], folder, force=False)
    assert line.state == "damaged, to run again"


def test_a_menu_counts_all_of_its_combinations(folder: RunFolder):
    cell = replace(FIRST, menu=Menu({"ivf.lists": (4, 16, 64)}, (0,)))
    (line,) = estimate([cell], folder, force=False)
    assert line.chosen == "1 of 3"
    assert line.seconds == 30 + 3 * 4 + 2  # they share one training


def test_a_method_without_records_has_no_estimate(folder: RunFolder):
    hnsw = Cell(replace(JOB, method=method("hnsw")), Budget("visited", 0.1))
    lines = estimate([FIRST, hnsw], folder, force=False)
    assert [line.seconds for line in lines] == [36, None]
    assert total_line(lines) == "about 0.6 min by the records of this run folder; none yet of hnsw"


def test_a_dry_run_prints_one_line_per_cell_and_writes_nothing(bench: Bench):
    words = ["--methods", "ehi,exact", "--budget", "0.1", "--budget", "0.2,0.3", "--seed", "0,1"]
    done = bench.run(*words, "--dry-run")
    assert done.exit_code == 0
    assert done.output.count("to run") == 2 * (3 + 1)
    assert not Path("run").exists()


def test_a_dry_run_knows_what_is_finished(bench: Bench, finished_run: Path):
    words = ["--methods", "ivf,exact,ivf+pq", "--budget", "0.3,0.4", "--dry-run"]
    plan = bench.run(*words, out=finished_run)
    assert plan.exit_code == 0
    rows = {line.split()[0].rsplit("-", 1)[0]: line for line in plan.output.splitlines()[1:-1]}
    assert rows["ivf-visited-0.3-seed-0"].split()[-3:] == ["ok", "0", "s"]
    assert rows["ivf-visited-0.4-seed-0"].split()[-4:-2] == ["to", "run"]
    assert rows["ivf+pq-visited-0.4-seed-0"].rstrip().endswith("?")
    assert plan.output.splitlines()[-1].endswith("none yet of ivf+pq")
