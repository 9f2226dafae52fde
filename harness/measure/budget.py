"""Search budgets: what a query may spend, and what it spent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from methods.base import Cost
from methods.errors import InputError

BudgetKind = Literal["visited", "macs", "latency"]


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


_UNITS: dict[str, _Unit] = {
    "visited": _Unit(
        scale=100,
        name="%",
        limits="the documents a query visits, as a share of the corpus",
        spends="of the documents",
        remedy="set more leaves or lists",
    ),
    "macs": _Unit(
        scale=100,
        name="% MACs",
        limits="a query's multiply-adds with routing, as a share of a full scan",
        spends="of a full scan's multiply-adds",
        remedy="set fewer leaves or lists",
    ),
    "latency": _Unit(
        scale=1,
        name="ms",
        limits="a query's milliseconds on one thread",
        spends="ms",
        remedy="set fewer leaves or lists",
    ),
}


@dataclass(frozen=True)
class Budget:
    """A limit on what a query may spend.

    `limit` is a share of exact search's documents (`visited`) or multiply-adds (`macs`), or
    milliseconds (`latency`). It is None for a reference method, which takes part in a run with that
    kind of budget but has no limit itself.
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
        elif not 0 < self.limit <= 1:
            raise InputError(
                f"budget {self.limit:g} is outside (0, 1]; 0.1 visits a tenth of the documents"
            )

    @property
    def unlimited(self) -> bool:
        """Whether this is the budget of a reference method."""
        return self.limit is None

    @property
    def sort_key(self) -> tuple[str, float]:
        """Order by kind, then by limit; a reference method comes first."""
        return self.kind, self.limit or 0.0

    @property
    def label(self) -> str:
        """The budget as a table shows it: `10 %`, `2 % MACs`, `0.05 ms`, or `-`."""
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
        """The quantity that budgets of this kind limit, in words."""
        return _UNITS[self.kind].limits

    def spent(self, cost: Callable[[], MeanCost], milliseconds: Callable[[], float]) -> float:
        """Return what the budget limits: a mean cost, or a median search on one thread.

        Only the argument that is needed is called, because both take time to measure. An index of
        texts has no multiply-adds, so it spends the documents it visits.
        """
        if self.kind == "latency":
            return milliseconds()
        mean = cost()
        return mean.visited if self.kind == "visited" or mean.macs is None else mean.macs

    def format_spent(self, amount: float) -> str:
        """Return what was spent in the unit of the label, without that unit."""
        if self.kind == "latency":
            return f"{amount:.3f}"
        return f"{_UNITS[self.kind].scale * amount:.2f}"

    def raise_if_below(self, smallest: float, effort: int) -> None:
        """Raise InputError if the smallest effort spends more than the limit."""
        if self.limit is None or smallest <= self.limit:
            return
        unit = _UNITS[self.kind]
        raise InputError(
            f"budget {self.limit:g} is smaller than the {smallest:.4g} {unit.spends} that effort "
            f"{effort} spends; raise --budget, or {unit.remedy}"
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
