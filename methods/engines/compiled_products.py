"""The inner products of gathered vectors, compiled for the CPU: nothing gathered is stored."""

import logging
from functools import cache

import torch
from torch import Tensor

from methods.engines.scan import Products, inner_products

LOG = logging.getLogger(__name__)


@cache
def compiled_products() -> Products | None:
    """Return `inner_products` compiled by torch, or None without a working C++ compiler.

    torch keeps what it has compiled in its cache on disk. The first search by fp16 or bf16 vectors
    compiles once more, since the examples here are in fp32.
    """
    compiled: Products = torch.compile(
        inner_products,
        dynamic=True,
        # Otherwise it would always use as many threads as there were when it was compiled.
        options={"cpp.dynamic_threads": True},
    )
    try:
        with torch.inference_mode():
            for queries in (1, 2):  # torch compiles a single query by itself
                compiled(*_example(queries))
    except Exception as error:  # of whatever kind: a compiler may be missing, old or broken
        reason = str(error).partition("\n")[0]
        LOG.info("torch.compile does not work here, so scans by torch are slower: %s", reason)
        return None
    return compiled


def _example(queries: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    entries = torch.arange(4)
    return torch.ones(5, 3), entries, torch.ones(queries, 3), entries % queries
