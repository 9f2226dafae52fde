"""Synthetic corpora of any size with the cluster structure of real embeddings.

A document is the mean of a centre of hpo's clusters and one of its eight nearest centres, plus
two residuals of hpo's embeddings. A query is a document with one residual replaced, and that
document is relevant to it. With residuals slightly larger than the real ones, an inverted file
finds about as much as for hpo's real queries: with 1 to 32 of 128 lists searched, .56 to .96 of the
ten nearest documents instead of .55 to .97. Texts name the parts ("c17 c203 r5 r99"), and a
StaticEmbedding, a real sentence-transformers folder, turns them into vectors.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from methods.base import Array, Positions

CENTRES, NEIGHBOURS = 512, 8
RESIDUAL_SCALE = 1.3
QUERIES = {"train": 20_000, "dev": 500, "test": 1_000}
CHUNK = 100_000


@dataclass(frozen=True)
class Parts:
    """Centres (512, dimensions), the 8 nearest of each, and residuals (n, dimensions)."""

    centres: Array
    neighbours: Positions
    residuals: Array


def split_into_parts(vectors: Array) -> Parts:
    """Split embeddings (n, dimensions) into cluster centres and residuals."""
    import faiss

    kmeans = faiss.Kmeans(
        vectors.shape[1], CENTRES, niter=20, seed=1, spherical=True, min_points_per_centroid=1
    )
    kmeans.train(vectors)
    _, nearest = kmeans.index.search(vectors, 1)
    _, near = kmeans.index.search(kmeans.centroids, 1 + NEIGHBOURS)
    return Parts(kmeans.centroids, near[:, 1:], vectors - kmeans.centroids[nearest[:, 0]])


def write_encoder(parts: Parts, folder: Path) -> None:
    """Write an encoder whose words are the parts."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    names = [f"c{i}" for i in range(CENTRES)] + [f"r{i}" for i in range(len(parts.residuals))]
    words = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="c0"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    # A text's vector is the mean of its four words: (c + c') / 2 + scale (r + r') / sqrt(2).
    weights = np.concatenate([parts.centres, 2**0.5 * RESIDUAL_SCALE * parts.residuals])
    module = StaticEmbedding(words, embedding_weights=weights.astype(np.float32))
    SentenceTransformer(modules=[module], device="cpu").save(str(folder))


def write_corpus(documents: int, parts: Parts, folder: Path) -> None:
    """Write a BEIR folder with `documents` documents made of the parts."""
    random = np.random.default_rng(documents)
    (folder / "qrels").mkdir(parents=True)
    centres = random.integers(CENTRES, size=documents)
    others = parts.neighbours[centres, random.integers(NEIGHBOURS, size=documents)]
    residuals = random.integers(len(parts.residuals), size=(documents, 2))
    parts_of_documents = np.column_stack([centres, others, residuals])
    with (folder / "corpus.jsonl").open("w") as corpus:
        for start in range(0, documents, CHUNK):
            rows = parts_of_documents[start : start + CHUNK].tolist()
            corpus.writelines(_row(f"d{start + i}", row) for i, row in enumerate(rows))
    number = 0
    with (folder / "queries.jsonl").open("w") as queries:
        for split, count in QUERIES.items():
            relevant = random.integers(documents, size=count)
            parts_of_queries = parts_of_documents[relevant]
            parts_of_queries[:, -1] = random.integers(len(parts.residuals), size=count)
            with (folder / "qrels" / f"{split}.tsv").open("w") as qrels:
                qrels.write("query-id\tcorpus-id\tscore\n")
                for document, row in zip(relevant, parts_of_queries.tolist(), strict=True):
                    queries.write(_row(f"q{number}", row))
                    qrels.write(f"q{number}\td{document}\t1\n")
                    number += 1


def write_paragraphs(documents: int, path: Path) -> int:
    """Write a BEIR corpus.jsonl of paragraphs; return the size of its texts and ids in bytes."""
    words = [f"word{number}" for number in range(1000)]
    random = np.random.default_rng(0)
    size = 0
    with path.open("w") as corpus:
        for number in range(documents):
            text = " ".join(words[i] for i in random.integers(1000, size=40))
            size += len(text) + len(f"d{number}")
            corpus.write(json.dumps({"_id": f"d{number}", "text": text}) + "\n")
    return size


def _row(name: str, numbers: list[int]) -> str:
    text = "c{} c{} r{} r{}".format(*numbers)
    return json.dumps({"_id": name, "text": text}) + "\n"
