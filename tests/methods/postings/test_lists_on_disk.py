"""Lists that are built on disk, part by part, are those that are built in memory."""

from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest

from methods.base import Resources
from methods.ehi.settings import TreeSettings
from methods.ehi.tree_index import TreeIndex
from methods.errors import InputError
from methods.forms.codes import RabitqForm, RabitqSettings, Sq8Form, Sq8Settings
from methods.forms.form import WHOLE, Form
from methods.indexes.ivf import FILE, IvfIndex, IvfSettings
from methods.postings.coarse_quantizer import coarse_quantizer
from methods.postings.lists_on_disk import write_lists
from methods.postings.memory_limit import BLOCK, MemoryLimit
from methods.postings.posting_index import PostingIndex
from tests.methods.pairs import tree, unit_vectors

DOCUMENTS = unit_vectors(0, 3 * BLOCK)
QUERIES = unit_vectors(1, 20)
IVF = {
    "flat": IvfSettings(lists=20, iterations=3),
    "a sample": IvfSettings(lists=9, iterations=3),  # 9 * 256 of the 12,288 documents
    "codes": IvfSettings(lists=20, iterations=3, routing="codes"),
    "mass": IvfSettings(lists=20, iterations=3, beam="mass"),
    "spilled": IvfSettings(lists=20, iterations=3, spilled=1),
}
TREES = {
    "flat": TreeSettings(),
    "spilled": TreeSettings(spilled=1),
    "fused": TreeSettings(fusion=0.01),
    "interpolated": TreeSettings(centroid_share=0.3),
}


@pytest.fixture
def limited(resources: Resources, tmp_path: Path) -> Resources:
    """Memory for parts of `BLOCK` documents, of which there are three."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return replace(resources, memory=MemoryLimit(bytes=1, folder=folder))


def saved(index: PostingIndex, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    index.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check_same(
    in_memory: PostingIndex, on_disk: PostingIndex, loaded: PostingIndex, folder: Path
) -> None:
    """Check that files, hits and costs are equal, and that files serve either kind of index."""
    assert saved(in_memory, folder / "in memory") == saved(on_disk, folder / "on disk")
    loaded.load(folder / "in memory", DOCUMENTS)
    for effort in (1, 3, 20):
        hits = in_memory.search(QUERIES, 10, effort)
        cost = in_memory.cost(QUERIES, 10, effort)
        for other in (on_disk, loaded):
            found, spent = other.search(QUERIES, 10, effort), other.cost(QUERIES, 10, effort)
            assert np.array_equal(found.ids, hits.ids)
            assert np.array_equal(found.scores, hits.scores)
            assert np.array_equal(spent.visited, cost.visited)
            assert np.array_equal(
                spent.scan_macs + spent.route_macs, cost.scan_macs + cost.route_macs
            )


@pytest.mark.parametrize("name", IVF)
def test_ivf_on_disk_is_that_in_memory(
    name: str, resources: Resources, limited: Resources, tmp_path: Path
):
    indexes = [IvfIndex(IVF[name], each) for each in (resources, limited, limited)]
    for index in indexes[:2]:
        index.build(DOCUMENTS, 5, None)
    check_same(*indexes, tmp_path)


@pytest.mark.parametrize("mixer", ["none", "relu"])
@pytest.mark.parametrize("name", TREES)
def test_a_tree_on_disk_is_that_in_memory(
    name: str, mixer: str, resources: Resources, limited: Resources, tmp_path: Path
):
    if name in ("fused", "interpolated") and mixer == "relu":
        pytest.skip("only a linear tree has weights for it")
    router = tree(DOCUMENTS, mixer=mixer)
    indexes = [TreeIndex(TREES[name], each) for each in (resources, limited, limited)]
    for index in indexes[:2]:
        index.build(DOCUMENTS, 0, router)
    check_same(*indexes, tmp_path)


@pytest.mark.parametrize("form", [WHOLE, Sq8Form(Sq8Settings()), RabitqForm(RabitqSettings())])
def test_a_file_of_few_lists_or_of_codes_is_the_one_that_faiss_writes(form: Form, tmp_path: Path):
    documents = DOCUMENTS[:600]
    lists = np.arange(600)[:, None] % 3  # of 50, so that Faiss writes the three sizes alone
    quantizer = coarse_quantizer("flat", unit_vectors(2, 50))
    expected = form.filled(quantizer, 50, documents, lists, seed=0)
    faiss.write_index(expected, str(tmp_path / "expected"))
    empty = form.lists(quantizer, 50, documents, seed=0)
    written = tmp_path / "written"
    write_lists(written, empty, documents, lambda part: lists, 1, MemoryLimit(1, tmp_path))
    assert written.read_bytes() == (tmp_path / "expected").read_bytes()


def test_lists_on_disk_are_not_in_memory(limited: Resources):
    index = IvfIndex(IVF["flat"], limited)
    index.build(DOCUMENTS, 0, None)
    lists = faiss.downcast_InvertedLists(index.to_faiss(10, 1).invlists)
    assert isinstance(lists, faiss.OnDiskInvertedLists) and lists.read_only


def test_lists_on_disk_do_not_change(limited: Resources, tmp_path: Path):
    index = IvfIndex(IVF["flat"], limited)
    index.build(DOCUMENTS, 0, None)
    before = saved(index, tmp_path / "before")
    for change in (
        lambda: index.add(np.array([len(DOCUMENTS)]), QUERIES[:1]),
        lambda: index.remove(np.array([0])),
    ):
        with pytest.raises(InputError, match="load the index without a limit of memory"):
            change()
    assert saved(index, tmp_path / "after") == before and FILE in before
