"""Processes that train one encoder together, by Hugging Face Accelerate.

Every process samples the same batches, embeds its share of the texts, and gathers the vectors of
the others. So each computes the losses of the whole batch: in-batch negatives and the tree's
balance do not depend on the number of processes. Outside such a group, nothing here does anything.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, distributed, nn

from methods.base import Array, Positions
from methods.errors import InputError, UnavailableError
from methods.trainable_view import TrainableView


@dataclass(frozen=True)
class Rank:
    """A process of a group."""

    index: int = 0
    count: int = 1
    port: int = 0  # on which they find each other; 0: the environment says where
    elsewhere: int = 0  # that run on other hosts

    @classmethod
    def from_environment(cls) -> Self:
        """Return the rank that a launcher has given to this process.

        Raise InputError if it has given none: several processes would train the same side by side.
        """
        index, count, here = map(os.environ.get, ("RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"))
        if index is None or count is None:
            raise InputError(
                "the launcher has not set RANK and WORLD_SIZE; use torchrun, or accelerate launch "
                "--multi_gpu, also without a GPU"
            )
        return cls(int(index), int(count), elsewhere=int(count) - int(here or count))

    @property
    def on_this_host(self) -> int:
        """The number of processes that share this host."""
        return self.count - self.elsewhere

    def join(self, device: str) -> None:
        """Wait for the other processes of the group. Raise UnavailableError without Accelerate."""
        if self.count == 1:
            return
        try:
            from accelerate import PartialState
        except ModuleNotFoundError:
            raise UnavailableError(
                'several processes need accelerate. Run: pip install "ehibench[cluster]"'
            ) from None
        if self.port:
            os.environ |= {
                "RANK": str(self.index),
                "LOCAL_RANK": str(self.index),
                "WORLD_SIZE": str(self.count),
                "LOCAL_WORLD_SIZE": str(self.count),
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(self.port),
            }
        if device == "cpu":
            os.environ["ACCELERATE_USE_CPU"] = "true"
            # Accelerate would choose another number of threads.
            os.environ.setdefault("OMP_NUM_THREADS", str(torch.get_num_threads()))
        PartialState(cpu=device == "cpu")


ALONE = Rank()


def process_count() -> int:
    """Return the number of processes that train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def is_main() -> bool:
    """Return whether this process writes files: one of a group does."""
    return not distributed.is_initialized() or distributed.get_rank() == 0


@contextmanager
def main_first() -> Iterator[None]:
    """Let the main process do the block before the others."""
    if process_count() > 1 and not is_main():
        distributed.barrier()
    yield
    if process_count() > 1 and is_main():
        distributed.barrier()


def embed_together(view: TrainableView) -> TrainableView:
    """Return `view` with its work shared: each process embeds as many of the positions.

    Gradient flows to the vectors that this process has embedded, multiplied by the number of
    processes; the mean of the parameters' gradients over the processes (`average_gradients`) is
    then that of a single process.
    """
    if process_count() == 1:
        return view

    def prepare_share(positions: Positions) -> tuple[int, Any]:
        share = -(-len(positions) // process_count())
        filled = np.resize(positions, share * process_count())  # repeats some at the end
        start = distributed.get_rank() * share
        return len(positions), view.prepare(filled[start : start + share])

    def embed_share(prepared: tuple[int, Any]) -> Tensor:
        count, share = prepared
        gathered: Tensor = _Gather.apply(view.embed(share))  # type: ignore[no-untyped-call]
        return gathered[:count]

    return TrainableView(embed_share, prepare_share)


def fill_together(
    shape: tuple[int, int], at_once: int, fill: Callable[[slice, Array], None]
) -> Iterator[tuple[slice, Array]]:
    """Yield the parts of a matrix of `shape`, of at most `at_once` rows, and which rows they are.

    Each process fills its share of every part and receives the others', so that none has to hold
    the whole matrix.
    """
    rows, width = shape
    for start in range(0, rows, at_once):
        end = min(rows, start + at_once)
        share = -(-(end - start) // process_count())
        first = start + (distributed.get_rank() * share if process_count() > 1 else 0)
        last = min(end, first + share)
        own = np.zeros((share, width), dtype=np.float32)
        if first < last:
            fill(slice(first, last), own[: last - first])
        yield slice(start, end), _gather(torch.from_numpy(own))[: end - start].numpy()


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace every gradient by its mean over the processes."""
    if process_count() == 1:
        return
    from accelerate.utils import reduce

    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad = reduce(parameter.grad, "mean")


def copy_from_main(tensors: Iterable[Tensor]) -> None:
    """Give tensors the values that they have in the main process."""
    if process_count() == 1:
        return
    from accelerate.utils import broadcast

    with torch.no_grad():
        for tensor in tensors:
            on_device = broadcast(_on_device(tensor.detach().clone()))
            tensor.copy_(on_device)


class _Gather(torch.autograd.Function):
    """Concatenates the rows of all processes; gradient returns to those of this one."""

    @staticmethod
    def forward(context: Any, rows: Tensor) -> Tensor:
        context.count = len(rows)
        return _gather(rows).to(rows.device)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        start = distributed.get_rank() * context.count
        return gradients[0][start : start + context.count] * process_count()


def _gather(rows: Tensor) -> Tensor:
    if process_count() == 1:
        return rows
    from accelerate.utils import gather

    gathered: Tensor = gather(_on_device(rows)).to(rows.device)
    return gathered


def _on_device(tensor: Tensor) -> Tensor:
    """Return the tensor where the processes exchange tensors: on a GPU, or in main memory."""
    from accelerate import PartialState

    device: torch.device = PartialState().device
    return tensor.to(device)
