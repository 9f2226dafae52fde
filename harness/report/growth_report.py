"""The sentences and tables about one kind of data at several sizes."""

from collections.abc import Sequence
from functools import cached_property

from harness.report.findings.growth_sentences import growth_sentences
from harness.report.paper.growth_tables import growth_tables
from harness.report.paper.typeset import Table
from harness.report.rows.growth import Growth


class GrowthReport:
    """One kind of data, the name of its files, and the sentences and tables that follow."""

    def __init__(self, growth: Growth, name: str) -> None:
        self.growth = growth
        self.name = name

    @cached_property
    def sentences(self) -> Sequence[str]:
        """The findings in words; none is tested for significance."""
        return growth_sentences(self.growth)

    @cached_property
    def tables(self) -> Sequence[Table]:
        """A table for each cost of a search, and one of what it takes to build the indexes."""
        return growth_tables(self.growth, self.name)
