"""One Triton kernel that gathers the entries of probed lists and scores them.

Queries that probe the same list are scored together, so that each vector is read once for up to
`QUERIES` queries. The work is a list of tiles, each a block of queries by a block of entries of one
list, so that no list is padded to the longest. With TRITON_INTERPRET=1 it runs on a CPU, slowly.
"""

import os

import torch
import triton
import triton.language as tl
from torch import Tensor

from methods.engines.scan import Probes

QUERIES, ENTRIES, DIMENSIONS = 16, 64, 64
"""The sizes of a tile; a product of matrices needs at least 16 of each. Not tuned on a GPU yet."""
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
"""Whether the kernel runs in Triton's interpreter, whose numpy cannot multiply bf16."""


def score_by_triton(queries: Tensor, probes: Probes, scores: Tensor) -> None:
    """Write the inner products of queries (n, dimensions) into `scores`; see `Scorer`."""
    lists = probes.lists
    width = probes.probed.shape[1]
    flat = torch.where(probes.sizes > 0, probes.probed, len(lists)).flatten()
    by_list = torch.argsort(flat, stable=True)  # what scans nothing comes last
    pairs = torch.bincount(flat, minlength=len(lists) + 1)[: len(lists)]
    query_blocks, entry_blocks = -(-pairs // QUERIES), -(-lists.sizes // ENTRIES)
    tiles = query_blocks * entry_blocks
    tile_list = torch.repeat_interleave(torch.arange(len(lists), device=tiles.device), tiles)
    if not len(tile_list):
        return
    first_tile = (tiles.cumsum(0) - tiles)[tile_list]
    within = torch.arange(len(tile_list), device=tiles.device) - first_tile
    # Blocks of queries change fastest: programs that run together share the vectors in the cache.
    _score_tile[(len(tile_list),)](
        lists.vectors,
        queries.to(lists.vectors.dtype).contiguous(),
        scores,
        by_list // width,
        probes.starts.flatten()[by_list],
        torch.nn.functional.pad(pairs.cumsum(0), (1, 0)),
        lists.offsets,
        tile_list,
        within // query_blocks[tile_list],
        within % query_blocks[tile_list],
        scores.stride(0),
        queries.shape[1],
        QUERIES,
        ENTRIES,
        DIMENSIONS,
        INTERPRETED and lists.vectors.dtype == torch.bfloat16,
    )


@triton.jit  # type: ignore[untyped-decorator]
def _score_tile(  # type: ignore[no-untyped-def]
    vectors,  # (entries, dimensions)
    queries,  # (n, dimensions)
    scores,  # (n, stride)
    pair_query,  # the query of each pair of a query and a list, by list
    pair_start,  # the column of the first score of each pair
    first_pair,  # (lists + 1,)
    first_entry,  # (lists + 1,)
    tile_list,
    tile_entries,
    tile_queries,
    stride,
    dimensions,
    query_block: tl.constexpr,
    entry_block: tl.constexpr,
    dimension_block: tl.constexpr,
    widen: tl.constexpr,
):
    """Score one block of queries against one block of entries of one list."""
    tile = tl.program_id(0)
    number = tl.load(tile_list + tile)
    first = tl.load(first_entry + number)
    entry = tl.load(tile_entries + tile) * entry_block + tl.arange(0, entry_block)
    has_entry = first + entry < tl.load(first_entry + number + 1)
    pair = tl.load(first_pair + number) + tl.load(tile_queries + tile) * query_block
    pair += tl.arange(0, query_block)
    has_pair = pair < tl.load(first_pair + number + 1)
    query = tl.load(pair_query + pair, mask=has_pair, other=0)
    start = tl.load(pair_start + pair, mask=has_pair, other=0)

    products = tl.zeros((query_block, entry_block), dtype=tl.float32)
    for offset in range(0, dimensions, dimension_block):
        column = offset + tl.arange(0, dimension_block)
        inside = column < dimensions
        rows = tl.load(
            vectors + (first + entry)[:, None] * dimensions + column[None, :],
            mask=has_entry[:, None] & inside[None, :],
            other=0.0,
        )
        some = tl.load(
            queries + query[:, None] * dimensions + column[None, :],
            mask=has_pair[:, None] & inside[None, :],
            other=0.0,
        )
        if widen:
            some, rows = some.to(tl.float32), rows.to(tl.float32)
        products += tl.dot(some, tl.trans(rows), input_precision="ieee")  # TF32 would reorder hits

    place = query[:, None] * stride + start[:, None] + entry[None, :]
    tl.store(scores + place, products, mask=has_pair[:, None] & has_entry[None, :])
