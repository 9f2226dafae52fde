"""Which scorer a device gets."""

from functools import partial
from importlib.util import find_spec

from methods.engines.compiled_products import compiled_products
from methods.engines.scan import Scorer, score_by_gather


def scorer_for(device: str) -> Scorer:
    """Return the Triton kernel on a GPU where Triton is installed, else torch.

    On a CPU its products are compiled if a C++ compiler is installed.
    """
    if device == "cuda" and find_spec("triton") is not None:
        from methods.engines.triton_scan import score_by_triton

        return score_by_triton
    if device == "cpu" and (products := compiled_products()) is not None:
        return partial(score_by_gather, products=products)
    return score_by_gather
