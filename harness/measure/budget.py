"""Search budgets: what a query may spend, or how much it has to find, and what it did."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from methods.base import Cost
from methods.errors import InputError

CostKind = Literal["visited", "macs", "latency"]
QualityKind = Literal["overlap", "ndcg"]
BudgetKind = Literal[CostKind, QualityKind]


@dataclass(frozen=True)
class MeanCost:
    """The average cost of a query.

    `visited` is a fraction of the documents; `scan_macs` and `route_macs` are fractions of the
    multiply-adds of a full scan, None for an index of texts, which has no such scan. `exact` is
    false if only a sample of the queries was counted.
    """

    visited: float
    scan_macs: float | None
    route_macs: float | None
    exact: bool = True

    @property
    def macs(self) -> float | None:
        """Scan and routing together, as a fraction of a full scan."""
        if self.scan_macs is None or self.route_macs is None:
            return None
        return self.scan_macs + self.route_macs


@dataclass(frozen=True)
class _Unit:
    """How budgets of one kind are shown. `scale` converts a limit to the unit `name`."""

    scale: float
    name: str
    limits: str
    spends: str
    remedy: str
    option: str = "budget"


_UNITS: dict[str, _Unit] = {
    "visited": _Unit(
        scale=100,
        name="%",
        limits="the documents a query visits, as a share of the corpus",
        spends="of the documents",
        remedy="choose settings that visit fewer, such as more leaves or lists",
    ),
    "macs": _Unit(
        scale=100,
        name="% MACs",
        limits="a query's multiply-adds with routing, as a share of a full scan",
        spends="of a full scan's multiply-adds",
        remedy="choose settings that spend less, such as fewer leaves or lists",
    ),
    "latency": _Unit(
        scale=1,
        name="ms",
        limits="a query's milliseconds on one thread",
        spends="ms",
        remedy="choose settings that spend less, such as fewer leaves or lists",
    ),
    "overlap": _Unit(
        scale=100,
        name="% overlap",
        limits="the share of exact search's first ten documents that are found",
        spends="of exact search's first ten documents",
        remedy="choose settings that find more",
        option="quality",
    ),
    "ndcg": _Unit(
        scale=100,
        name="% nDCG",
        limits="nDCG@10 as a share of exact search's",
        spends="of exact search's nDCG@10",
        remedy="choose settings that find more",
        option="quality",
    ),
}


@dataclass(frozen=True)
class Budget:
    """A limit on what a query may spend, or the quality that it has to reach at least cost.

    `limit` is a share of exact search's documents (`visited`) or multiply-adds (`macs`), or
    milliseconds (`latency`); for a quality it is a share of exact search's first ten documents
    (`overlap`) or of its nDCG@10 (`ndcg`). It is None for a reference method, which takes part in a
    run with that kind of budget but has no limit itself.
    """

    kind: BudgetKind
    limit: float | None

    def __post_init__(self) -> None:
        """Raise InputError if the limit is not a share from 0 to 1, or not a positive time."""
        if self.limit is None:
            return
        if self.kind == "latency":
            if not 0 < self.limit < float("inf"):
                raise InputError(
                    f"budget {self.limit:g} is not a valid latency: give milliseconds above 0, "
                    "such as 0.1"
                )
        elif self.is_quality:
            if not 0 < self.limit <= 1:
                raise InputError(
                    f"quality {self.limit:g} is outside (0, 1]; 0.95 is 95 % of exact search's"
                )
        elif not 0 < self.limit <= 1:
            raise InputError(
                f"budget {self.limit:g} is outside (0, 1]; 0.1 visits a tenth of the documents"
            )

    @property
    def unlimited(self) -> bool:
        """Whether this is the budget of a reference method."""
        return self.limit is None

    @property
    def is_quality(self) -> bool:
        """Whether this is a quality to reach, and not a limit on what is spent."""
        return self.kind in get_args(QualityKind)

    @property
    def is_timed(self) -> bool:
        """Whether what is spent is a time, which differs from one sample to the next."""
        return self.kind == "latency"

    @property
    def sort_key(self) -> tuple[str, float]:
        """Order by kind, then by limit; a reference method comes first."""
        return self.kind, self.limit or 0.0

    @property
    def label(self) -> str:
        """The budget as a table shows it: `10 %`, `2 % MACs`, `0.05 ms`, `95 % nDCG`, or `-`."""
        if self.limit is None:
            return "-"
        unit = _UNITS[self.kind]
        return f"{unit.scale * self.limit:g} {unit.name}"

    @property
    def slug(self) -> str:
        """The budget as part of a file name: `visited-0.1`, or `reference`."""
        return "reference" if self.limit is None else f"{self.kind}-{self.limit:g}"

    @property
    def definition(self) -> str:
        """The quantity that budgets of this kind limit, or that has to be reached, in words."""
        return _UNITS[self.kind].limits

    def spent(self, cost: Callable[[], MeanCost], milliseconds: Callable[[], float]) -> float:
        """Return what was spent of a budget on cost: a mean cost, or the median time of a search.

        Only the argument that is needed is called, because both take time to measure. An index of
        texts has no multiply-adds, so it spends the documents it visits.
        """
        if self.is_timed:
            return milliseconds()
        mean = cost()
        return mean.visited if self.kind == "visited" or mean.macs is None else mean.macs

    def allows(self, amount: float) -> bool:
        """Return whether an amount spent is within the limit, or a share reaches the quality."""
        if self.limit is None:
            return True
        return amount >= self.limit if self.is_quality else amount <= self.limit

    def format_spent(self, amount: float) -> str:
        """Return what was spent in the unit of the label, without that unit."""
        if self.kind == "latency":
            return f"{amount:.3f}"
        return f"{_UNITS[self.kind].scale * amount:.2f}"

    def out_of_reach(self, nearest: float, effort: int) -> InputError:
        """Return the error that says that no effort is within the limit, and which is nearest."""
        unit = _UNITS[self.kind]
        relation, verb, change = (
            ("larger", "reaches", "lower") if self.is_quality else ("smaller", "spends", "raise")
        )
        return InputError(
            f"{unit.option} {self.limit:g} is {relation} than the {nearest:.4g} {unit.spends} that "
            f"effort {effort} {verb}; {change} --{unit.option}, or {unit.remedy}"
        )


def mean_cost(cost: Cost, documents: int, dimensions: int | None) -> MeanCost:
    """Return the mean of a cost over its queries, as fractions of exact search."""
    visited = float(cost.visited.mean() / documents)
    if dimensions is None:
        return MeanCost(visited, None, None, cost.exact)
    full_scan = documents * dimensions
    return MeanCost(
        visited,
        float(cost.scan_macs.mean() / full_scan),
        float(cost.route_macs.mean() / full_scan),
        cost.exact,
    )
