"""Search and training on one GPU against what the GPU can do: `make bench-gpu`.

Prints, draws, and writes to a file, the times of IVF and EHI searched by torch for batches of
several sizes, with and without transfers; the share of the bandwidth of a copy that the scan
reaches (aim: 80 %); and the share of a large matrix product's FLOP/s that a training step reaches
(aim: 45 %).
Runs on a CPU as well, with `--documents 2000`, to show that it runs.
"""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from harness.commands.session import cache_folder
from harness.datasets import load_dataset
from harness.measure.gpu_state import gpu_state
from methods.base import Array, Resources
from methods.devices import Dtype, SearchPlace
from methods.ehi.indexer import TreeIndexer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.warm_start import start_from_kmeans
from methods.encoder.encoder import Encoder
from methods.engines.scan import Probes
from methods.engines.scorers import scorer_for
from methods.engines.torch_indexes import TorchIvf, TorchTree
from methods.indexes.ivf import IvfSettings
from methods.settings import EncoderSettings
from tests.benches.device_timing import BATCHES, time_batch_sizes, time_on_device
from tests.benches.gpu_curves import draw_curves

DIMENSIONS, DEPTH = 384, 10
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
DTYPES: tuple[Dtype, ...] = ("fp32", "fp16", "bf16")
SCANNED_AT_ONCE = 16
"""Queries that read each vector once together, so that the bytes of a scan are known."""


@click.command()
@click.option("--documents", default=1_000_000, show_default=True)
@click.option("--seconds", default=0.5, show_default=True, help="Least time of a measurement.")
@click.option("--encoder", default="minilm", show_default=True, help="Name or folder.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="results/gpu/bench.json",
    show_default=True,
)
def bench(documents: int, seconds: float, encoder: str, out: Path) -> None:
    """Measure, print and write a file of what was measured."""
    vectors = clustered(documents)
    before = gpu_state()
    searches = [row for dtype in DTYPES for row in search_times(vectors, dtype, seconds)]
    results = {
        "device": torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu",
        "documents": documents,
        "encoder": encoder,
        "searches": searches,
        "scan": [scan_bandwidth(vectors, dtype, seconds) for dtype in DTYPES],
        "training": training_step(encoder, seconds),
        "gpu_before": before,
        "gpu_after": gpu_state(),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(results, indent=1) + "\n")
    draw_curves(searches, out.with_suffix(""))
    for row in searches:
        print("{index} {dtype}, batch {batch}: {text}".format(**row))
    print(json.dumps({name: results[name] for name in ("scan", "training")}, indent=1))


def clustered(documents: int) -> Array:
    """Return unit vectors (documents, 384) around as many centres as there are lists."""
    random = np.random.default_rng(0)
    centres = random.standard_normal((lists_of(documents), DIMENSIONS), dtype=np.float32)
    vectors = random.standard_normal((documents, DIMENSIONS), dtype=np.float32)
    vectors += 2 * centres[random.integers(len(centres), size=documents)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def lists_of(documents: int) -> int:
    return max(8, int(4 * documents**0.5) // 8 * 8)


def search_times(vectors: Array, dtype: Dtype, seconds: float) -> list[dict[str, Any]]:
    """Return the times of IVF and EHI that scan about 1 % of the lists."""
    place = SearchPlace(DEVICE, "torch", dtype)
    resources = Resources(DEVICE, cache_folder(), search=place)
    lists = lists_of(len(vectors))
    ivf = TorchIvf(IvfSettings(lists=lists, iterations=5), resources)
    ivf.build(vectors, 0, None)
    tree = TreeIndexer(DIMENSIONS, EhiSettings(branching=lists, rank=64))
    start_from_kmeans(tree, vectors[: 64 * lists], 0)
    ehi = TorchTree(TreeSettings(), resources)
    ehi.build(vectors, 0, tree.router())
    queries, probes = vectors[:: max(1, len(vectors) // max(BATCHES))], max(1, lists // 100)
    rows = []
    for name, index in (("ivf", ivf), ("ehi", ehi)):
        postings = index.postings

        def on_device(batch: Array, postings: Any = postings) -> Any:
            return partial(postings.search_on_device, postings.moved(batch), DEPTH, probes)

        search = partial(index.search, k=DEPTH, effort=probes)
        with torch.inference_mode():
            times = time_batch_sizes(search, on_device, queries, seconds, DEVICE)
        for each in times:
            text = (
                f"{each.on_device.p50:.3f} ms on the device, {each.with_transfers.p50:.3f} ms with "
                f"transfers (p99 {each.with_transfers.p99:.3f}), "
                f"{each.queries_per_second:,.0f} queries/s"
            )
            rows.append({"index": name, "dtype": dtype, **asdict(each), "text": text})
    return rows


def scan_bandwidth(vectors: Array, dtype: Dtype, seconds: float) -> dict[str, Any]:
    """Return the bytes per second of a scan of all lists, and of a copy of as many bytes."""
    place = SearchPlace(DEVICE, "torch", dtype)
    ivf = TorchIvf(
        IvfSettings(lists=lists_of(len(vectors)), iterations=1),
        Resources(DEVICE, cache_folder(), search=place),
    )
    ivf.build(vectors, 0, None)
    lists = ivf.postings.lists
    size = lists.vectors.numel() * lists.vectors.element_size()
    with torch.inference_mode():  # as in a search
        queries = ivf.postings.moved(vectors[:SCANNED_AT_ONCE])
        probed = torch.arange(len(lists), device=DEVICE).repeat(SCANNED_AT_ONCE, 1)
        scores = torch.empty(SCANNED_AT_ONCE, len(vectors), device=DEVICE)
        scorer, probes = scorer_for(DEVICE), Probes(lists, probed)
        scan = size / time_on_device(lambda: scorer(queries, probes, scores), seconds, DEVICE)
    copy = torch.empty_like(lists.vectors)
    moved = time_on_device(lambda: copy.copy_(lists.vectors), seconds, DEVICE)
    return {
        "dtype": dtype,
        "scan_gb_per_s": scan / 1e6,
        "copy_gb_per_s": 2 * size / moved / 1e6,  # each byte is read and written
        "share": scan / (2 * size / moved),
    }


def training_step(name: str, seconds: float) -> dict[str, float]:
    """Return the FLOP/s of a training step of an encoder, and of a matrix product."""
    settings = EncoderSettings(name, train="full", precision="bf16" if DEVICE == "cuda" else "fp32")
    encoder = Encoder(settings, Resources(DEVICE, cache_folder()))
    texts = load_dataset("hpo").corpus.texts
    view = encoder.trainable_view(texts, "document")
    positions = np.arange(1024 if DEVICE == "cuda" else 32)

    def step() -> None:
        view(positions).square().sum().backward()

    with FlopCounterMode(display=False) as counter:
        step()
    step_ms = time_on_device(step, seconds, DEVICE)
    size = 8192 if DEVICE == "cuda" else 512
    matrix = torch.rand(size, size, device=DEVICE)
    matrix = matrix.bfloat16() if DEVICE == "cuda" else matrix
    product = 2 * size**3 / time_on_device(lambda: matrix @ matrix, seconds, DEVICE)
    reached = counter.get_total_flops() / step_ms
    return {
        "step_ms": step_ms,
        "step_tflops": reached / 1e9,
        "product_tflops": product / 1e9,
        "share": reached / product,
    }


if __name__ == "__main__":
    bench()
