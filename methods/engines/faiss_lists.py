"""Inverted lists from Faiss to torch and back, so that either engine searches what one built."""

from typing import Any

import numpy as np
import torch

from methods.base import Array
from methods.engines.inverted_lists import InvertedLists
from methods.errors import InputError
from methods.forms.form import WHOLE
from methods.forms.list_entries import append, entries, list_sizes


def lists_from_faiss(index: Any) -> InvertedLists:
    """Return the lists of a Faiss inverted file of whole vectors."""
    sizes = list_sizes(index)
    vectors = np.empty((int(sizes.sum()), index.d), dtype=np.float32)
    ends = np.cumsum(sizes)
    for number, (size, end) in enumerate(zip(sizes.tolist(), ends.tolist(), strict=True)):
        if size:
            vectors[end - size : end] = _codes(index, number, size)
    offsets = torch.from_numpy(np.concatenate([[0], ends]))
    return InvertedLists(
        torch.from_numpy(vectors), torch.from_numpy(entries(index, sizes)), offsets
    )


def centroids_from_faiss(index: Any) -> Array:
    """Return the centroids (lists, dimensions) of a Faiss inverted file with flat routing."""
    import faiss

    quantizer = faiss.downcast_index(index.quantizer)
    if not isinstance(quantizer, faiss.IndexFlat):
        raise InputError("torch reaches lists by all centroids; --set ivf.routing=flat")
    centroids: Array = quantizer.reconstruct_n(0, index.nlist)
    return centroids


def lists_to_faiss(lists: InvertedLists, quantizer: Any) -> Any:
    """Return the Faiss inverted file with the same lists, which the quantizer chooses."""
    vectors = lists.vectors.float().numpy()
    index = WHOLE.lists(quantizer, len(lists), vectors, seed=0)
    append(index, lists.ids.numpy(), vectors, lists.list_of_entries()[:, None])
    return index


def _codes(index: Any, number: int, size: int) -> Array:
    import faiss

    codes = faiss.rev_swig_ptr(index.invlists.get_codes(number), size * index.code_size)
    vectors: Array = codes.view(np.float32).reshape(size, index.d)
    return vectors
