"""What needs more than the bound fails with one line that names the option."""

import resource
from pathlib import Path

import numpy as np
import pytest

from harness.measure.memory import STATUS, status_bytes
from harness.run.workers import start_server
from harness.tasks.memory_bound import LEAST, bounded_memory
from methods.errors import InputError
from tests.harness.tasks.large_corpus import DIMENSIONS, build, write_corpus

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="only Linux bounds anonymous memory")
ROOM = 256 << 20


def test_less_than_the_bound_is_granted_and_more_is_an_error():
    before = resource.getrlimit(resource.RLIMIT_DATA)
    for _ in range(2):  # only the second time does malloc keep what it gave libraries before
        with bounded_memory(10**12, "building ivf"):
            pass  # libraries have reserved what they need, and returned what other tests left
    limit = status_bytes("RssAnon") + ROOM
    with bounded_memory(limit, "building ivf") as room:
        assert ROOM - (8 << 20) < room < ROOM + (8 << 20)
        np.ones(room // 2, dtype=np.uint8)
    with (
        pytest.raises(InputError, match=r"building ivf needs more memory than --memory \d+MB"),
        bounded_memory(limit, "building ivf"),
    ):
        np.ones(2 * ROOM, dtype=np.uint8)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_a_mapped_file_may_be_larger_than_the_bound(tmp_path):
    with bounded_memory(status_bytes("RssAnon") + ROOM, "building ivf"):
        mapped = np.lib.format.open_memmap(tmp_path / "large.npy", "w+", np.uint8, (2 * ROOM,))
        mapped[:] = 1
    assert mapped[-1] == 1


def test_a_bound_that_leaves_no_room_says_how_much_is_enough():
    used = status_bytes("RssAnon")
    with (
        pytest.raises(InputError, match="--memory is 1MB, but building ivf needs") as rejected,
        bounded_memory(10**6, "building ivf"),
    ):
        pass
    enough = int(str(rejected.value).split("give ")[1].split("MB")[0])
    assert used + LEAST - 10**7 < enough * 10**6 < used + LEAST + 10**7


def test_other_errors_stay_as_they_are():
    with pytest.raises(RuntimeError, match="broken"), bounded_memory(10**12, "building ivf"):
        raise RuntimeError("broken")


def test_without_a_bound_nothing_changes():
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with bounded_memory(None, "building ivf"):
        assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_300_thousand_documents_are_indexed_in_less_memory_than_their_vectors(tmp_path: Path):
    documents, limit = 300_000, 600_000_000
    start_server()
    write_corpus(documents, lists=64, folder=tmp_path)
    for name in ("ivf", "ehi"):
        built = build(name, 64, tmp_path, limit, threads=2)
        assert built["disk_bytes"] > documents * DIMENSIONS * 4
        # The vectors would not fit: Python and the libraries have most of the bound.
        assert built["anonymous_peak_bytes"] < limit < built["peak_bytes"]
        assert built["postings"]["mean"] == documents / 64
