"""Find datasets that are one kind of data at several sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.report.rows.dataset_records import DatasetRecords


@dataclass(frozen=True)
class Growth:
    """One kind of data, and what was measured on it, by the number of documents in rising order."""

    kind: str
    sizes: Mapping[int, DatasetRecords]

    @property
    def title(self) -> str:
        """The kind of data and its smallest and largest number of documents."""
        return f"{self.kind}, {self.smallest:,} to {self.largest:,} documents"

    @property
    def smallest(self) -> int:
        """The smallest number of documents."""
        return min(self.sizes)

    @property
    def largest(self) -> int:
        """The largest number of documents."""
        return max(self.sizes)

    def has(self, measured: DatasetRecords) -> bool:
        """Whether a dataset is one of the sizes."""
        return any(each is measured for each in self.sizes.values())


def find_growths(measured: Sequence[DatasetRecords]) -> list[Growth]:
    """Return every kind of data that was measured at several sizes.

    Datasets are of one kind if they have the same name up to a number at its end, such as in
    synthetic-10000, and were searched to the same depth. The number has to be the number of
    documents in the records: trec-2019 and trec-2020 are not sizes.
    """
    found: dict[tuple[str, int], dict[int, DatasetRecords]] = {}
    for each in measured:
        kind, _, number = each.dataset.rpartition("-")
        counted = {record.provenance.dataset_documents for record in each.ok}
        if kind and number.isdecimal() and counted == {int(number)}:
            found.setdefault((kind, each.depth), {})[int(number)] = each
    kinds = [kind for (kind, _), sizes in found.items() if len(sizes) > 1]
    return [
        Growth(
            f"{kind}, depth {depth}" if kinds.count(kind) > 1 else kind,
            {documents: sizes[documents] for documents in sorted(sizes)},
        )
        for (kind, depth), sizes in found.items()
        if len(sizes) > 1
    ]
