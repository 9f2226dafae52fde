"""Select records by method, dataset and budget."""

from collections.abc import Collection, Sequence

from harness.store.record import Record
from methods.errors import unknown


def select(
    records: Sequence[Record],
    methods: Collection[str] | None = None,
    datasets: Collection[str] | None = None,
    budgets: Collection[float] | None = None,
) -> list[Record]:
    """Return the records of these methods, datasets and budgets, in order; None means all.

    Records without a budget count for every budget and are always kept.

    Raises:
        InputError: If no record has one of the values; it names the values that exist.
    """
    _check("method", methods, {record.method for record in records})
    _check("dataset", datasets, {record.dataset for record in records})
    measured = {record.budget.limit for record in records if record.budget.limit is not None}
    wanted = None if budgets is None else [f"{budget:g}" for budget in budgets]
    _check("budget", wanted, {f"{limit:g}" for limit in measured})
    return [
        record
        for record in records
        if (methods is None or record.method in methods)
        and (datasets is None or record.dataset in datasets)
        and (wanted is None or record.budget.limit is None or f"{record.budget.limit:g}" in wanted)
    ]


def _check(kind: str, wanted: Collection[str] | None, known: Collection[str]) -> None:
    for name in wanted or ():
        if name not in known:
            raise unknown(kind, name, known or ["none"])
