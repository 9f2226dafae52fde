"""Small real inputs: 300 concepts of hpo as a BEIR folder, and a tiny BERT."""

import json
import os
import re
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # a second thread only slows inputs this small
if not Path("/dev/nvidiactl").exists():  # without a GPU, kernels run in Triton's interpreter
    os.environ.setdefault("TRITON_INTERPRET", "1")

import numpy as np
import pytest

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from methods.base import Resources

TINY_DOCUMENTS = 300


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a GPU where there is none."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs an NVIDIA GPU, and torch finds none")


@pytest.fixture(scope="session")
def hpo() -> Dataset:
    return load_dataset("hpo")


@pytest.fixture(scope="session")
def beir_folder(hpo: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 300 concepts of hpo and their queries in BEIR layout, with train and test qrels."""
    folder = tmp_path_factory.mktemp("beir") / "tiny"
    (folder / "qrels").mkdir(parents=True)
    with (folder / "corpus.jsonl").open("w") as corpus:
        for position in range(TINY_DOCUMENTS):
            row = {"_id": hpo.corpus.ids[position], "text": hpo.corpus.texts[position]}
            corpus.write(json.dumps(row) + "\n")
    with (folder / "queries.jsonl").open("w") as queries:
        for name in ("train", "test"):
            split = hpo.splits[name]
            with (folder / "qrels" / f"{name}.tsv").open("w") as qrels:
                qrels.write("query-id\tcorpus-id\tscore\n")
                for row, document in zip(split.rows, split.documents, strict=True):
                    if document < TINY_DOCUMENTS:
                        qrels.write(f"{split.ids[int(row)]}\t{hpo.corpus.ids[int(document)]}\t1\n")
            for query, text in zip(split.ids, split.texts, strict=True):
                queries.write(json.dumps({"_id": query, "text": text}) + "\n")
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(hpo: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder as on the hub: a random BERT with 2 layers, 32 wide."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("encoder")
    texts = hpo.corpus.texts[:TINY_DOCUMENTS]
    counts = Counter(word for text in texts for word in re.findall(r"[a-z0-9]+", text.lower()))
    frequent = sorted(counts, key=lambda word: (-counts[word], word))[:800]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: number for number, word in enumerate([*special, *frequent])}
    words = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    words.normalizer = normalizers.BertNormalizer(lowercase=True)
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words.save(str(folder / "words.json"))
    tokenizer = BertTokenizerFast(tokenizer_file=str(folder / "words.json"))
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertModel(config).save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=64)
    model = SentenceTransformer(modules=[transformer, Pooling(32, "mean")], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


@pytest.fixture
def resources(tmp_path: Path) -> Resources:
    return Resources(device="cpu", cache=tmp_path / "cache")


@pytest.fixture
def vectors() -> np.ndarray:
    """200 unit vectors of 16 dimensions in 10 clusters."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(10, 16))
    points = np.repeat(centres, 20, axis=0) + 0.5 * random.normal(size=(200, 16))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
