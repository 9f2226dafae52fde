"""What --search-device stands for, depending on the engines that are installed."""

import pytest

from methods.devices import PLACES, SearchPlace, has_faiss_gpu, search_place
from methods.errors import InputError


def test_faiss_searches_on_the_cpu_and_torch_on_a_gpu():
    assert search_place("cpu") == SearchPlace("cpu", "faiss") == SearchPlace()
    assert search_place("cuda") == SearchPlace("cuda", "torch")
    assert search_place("cpu:torch") == SearchPlace("cpu", "torch")


def test_torch_searches_on_the_cpu_where_faiss_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("methods.devices.has_faiss", lambda: False)
    assert search_place("cpu") == SearchPlace("cpu", "torch")


@pytest.mark.skipif(has_faiss_gpu(), reason="faiss-gpu is installed")
def test_faiss_on_a_gpu_needs_faiss_gpu():
    with pytest.raises(InputError, match="cuda:faiss needs faiss-gpu, which is not installed"):
        search_place("cuda:faiss")


@pytest.mark.parametrize("text", [place for place in PLACES if place != "cuda:faiss"])
def test_a_place_is_printed_as_it_is_typed(text: str):
    assert str(search_place(text)) == text
