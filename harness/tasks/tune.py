"""Search the tuning queries in a worker, to choose settings from a menu.

The test queries are never loaded here.
"""

from functools import cached_property
from typing import Any

from harness.tasks.effort import EffortTask


class TuneTask(EffortTask):
    """Searches the tuning queries, whose texts it is given, with a loaded index."""

    @cached_property
    def _tuning(self) -> Any:
        return self._inputs.texts if self._index.reads == "texts" else super()._tuning
