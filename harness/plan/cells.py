"""The cells of a run: dataset x method x settings x seed x budget, at one depth."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from harness.config import Settings, digest
from harness.datasets.dataset import Dataset
from harness.measure.budget import Budget
from harness.measure.quality import DEFAULT_DEPTH
from harness.plan.fit import check_any_fits
from harness.plan.hashed_identity import depth_identity, search_identity
from harness.plan.job import Job, job_with_values
from harness.plan.menu import NO_MENUS, Menu, MenuRequest, menu_for
from methods.devices import Devices
from methods.encoder.declared import declared_model
from methods.encoder.sources import encoder_folder, folder_fingerprint
from methods.encoder.vector_files import GIVEN
from methods.errors import InputError
from methods.method import Method


@dataclass(frozen=True)
class Cell:
    """A job at a budget. A reference method has one cell per seed, without a limit.

    A cell with a menu is the same cell whichever values are chosen: the settings on the menu are
    not part of its identity.
    """

    job: Job
    budget: Budget
    menu: Menu | None = None
    depth: int = DEFAULT_DEPTH  # documents that a query asks for

    @cached_property
    def name(self) -> str:
        """The cell's name on disk: a readable part, then the hash of what decides its result."""
        seed = f"seed-{self.job.seed}"
        return f"{self.job.method.name}-{self.budget.slug}-{seed}-{digest(self._identity)}"

    @cached_property
    def choice_name(self) -> str:
        """The name on disk of the choice from the menu, which all seeds of a run share."""
        key = digest({**self._identity, "seed": None})
        return f"{self.job.method.name}-{self.budget.slug}-{key}"

    @property
    def _identity(self) -> dict[str, Any]:
        budget = {"budget": self.budget.limit, "budget_by": self.budget.kind}
        place = search_identity(self.job.search)
        identity = {**self.job.identity, **budget, **depth_identity(self.depth), **place}
        if self.menu is None:
            return identity
        settings = self.menu.without_chosen(identity["settings"])
        return {**identity, "settings": settings, "menu": self.menu.identity}


def plan_cells(
    dataset: Dataset,
    methods: Sequence[Method],
    settings: Settings,
    seeds: Sequence[int],
    budgets: Sequence[Budget],
    devices: Devices,
    menus: MenuRequest = NO_MENUS,
    depth: int = DEFAULT_DEPTH,
) -> list[Cell]:
    """Return the cells of a run; the cells of one job follow each other.

    Args:
        dataset: The dataset that every cell is measured on.
        methods: The methods to compare.
        settings: The settings of all methods, by section.
        seeds: Random seeds; one that is repeated counts once.
        budgets: Budgets of one kind, at least one.
        devices: Where to train, encode and search.
        menus: The values that settings are chosen from.
        depth: The number of documents that a query asks for.

    `encoder.normalise` becomes what the encoder declares, if it is "auto". A dataset of vectors
    has no encoder, and its vectors are not trained.

    Raise InputError for a negative seed, a value to choose that fits no combination, settings of a
    method that do not fit together, an encoder that cannot be used, or a dataset that lacks a split
    (see `check_dataset`).
    """
    if min(seeds) < 0:
        raise InputError(f"--seed {min(seeds)} is negative; seeds are 0, 1, 2, ...")
    learns = any(method.trainer for method in methods)
    chosen = {row.name: menu_for(row, settings, dataset.size, menus, seeds) for row in methods}
    tunes = any(row.budgeted or chosen[row.name] for row in methods)
    if dataset.vectors is not None:
        settings = {**settings, "encoder": GIVEN}
    check_dataset(dataset, tunes, learns and settings["encoder"].train != "frozen")
    fingerprint, reading = "", {}
    if learns and dataset.vectors is not None:
        fingerprint = dataset.vectors.sha256
    elif learns:
        folder = encoder_folder(settings["encoder"].name)
        fingerprint, declared = folder_fingerprint(folder), declared_model(folder)
        reading = declared.changed_reading(settings["encoder"])
        settings = {**settings, "encoder": declared.resolved(settings["encoder"])}
    cells = []
    for method in methods:
        check_any_fits(method, settings, chosen[method.name])
    for seed in dict.fromkeys(seeds):
        for method in methods:
            job = Job(
                dataset.name,
                method,
                settings,
                seed,
                dataset.fingerprint,
                fingerprint,
                devices.train,
                reading,
                devices.encode,
                devices.search,
            )
            unlimited = Budget(budgets[0].kind, None)
            job_budgets = list(dict.fromkeys(budgets)) if method.budgeted else [unlimited]
            cells += [Cell(job, budget, chosen[method.name], depth) for budget in job_budgets]
    return cells


def distinct_jobs(cells: Iterable[Cell]) -> list[Job]:
    """Return the jobs of the cells, each once, in order."""
    return list({cell.job.name: cell.job for cell in cells}.values())


def group_for_timing(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Group the cells of one seed by budget; reference methods join the first budget's group."""
    first = next((cell.budget for cell in cells if not cell.budget.unlimited), cells[0].budget)
    groups: dict[Budget, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(first if cell.budget.unlimited else cell.budget, []).append(cell)
    return list(groups.values())


def check_dataset(dataset: Dataset, tunes: bool, trains: bool) -> None:
    """Raise InputError if a needed split is missing, or a test query is in another one."""
    test = dataset.test()
    for name, split in dataset.splits.items():
        shared = next((query for query in split.ids if test.ids.find(query) >= 0), None)
        if name != "test" and shared is not None:
            raise InputError(
                f"{dataset.name}: query {shared!r} is in both {name} and test; "
                f"remove it from {name}, because results on it would not be held out"
            )
    if tunes:
        dataset.tuning()
    if trains and not len(dataset.train()):
        raise InputError(
            f"{dataset.name}: the only training query is used to find the effort, so none is left "
            "to train on; add a dev split"
        )


def candidate_jobs(cell: Cell) -> Iterator[Job]:
    """Yield the jobs that choosing for a cell trains and builds: every combination and seed.

    Without a menu, yield the cell's own job.
    """
    if cell.menu is None:
        yield cell.job
        return
    for values in cell.menu.combinations():
        for seed in cell.menu.seeds:
            try:
                yield job_with_values(replace(cell.job, seed=seed), values)
            except InputError:  # the trial of this combination records the reason
                continue
