"""Workers take samples in turns until the effort for each budget is known."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from harness.datasets.dataset import Dataset, split_from_judgements
from harness.measure.budget import Budget, MeanCost
from harness.measure.effort import Effort
from harness.run.efforts import Searcher, find_efforts
from harness.run.workers import WorkerError
from harness.store.record import Failure
from methods import registry
from methods.base import Corpus, Hits
from methods.errors import DiskFullError
from methods.texts import Ids, Texts
from tests.harness.bench import Bench

KILLED = Failure("SIGKILL", "its process was killed")


class InThisProcess:
    """Stands in for a worker whose index has a hundred lists; its calls are added to a log."""

    def __init__(
        self, name: str, log: list[tuple[str, str, int]], failure: Failure | None = None
    ) -> None:
        self._name, self._log, self._failure = name, log, failure

    def ask(self, method: Callable[..., Any], *arguments: Any) -> Any:
        """Call the method of the same name."""
        return getattr(self, method.__name__)(*arguments)

    def efforts(self) -> range:
        return range(1, 101)

    def mean_cost(self, effort: int) -> MeanCost:
        self._log.append((self._name, "cost", effort))
        return MeanCost(effort / 100, effort / 100, 0.01)

    def milliseconds(self, effort: int, start: int) -> float:
        if self._failure is not None:
            raise WorkerError(self._failure)
        self._log.append((self._name, "time", effort))
        return effort / 10

    def tuning_hits(self, effort: int) -> Hits:
        """Find the first documents of exact search: one for ten efforts."""
        found = np.where(np.arange(10) < effort // 10, np.arange(10), -1)
        return Hits(found[None], np.zeros((1, 10), dtype=np.float32))

    def exact_ids(self, depth: int) -> np.ndarray:
        return np.arange(depth)[None]


def search(
    dataset: Dataset, budgets: Sequence[Budget], *failures: Failure | None
) -> tuple[list[dict[Budget, Effort | Failure]], list[tuple[str, str, int]]]:
    """Return what one worker per failure (None: it does not fail) finds, and the log."""
    log: list[tuple[str, str, int]] = []
    searchers: dict[str, Searcher[Any]] = {
        name: Searcher(InThisProcess(name, log, failure), budgets)  # type: ignore[arg-type]
        for name, failure in zip("abc", failures, strict=False)
    }
    found = find_efforts(searchers, dataset, seed=0)
    return [found[name] for name in searchers], log


def test_workers_take_turns(hpo: Dataset):
    limit = Budget("latency", 5.0)
    found, log = search(hpo, [limit], None, None)
    assert found == [{limit: Effort(50, 5.1)}] * 2
    names = "".join(name for name, _, _ in log)
    # A round has at most two samples of each worker, and their order is random.
    assert "aaaaa" not in names and "bbbbb" not in names and names.count("a") > 30


def test_what_is_counted_is_counted_once_for_all_budgets(hpo: Dataset):
    budgets = [Budget("visited", share) for share in (0.05, 0.5, 0.505)]
    ((found,), log) = search(hpo, budgets, None)
    assert [found[budget] for budget in budgets] == [
        Effort(5, 0.06),
        Effort(50, 0.51),
        Effort(50, 0.51),
    ]
    assert len(log) == len(set(log))


def test_a_budget_without_an_effort_fails_alone(hpo: Dataset):
    small, large = Budget("visited", 0.001), Budget("visited", 0.2)
    ((found,), _) = search(hpo, [small, large], None)
    assert found[large] == Effort(20, 0.21)
    failure = found[small]
    assert isinstance(failure, Failure) and failure.error == "InputError"
    assert "raise --budget" in failure.reason


def test_a_worker_that_dies_fails_alone(hpo: Dataset):
    limit = Budget("latency", 5.0)
    found, _ = search(hpo, [limit], KILLED, None)
    assert found == [{limit: KILLED}, {limit: Effort(50, 5.1)}]


def test_a_full_disk_ends_the_search(hpo: Dataset):
    with pytest.raises(DiskFullError):
        search(hpo, [Budget("latency", 5.0)], Failure("DiskFullError", "no space"), None)


def test_an_overlap_is_reached_with_the_least_effort(hpo: Dataset):
    target = Budget("overlap", 0.75)
    ((found,), _) = search(hpo, [target], None)
    assert found[target] == Effort(80, 0.7)


def test_exact_search_finds_one_more_document_if_queries_are_documents():
    corpus = Corpus(Ids(f"d{i}" for i in range(11)), Texts(f"text {i}" for i in range(11)))
    dev = split_from_judgements({"d0": "text 0"}, [("d0", 5, 1), ("d0", 10, 1)])
    dataset = Dataset("made", "1", "made here", corpus, {"dev": dev})
    half, all_of_it = Budget("ndcg", 0.5), Budget("ndcg", 1.0)
    ((found,), _) = search(dataset, [half, all_of_it], None)
    # Without d0 itself, exact search finds d5 and d10 at ranks 5 and 10. The index finds only d5.
    assert found[half] == Effort(60, 0.0) and isinstance(found[all_of_it], Failure)


def test_a_reference_is_not_searched_for(hpo: Dataset):
    unlimited = Budget("latency", None)
    ((found,), log) = search(hpo, [unlimited], None)
    assert found == {unlimited: Effort(1, None)} and not log


def test_a_run_finds_an_effort_beyond_slow_ones_despite_a_disturbed_sample(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    part = registry.Component("dips", "tests.harness.run.broken_indexes:DipsInTime")
    dips = registry.Method("dips", "", registry.DUAL_ENCODER, part)
    table = {**registry.methods(), "dips": dips}
    monkeypatch.setattr(registry, "methods", lambda: table)
    words = ["--methods", "dips", "--budget", "0.45", "--budget-by", "latency"]
    done = bench.run(*words, "--set", "encoder.train=frozen")
    assert done.exit_code == 0, done.output
    (record,) = bench.records()
    assert record.measured.effort == 15 and (record.measured.spent or 2) < 0.45
    assert (record.measured.next_spent or 0) > 1.2
