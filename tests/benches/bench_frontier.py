"""Quality against time per query, for EHI and graph indexes on hpo: `make bench`.

The results are printed; nothing is asserted.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pytest
from rich.console import Console
from rich.table import Table

from harness.measure.quality import as_run, judge
from harness.measure.threads import available_threads, use_threads
from methods.registry import method
from tests.benches.contender import Contender, hpo, in_turns, trained

DEPTH = 10
"""The documents that a query asks for."""
GRAPHS = ("hnsw", "faiss-hnsw")
PROJECTED = "ehi.rank=64"
"""A tree that routes by a projection, by which `ehi+short` scans; that of preset quick has none."""
BEAMS = (2, 5, 10, 20, 50, 100)
EFFORTS = {"hnsw": (8, 16, 32, 64), "faiss-hnsw": (8, 16, 32, 64), "exact": (1,)}


@pytest.fixture(scope="module")
def contenders() -> dict[str, Contender]:
    use_threads(available_threads())
    installed = [name for name in GRAPHS if method(name).install_hint() is None]
    return {
        "ehi": Contender("ehi", trained("ehi")),
        "ehi+short": Contender("ehi+short", trained("ehi", PROJECTED), "short.by=projection"),
        "ehi, one further leaf": Contender("ehi", trained("ehi"), "tree.spilled=1"),
        **{name: Contender(name, trained("ivf")) for name in ("ivf", *installed, "exact")},
    }


def test_print_quality_and_time_of_every_effort(contenders: Mapping[str, Contender]):
    searches = {}
    for name, contender in contenders.items():
        for effort in EFFORTS.get(name, BEAMS):
            searches[name, effort] = partial(contender.search, effort, DEPTH)
    microseconds = in_turns(
        {
            (name, effort): partial(contenders[name].one_by_one, search)
            for (name, effort), search in searches.items()
        }
    )
    test = hpo().test()
    table = Table(title=f"One query on one thread, for {DEPTH} documents")
    for number, header in enumerate(("method", "effort", "nDCG@10", "µs", "visited %", "MACs %")):
        table.add_column(header, justify="right" if number else "left")
    for (name, effort), search in searches.items():
        contender = contenders[name]
        run = as_run(search(contender.queries), test, hpo().corpus, DEPTH)
        quality = judge(run, test, hpo().corpus, DEPTH)["nDCG@10"].mean()
        spend = contender.spend(effort)
        table.add_row(
            name,
            str(effort),
            f"{quality:.3f}",
            f"{np.median(microseconds[name, effort]):.0f}",
            f"{100 * spend.visited:.2f}",
            f"{100 * (spend.macs or 0):.2f}",
        )
    Console(width=100).print(table)
