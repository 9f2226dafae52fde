import numpy as np
import torch

from methods.base import Pairs
from methods.ehi.transferred_pairs import pairs_for_tree
from methods.texts import Texts
from methods.training.batches import Batch
from methods.training.data import EmbeddedBatch

VECTORS = torch.nn.functional.normalize(torch.randn(10, 4), dim=1)
PAIRS = Pairs(Texts("abcd"), np.array([0, 1, 2, 3, 5]), np.array([0, 1, 2, 3, 0]))


def embed(positions: np.ndarray) -> torch.Tensor:
    return VECTORS[torch.from_numpy(positions)]


def transferred(share: float, negatives: int = 0) -> tuple[EmbeddedBatch, EmbeddedBatch]:
    """Return four pairs, followed by hard negatives, and what the tree learns from."""
    queries = torch.nn.functional.normalize(torch.randn(4, 4), dim=1).requires_grad_()
    documents = np.arange(4 + negatives)
    batch = Batch(np.arange(4), documents, np.eye(4, len(documents), dtype=bool))
    embedded = EmbeddedBatch(queries, embed(documents), torch.from_numpy(batch.relevant))
    random = np.random.default_rng(0)
    return embedded, pairs_for_tree(embedded, batch, share, PAIRS, embed, 10, random)


def test_a_share_of_pairs_is_transferred_and_the_rest_stays():
    before, after = transferred(0.5)
    sampled = np.random.default_rng(0).integers(10, size=2)
    assert torch.equal(after.documents[:2], embed(sampled))
    assert torch.equal(after.documents[2:], before.documents[2:])
    assert torch.equal(after.queries[2:], before.queries[2:])
    offset = before.queries[0] - before.documents[0]
    expected = torch.nn.functional.normalize(embed(sampled)[0] + offset, dim=0)
    assert torch.allclose(after.queries[0], expected)


def test_share_0_changes_no_pair():
    before, after = transferred(0.0)
    assert torch.equal(after.queries, before.queries)
    assert torch.equal(after.documents, before.documents)


def test_hard_negatives_are_left_out():
    for share in (0.0, 0.5):
        before, after = transferred(share, negatives=3)
        assert len(before.documents) == 7 and len(after.documents) == 4
        assert after.relevant.shape == (4, 4) and after.relevant.diagonal().all()


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
