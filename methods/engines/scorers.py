"""Which scorer a device gets."""

from importlib.util import find_spec

from methods.engines.scan import Scorer, score_by_gather


def scorer_for(device: str) -> Scorer:
    """Return the Triton kernel on a GPU where Triton is installed, else plain torch."""
    if device == "cuda" and find_spec("triton") is not None:
        from methods.engines.triton_scan import score_by_triton

        return score_by_triton
    return score_by_gather
