"""The speed of search, in one run and in turns: `make bench`. Takes minutes.

EHI is compared with IVF on hpo where both visit the same number of documents, with as many leaves
as lists: one query at a time on one thread, and in batches. Results are asserted for the default
tree and printed for other forms.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from harness.measure.threads import available_threads, use_threads
from methods.ehi.trainer import EhiTrainer
from methods.encoder.frozen import FrozenEncoder
from tests.benches.contender import (
    RESOURCES,
    Contender,
    hpo,
    in_turns,
    quick_settings,
    trained,
)

SHARES = (0.01, 0.02, 0.05, 0.1)
WAYS = ("one by one", "batch, one thread", "batch, all threads")
DEPTH = 10
ALLOWED = 1.1
DEFAULT, SHORT = "linear", "rank 64, scanned by 64 dimensions"
FORMS: Mapping[str, tuple[str, ...]] = {
    DEFAULT: (),
    SHORT: ("ehi.rank=64", "short.by=projection"),
    "relu (the paper)": ("ehi.mixer=relu",),
    "height 2, per node": (
        "ehi.height=2",
        "ehi.branching=32",
        "ehi.classifiers=per_node",
        "ehi.embedding=leaves",
    ),
}
FEW_EPOCHS = ("training.epochs=10", "ehi.joint_from=0")
"""For trees that are only timed: training does not change what visiting a leaf costs."""


@dataclass(frozen=True)
class Comparison:
    """EHI and IVF at efforts that visit about the same number of documents."""

    form: str
    visited: tuple[float, float]  # by EHI and by IVF, as fractions of the corpus
    rounds: Mapping[tuple[str, str], NDArray[np.float64]]
    """Microseconds per query in each round, by method and way of searching or "routing"."""

    def median(self, method: str, way: str) -> float:
        return float(np.median(self.rounds[method, way]))

    def ratio(self, way: str) -> float:
        return self.median("ehi", way) / self.median("ivf", way)

    def row(self) -> list[str]:
        cells = [self.form, *(f"{100 * visited:.2f}" for visited in self.visited)]
        for way in ("one by one", "routing"):
            cells += [f"{self.median(method, way):.0f}" for method in ("ehi", "ivf")]
        for way in WAYS:
            of_rounds = self.rounds["ehi", way] / self.rounds["ivf", way]
            spread = f"{of_rounds.min():.2f} to {of_rounds.max():.2f}"
            cells.append(f"{self.ratio(way):.2f} ({spread})")
        return cells


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Contender]:
    """The default tree, and other trees trained on the frozen dual encoder."""
    use_threads(available_threads())
    folder = tmp_path_factory.mktemp("dual-encoder")
    encoder = trained("ivf").encoder
    encoder.save(folder)
    frozen = FrozenEncoder(encoder.settings, RESOURCES)
    frozen.load(folder)

    def contender(form: str, overrides: tuple[str, ...]) -> Contender:
        if form == DEFAULT:
            return Contender("ehi", trained("ehi"))
        settings = quick_settings([*overrides, *FEW_EPOCHS])
        trainer = EhiTrainer(settings["training"], settings["ehi"], RESOURCES)
        learned = trainer.fit(frozen, hpo().train().pairs(), hpo().corpus, 0)
        return Contender("ehi-frozen+short" if form == SHORT else "ehi-frozen", learned, *overrides)

    return {form: contender(form, overrides) for form, overrides in FORMS.items()}


@pytest.fixture(scope="module")
def comparisons(forms: Mapping[str, Contender]) -> dict[tuple[str, float], Comparison]:
    ivf = Contender("ivf", trained("ivf"))
    comparisons = {
        (form, share): compare(form, contender, ivf, share)
        for form, contender in forms.items()
        for share in SHARES
    }
    show(comparisons.values())
    return comparisons


def compare(form: str, ehi: Contender, ivf: Contender, share: float) -> Comparison:
    beam, nprobe = same_visited(ehi, ivf, share)
    calls = {}
    for name, contender, effort in (("ehi", ehi, beam), ("ivf", ivf, nprobe)):
        search = partial(contender.search, effort, DEPTH)
        calls |= {
            (name, "routing"): partial(contender.one_by_one, partial(contender.route, effort)),
            (name, "one by one"): partial(contender.one_by_one, search),
            (name, "batch, one thread"): partial(contender.in_batch_on_one_thread, search),
            (name, "batch, all threads"): partial(contender.in_batch, search),
        }
    return Comparison(form, (ehi.visited(beam), ivf.visited(nprobe)), in_turns(calls))


def same_visited(ehi: Contender, ivf: Contender, share: float) -> tuple[int, int]:
    """Return beam and nprobe that visit about a share of the documents, EHI no fewer than IVF.

    Among nprobe values close to the share, take the one that a beam matches best.
    """
    efforts, beams = ivf.index.efforts(DEPTH), ehi.index.efforts(DEPTH)
    within = efforts[bisect_right(efforts, share, key=ivf.visited) - 1]
    pairs = []
    for nprobe in range(max(1, within - 2), within + 3):
        visited = ivf.visited(nprobe)
        beam = beams[bisect_left(beams, visited, key=ehi.visited)]
        pairs.append((ehi.visited(beam) / visited, beam, nprobe))
    _, beam, nprobe = min(pairs)
    return beam, nprobe


def show(comparisons: Iterable[Comparison]) -> None:
    table = Table(
        title="EHI and IVF where they visit as many documents: % visited, µs per query on one "
        "thread, µs for routing, and EHI's time divided by IVF's (range over rounds)"
    )
    costs = ("visited", "ivf", "µs", "ivf", "routing", "ivf")
    for number, header in enumerate(("form", *costs, *WAYS)):
        table.add_column(header, justify="right" if number else "left")
    for comparison in comparisons:
        table.add_row(*comparison.row())
    Console(width=150).print(table)


@pytest.mark.parametrize(
    "way", WAYS[:2]
)  # on one thread; the times on all threads are printed only
@pytest.mark.parametrize("share", SHARES)
def test_ehi_is_as_fast_as_ivf_for_the_same_number_of_documents(
    comparisons: dict[tuple[str, float], Comparison], share: float, way: str
):
    comparison = comparisons[DEFAULT, share]
    ehi_visited, ivf_visited = comparison.visited
    assert ehi_visited >= ivf_visited
    assert comparison.ratio(way) <= ALLOWED
