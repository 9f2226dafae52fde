"""The kinds of cells that tests export, and the folders of their runs."""

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from harness.cli import main
from harness.store.run_folder import RunFolder


@dataclass(frozen=True)
class Form:
    """A kind of router, and the code of the guide that searches its export."""

    method: str
    settings: tuple[str, ...]
    loaders: tuple[str, ...]


LINEAR = ("ehi.branching=8", "ehi.rank=8", "ehi.mixer=none", "ivf.lists=8")
PAPER = ("ehi.branching=8", "ehi.rank=0", "ehi.mixer=relu")
FORMS = {
    "linear": Form("ehi", LINEAR, ("three lines",)),
    "linear, no projection, two leaves": Form(
        "ehi",
        ("ehi.branching=24", "ehi.rank=0", "ehi.mixer=none", "tree.spilled=1"),
        ("three lines",),
    ),
    "linear, short vectors": Form(
        "ehi+short", (*LINEAR, "short.by=projection", "short.rescore=20"), ("three lines",)
    ),
    "lists of codes": Form(
        "ivf+pq", (*LINEAR, "pq.dimensions_per_block=8", "pq.rescore=20"), ("three lines",)
    ),
    "lists": Form("ivf", LINEAR, ("three lines",)),
    "graph": Form("ivf+hnsw", (*LINEAR, "graph.beam=2"), ("graph",)),
    "lists, routed": Form("ivf+router", LINEAR, ("three lines",)),
    "paper": Form("ehi", PAPER, ("one height", "any height")),
    "paper, height 3": Form(
        "ehi",
        (*PAPER, "ehi.branching=3", "ehi.height=3", "tree.spilled=1"),
        ("any height",),
    ),
    "a classifier each": Form(
        "ehi",
        (*LINEAR, "ehi.branching=3", "ehi.height=2", "ehi.classifiers=per_node"),
        ("any height",),
    ),
    "exact": Form("exact", LINEAR, ()),
}
CASES = [(name, loader) for name, form in FORMS.items() for loader in form.loaders]
DEPTH = 100


def ehibench(*words: object, cache: Path) -> Result:
    return CliRunner(env={"EHIBENCH_CACHE": str(cache)}).invoke(main, [str(w) for w in words])


def run_of(cell: Path) -> RunFolder:
    return RunFolder(cell.parents[1])


def embeddings(cell: Path) -> Path:
    record = run_of(cell).latest(cell.name)
    assert record is not None
    return run_of(cell).path / record.measured.artifacts["embeddings"]
