import numpy as np
import torch

from methods.base import Pairs
from methods.ehi.transferred_pairs import with_transferred
from methods.texts import Texts
from methods.training.data import EmbeddedBatch
from methods.training.sampling import Batch

VECTORS = torch.nn.functional.normalize(torch.randn(10, 4), dim=1)
PAIRS = Pairs(Texts("abcd"), np.array([0, 1, 2, 3, 5]), np.array([0, 1, 2, 3, 0]))
BATCH = Batch(np.arange(4), np.array([0, 1, 2, 3]), np.eye(4, dtype=bool))


def embed(positions: np.ndarray) -> torch.Tensor:
    return VECTORS[torch.from_numpy(positions)]


def transferred(share: float) -> tuple[EmbeddedBatch, EmbeddedBatch]:
    queries = torch.nn.functional.normalize(torch.randn(4, 4), dim=1).requires_grad_()
    embedded = EmbeddedBatch(queries, embed(BATCH.documents), torch.eye(4, dtype=torch.bool))
    random = np.random.default_rng(0)
    return embedded, with_transferred(embedded, BATCH, share, PAIRS, embed, 10, random)


def test_a_share_of_pairs_is_transferred_and_the_rest_stays():
    before, after = transferred(0.5)
    sampled = np.random.default_rng(0).integers(10, size=2)
    assert torch.equal(after.documents[:2], embed(sampled))
    assert torch.equal(after.documents[2:], before.documents[2:])
    assert torch.equal(after.queries[2:], before.queries[2:])
    offset = before.queries[0] - before.documents[0]
    expected = torch.nn.functional.normalize(embed(sampled)[0] + offset, dim=0)
    assert torch.allclose(after.queries[0], expected)


def test_share_0_changes_nothing():
    before, after = transferred(0.0)
    assert after is before


def test_relevance_is_that_of_the_sampled_documents():
    _, after = transferred(0.5)
    sampled = np.random.default_rng(0).integers(10, size=2)
    positions = [*sampled, 2, 3]
    for row, relevant in enumerate([{sampled[0]}, {sampled[1]}, {2}, {3, 0}]):
        assert after.relevant[row].tolist() == [p in relevant for p in positions]


def test_no_gradient_flows_through_a_transferred_pair():
    before, after = transferred(0.5)
    after.queries.sum().backward()
    assert before.queries.grad is not None
    assert (before.queries.grad[:2] == 0).all() and (before.queries.grad[2:] == 1).all()
