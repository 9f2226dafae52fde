"""The record of a cell: what was asked for, and either what was measured or why nothing was.

`ehibench show --json` prints records with the names of these fields. Shares are fractions of exact
search over the same vectors, from 0 to about 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.measure.budget import Budget, MeanCost
from harness.measure.quality import PerQuery
from harness.measure.timing import Percentiles
from harness.plan.hashed_identity import FIRST_DEPTH
from harness.store.provenance import Provenance
from harness.store.quality import Quality
from methods.errors import InputError, UnavailableError

Status = Literal["ok", "failed", "unavailable"]
Settings = Mapping[str, Mapping[str, Any]]
"""Plain values by section and key."""

LEAST_MACS = "least MACs"
"""How a menu is judged whose combinations all have to reach a quality."""


@dataclass(frozen=True)
class Failure:
    """Why something could not be done: the exception's name, and one line."""

    error: str
    reason: str


@dataclass(frozen=True)
class Throughput:
    """Searches in batches, on all threads."""

    queries_per_second: float
    batch: int
    batches: int


@dataclass(frozen=True)
class Latency:
    """Times of single queries on one thread, and of batches, all measured in the same rounds."""

    search_ms: Percentiles
    encode_ms: Percentiles  # from a query's text to its vector
    end_to_end_ms: Percentiles  # from a query's text to its documents
    throughput: Throughput
    reference_ms: Mapping[str, float] | None = None  # the reference workload, by part
    rounds_ms: Mapping[str, Sequence[float]] = field(default_factory=dict)
    threads: Mapping[str, int | None] = field(default_factory=dict)  # by library, single queries
    batch_threads: int | None = None
    methods: Sequence[str] = ()  # the methods that took turns in these rounds


@dataclass(frozen=True)
class Durations:
    """Seconds that each step took."""

    train: float
    build: float
    measure: float


@dataclass(frozen=True)
class Memory:
    """Bytes. Growth counts the process's own memory; peaks include memory-mapped files."""

    index_disk: int
    index_memory: int  # growth while building
    build_peak: int
    index_loaded: int  # growth while loading
    search_peak: int
    build_anonymous_peak: int | None = None  # without mapped files; None in older records


@dataclass(frozen=True)
class Postings:
    """How evenly documents are spread over leaves or lists (harness/measure/balance.py)."""

    leaves: int
    largest: int
    mean: float
    largest_over_mean: float
    entropy: float  # of the leaves' shares, divided by its largest possible value
    dead: int  # leaves without a document


@dataclass(frozen=True)
class Training:
    """A training: its parts, its encoder updates and how long it took."""

    trained_parts: Sequence[str]
    encoder_updates: int
    seconds: float
    refreshes: int  # of the hard negatives
    refresh_seconds: float
    precision: str
    bf16_speedup: float | None = None
    encoder_sha256: str = ""
    last_epoch: Mapping[str, float] = field(default_factory=dict)
    base_sha256: str | None = None  # of the trained encoder that this training left as it is
    query_prompt: str = ""  # put before every query
    document_prompt: str = ""  # put before every document


@dataclass(frozen=True)
class Trial:
    """A combination from a menu: its mean quality and one effort per seed, or why it failed.

    The mean cost is known if all combinations have to reach a quality, so that the cost decides.
    """

    values: Mapping[str, Any]
    quality: float | None = None
    efforts: Sequence[int] = ()
    error: str = ""
    reason: str = ""
    macs: float | None = None  # with routing, as a share of a full scan
    visited: float | None = None  # as a share of the documents


@dataclass(frozen=True)
class Choice:
    """Every combination in the menu's order, judged by `measure` on the tuning queries.

    That is a measure of quality, or `LEAST_MACS`.
    """

    measure: str
    seeds: Sequence[int]
    trials: Sequence[Trial]

    @property
    def best(self) -> Trial | None:
        """The combination of the highest quality, or that of the fewest multiply-adds.

        Of equal ones it is the one that visits fewer documents, or else the first. It is None if
        all failed.
        """
        judged = [trial for trial in self.trials if trial.quality is not None]
        if self.measure == LEAST_MACS:
            return min(judged, key=lambda t: (t.macs or 0.0, t.visited or 0.0), default=None)
        return max(judged, key=lambda trial: trial.quality or 0.0, default=None)

    def failure(self) -> Failure:
        """Return why nothing could be chosen: how many combinations there were, and one reason.

        It is that of the first that crashed or lacks something, or else that of the first.
        """
        unexpected = (trial for trial in self.trials if trial.error != InputError.__name__)
        shown = next(unexpected, self.trials[0])
        values = ", ".join(f"{name}={value}" for name, value in shown.values.items())
        count = len(self.trials)
        return Failure(shown.error, f"none of {count} combinations works; {values}: {shown.reason}")


@dataclass(frozen=True)
class Selection:
    """A menu (possible values of settings, by "section.key") and the choice from it."""

    menu: Mapping[str, Sequence[Any]]
    choice: Choice

    @property
    def values(self) -> Mapping[str, Any]:
        """The chosen values, by "section.key"; empty if every combination failed."""
        return {} if self.choice.best is None else self.choice.best.values

    @property
    def at_edge(self) -> list[str]:
        """The settings, by "section.key", of which a value beyond the menu might be better."""
        return [name for name, value in self.values.items() if _is_edge(value, self.menu[name])]


def _is_edge(value: Any, listed: Sequence[Any]) -> bool:
    numbers = [each for each in listed if isinstance(each, int | float)]
    return len(numbers) > 1 and value in (min(numbers), max(numbers)) and value != 0


@dataclass(frozen=True)
class Result:
    """The measurements of a cell."""

    effort: int
    spent: float | None  # what the budget limits, on the test queries; None if it has no meaning
    next_spent: float | None  # by the effort next to it (harness/measure/effort.py)
    quality: Quality
    cost: MeanCost
    latency: Latency
    durations: Durations
    memory: Memory
    postings: Postings | None = None  # None without leaves or lists
    training: Training | None = None  # None if nothing is learned
    artifacts: Mapping[str, str] = field(default_factory=dict)  # folders below the run folder
    form: str = "whole"  # what is scanned


@dataclass(frozen=True)
class Record:
    """A cell with its result, or with the reason why it has none."""

    cell: str
    dataset: str
    method: str
    seed: int
    budget: Budget
    depth: int = FIRST_DEPTH  # documents that a query asks for
    settings: Settings = field(default_factory=dict)
    selection: Selection | None = None
    provenance: Provenance = field(default_factory=Provenance)
    result: Result | None = None
    failure: Failure | None = None

    @property
    def status(self) -> Status:
        """Whether the cell was measured, failed, or lacks a library."""
        if self.failure is None:
            return "ok"
        return "unavailable" if self.failure.error == UnavailableError.__name__ else "failed"

    @property
    def measured(self) -> Result:
        """The result of a record that is ok."""
        if self.result is None:
            raise ValueError(f"{self.cell} was not measured")
        return self.result


@dataclass(frozen=True)
class Details:
    """Stored next to a record: the values of every query, and the run in TREC format."""

    per_query: PerQuery
    query_ids: list[str]
    unseen: list[bool]
    run: Mapping[str, Mapping[str, float]]
