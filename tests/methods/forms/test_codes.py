"""Codes: what is built for lists and for graphs, and what is refused."""

import faiss
import numpy as np
import pytest

from methods.base import Array, Resources
from methods.errors import InputError
from methods.forms.codes import (
    PqForm,
    PqSettings,
    RabitqForm,
    RabitqSettings,
    Sq8Form,
    Sq8Settings,
)
from methods.forms.form import Form, Multiplications
from tests.methods.pairs import Pair, unit_vectors


@pytest.fixture(scope="module")
def documents() -> Array:
    return unit_vectors(0, 300)


def lists(form: Form, documents: Array) -> faiss.IndexIVF:
    quantizer = faiss.IndexFlatIP(16)
    quantizer.add(documents[:4])
    numbers = (np.arange(len(documents)) % 4)[:, None]
    return form.filled(quantizer, 4, documents, numbers, seed=0)


@pytest.mark.parametrize(
    ("form", "kind", "size"),
    [
        (Sq8Form(Sq8Settings()), faiss.IndexIVFScalarQuantizer, 16),
        (PqForm(PqSettings(2, bits=8)), faiss.IndexIVFPQ, 8),
        (PqForm(PqSettings(2)), faiss.IndexIVFPQFastScan, 4),
        (RabitqForm(RabitqSettings()), faiss.IndexIVFRaBitQ, 2 + 8),  # bits, and two factors
    ],
)
def test_lists_hold_codes_of_the_promised_size(form: Form, kind: type, size: int, documents: Array):
    index = lists(form, documents)
    assert isinstance(index, kind) and index.ntotal == 300 and index.is_trained
    assert index.code_size == size
    assert index.metric_type == faiss.METRIC_INNER_PRODUCT


@pytest.mark.parametrize("form", [Sq8Form(Sq8Settings()), PqForm(PqSettings(2, bits=8))])
def test_scores_of_codes_are_near_inner_products_in_every_list(form: Form, documents: Array):
    index = lists(form, documents)
    assert not index.by_residual
    index.nprobe = 4
    scores, ids = index.search(documents[:20], 300)
    exact = np.take_along_axis(documents[:20] @ documents.T, ids, axis=1)
    assert np.abs(scores - exact).mean() < 0.05


def test_the_seed_determines_product_codes(documents: Array):
    def centres(seed: int) -> Array:
        index = PqForm(PqSettings(2)).lists(faiss.IndexFlatIP(16), 4, documents, seed)
        return faiss.vector_to_array(index.pq.centroids)

    assert np.array_equal(centres(0), centres(0)) and not np.array_equal(centres(0), centres(1))


def test_multiplications_count_look_ups_and_tables():
    assert Sq8Form(Sq8Settings()).multiplications(64) == Multiplications(64)
    assert PqForm(PqSettings(4)).multiplications(64) == Multiplications(16, query=16 * 64)
    by_byte = PqForm(PqSettings(8, bits=8)).multiplications(64)
    assert by_byte == Multiplications(8, query=256 * 64)
    assert RabitqForm(RabitqSettings()).multiplications(63) == Multiplications(16, posting=63)


def test_dimensions_that_do_not_split_are_refused_with_the_nearest_that_do(documents: Array):
    for index in ("ivf", "faiss-hnsw"):
        with pytest.raises(InputError) as refused:
            form = PqForm(PqSettings(dimensions_per_block=7, bits=8))
            form.lists(faiss.IndexFlatIP(16), 4, documents, 0) if index == "ivf" else form.graph(
                documents, 16, 0
            )
        assert str(refused.value) == (
            "pq.dimensions_per_block is 7, which does not divide the 16 dimensions; "
            "--set pq.dimensions_per_block=4"
        )


@pytest.mark.parametrize(("bits", "centres"), [(4, 16), (8, 256)])
def test_fewer_documents_than_centres_are_refused(bits: int, centres: int, documents: Array):
    form = PqForm(PqSettings(dimensions_per_block=4, bits=bits))
    with pytest.raises(InputError) as refused:
        lists(form, documents[: centres - 1])
    assert str(refused.value) == (
        f"codes of {bits} bits need {centres} documents, but the corpus has {centres - 1}; "
        "leave out +pq"
    )
    assert lists(form, documents[:centres]).ntotal == centres


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (Pair("faiss-hnsw", "pq of 4 bits"), "a graph cannot scan codes of 4 bits; --set pq.bits"),
        (Pair("faiss-hnsw", "rabitq"), r"a graph cannot scan RaBitQ\'s codes; use \+sq8"),
        (Pair("hnsw", "sq8"), r"hnswlib cannot scan codes; use faiss-hnsw\+sq8"),
        (Pair("hnsw", "pq of 8 bits"), r"hnswlib cannot scan codes; use faiss-hnsw\+pq"),
    ],
    ids=str,
)
def test_codes_that_a_graph_cannot_scan_are_refused(
    pair: Pair, message: str, documents: Array, resources: Resources
):
    with pytest.raises(InputError, match=message):
        pair.built(documents, resources)


def test_a_graph_of_product_codes_is_linked_by_whole_vectors(
    documents: Array, resources: Resources
):
    index = Pair("faiss-hnsw", "pq of 8 bits", rescore=100).built(documents, resources)
    queries = unit_vectors(1, 50)
    best = np.argsort(-(queries @ documents.T), axis=1)[:, :10]
    assert (index.search(queries, 10, 100).ids == best).mean() > 0.99  # .86 if linked by codes


def test_settings_that_build_no_codes_are_rejected():
    with pytest.raises(InputError, match=r"^pq\.bits is 5; it must be 4 or 8$"):
        PqSettings(bits=5)
    with pytest.raises(InputError, match=r"^pq\.dimensions_per_block is 0; it must be at least"):
        PqSettings(dimensions_per_block=0)
    for kind in (PqSettings, Sq8Settings, RabitqSettings):
        with pytest.raises(InputError, match=r"rescore is -1; it must be at least 0$"):
            kind(rescore=-1)
