import os
from collections.abc import Iterator
from threading import Event, Thread

import faiss
import pytest
import torch

from harness.measure.threads import available_threads, one_thread, threads_in_use, use_threads


@pytest.fixture(autouse=True)
def one_thread_afterwards() -> Iterator[None]:
    yield
    use_threads(1)


def test_every_library_gets_the_threads():
    use_threads(2)
    assert torch.get_num_threads() == faiss.omp_get_max_threads() == 2


def test_within_one_thread_there_is_one_thread_and_one_core():
    use_threads(2)
    cores = os.sched_getaffinity(0)
    with one_thread():
        assert torch.get_num_threads() == faiss.omp_get_max_threads() == available_threads() == 1
    assert torch.get_num_threads() == faiss.omp_get_max_threads() == 2
    assert os.sched_getaffinity(0) == cores


def test_one_thread_is_undone_after_an_error():
    use_threads(2)
    cores = os.sched_getaffinity(0)
    with pytest.raises(KeyError), one_thread():
        raise KeyError
    assert torch.get_num_threads() == 2 and os.sched_getaffinity(0) == cores


def test_threads_that_are_already_running_are_bound_to_the_core_too():
    within: list[set[int]] = []
    asked, answered, done = Event(), Event(), Event()

    def report_cores() -> None:
        asked.wait()
        within.append(os.sched_getaffinity(0))
        answered.set()
        done.wait()

    thread = Thread(target=report_cores, daemon=True)
    thread.start()
    cores = os.sched_getaffinity(0)
    with one_thread():
        asked.set()
        answered.wait()
    assert within == [{max(cores)}] and os.sched_getaffinity(thread.native_id or 0) == cores
    done.set()
    thread.join()


def test_the_threads_of_every_library_are_reported():
    use_threads(1)
    threads = threads_in_use()
    assert threads["torch"] == threads["faiss"] == 1
    assert threads["cores"] == len(os.sched_getaffinity(0)) == available_threads()
