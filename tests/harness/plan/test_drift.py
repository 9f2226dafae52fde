"""The arms of a drift follow each other, job by job, and have names of their own."""

from dataclasses import replace

from harness.config import load_settings
from harness.measure.budget import Budget
from harness.plan.cells import Cell
from harness.plan.drift import ARMS, drift_cells
from harness.plan.job import Job
from methods.registry import method

IVF = Job("d", method("ivf"), load_settings("quick"), 0, "all documents", "encoder", "cpu")
BUDGETS = [Budget("visited", 0.1), Budget("visited", 0.2)]


def cells(*jobs: Job) -> list[Cell]:
    return [Cell(job, budget) for job in jobs for budget in BUDGETS]


def test_the_budgets_of_an_arm_and_the_arms_of_a_job_follow_each_other():
    jobs = (IVF, replace(IVF, seed=1))
    first = [replace(job, dataset_fingerprint="first documents") for job in jobs]
    planned = drift_cells(cells(*first), cells(*jobs))
    assert [(cell.whole.job.seed, cell.arm) for cell in planned] == [
        (seed, arm) for seed in (0, 1) for arm in ARMS for _ in BUDGETS
    ]
    assert [cell.first.budget for cell in planned] == BUDGETS * 6
    assert len({cell.name for cell in planned}) == 12


def test_other_first_documents_make_another_cell():
    names = [
        drift_cells(cells(replace(IVF, dataset_fingerprint=first)), cells(IVF))[0].name
        for first in ("some documents", "other documents")
    ]
    assert names[0] != names[1] and names[0].startswith("added-ivf-visited-0.1-seed-0-")
