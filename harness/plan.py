"""The cells of a run: dataset x method x settings x seed x budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harness.budget import BudgetBy
from harness.config import Settings, digest, settings_of
from harness.datasets.dataset import Dataset
from methods.encoders import encoder_folder, folder_fingerprint
from methods.errors import InputError
from methods.registry import Method


@dataclass(frozen=True)
class Job:
    """A method with a seed: trained and built once, then measured at every budget.

    `made_from` and `trained_from` are the plain values whose hashes name its cells and
    its trained encoder. Jobs with the same trainer settings share what was trained.
    """

    dataset: str
    method: Method
    settings: Settings
    seed: int
    dataset_fingerprint: str
    encoder_fingerprint: str
    device: str

    @property
    def made_from(self) -> dict[str, Any]:
        """What decides the job's result."""
        return {
            **self._inputs,
            "method": self.method.name,
            "trainer": self.method.trainer.name,
            "index": self.method.index.name,
            "settings": settings_of(self.method, self.settings),
        }

    @cached_property
    def trained_from(self) -> str:
        """The hash of what decides the trained encoder and indexer."""
        settings = settings_of(self.method, self.settings)
        used = ("encoder", "training", self.method.trainer.name)
        return digest(
            {
                **self._inputs,
                "trainer": self.method.trainer.target,
                "settings": {name: settings[name] for name in used if name in settings},
            }
        )

    @property
    def _inputs(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset_fingerprint,
            "encoder": self.encoder_fingerprint,
            "seed": self.seed,
            "device": self.device,
        }


@dataclass(frozen=True)
class Cell:
    """A job at a budget. A reference method has one cell a seed, without a budget."""

    job: Job
    budget: float | None
    budget_by: BudgetBy

    @cached_property
    def name(self) -> str:
        """The cell's identity: readable, then the hash of all that decides its result."""
        made_from = {**self.job.made_from, "budget": self.budget, "budget_by": self.budget_by}
        spend = "reference" if self.budget is None else f"{self.budget_by}-{self.budget:g}"
        return f"{self.job.method.name}-{spend}-seed-{self.job.seed}-{digest(made_from)}"


def plan_cells(
    dataset: Dataset,
    methods: Sequence[Method],
    settings: Settings,
    seeds: Sequence[int],
    budgets: Sequence[float],
    budget_by: BudgetBy,
    device: str,
) -> list[Cell]:
    """Return the cells of a run, those of one job together.

    Raise InputError for a budget outside (0, 1] or a dataset that lacks a split it needs.
    """
    for budget in budgets:
        if not 0 < budget <= 1:
            raise InputError(
                f"budget {budget:g} is outside (0, 1]; 0.1 visits a tenth of the documents"
            )
    dataset.test()
    dataset.tuning()
    if settings["encoder"].train != "frozen":
        dataset.train()
    fingerprint = folder_fingerprint(encoder_folder(settings["encoder"].name))
    cells = []
    for seed in dict.fromkeys(seeds):
        for method in methods:
            job = Job(
                dataset.name, method, settings, seed, dataset.fingerprint, fingerprint, device
            )
            of_job = list(dict.fromkeys(budgets)) if method.budgeted else [None]
            cells += [Cell(job, budget, budget_by) for budget in of_job]
    return cells
