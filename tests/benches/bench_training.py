"""The speed of training, in one run and in turns: `make bench`. Takes minutes.

Full training is compared with the trainer of sentence-transformers on the same pairs, batch size,
lengths and precision, which needs `pip install ".[bench]"`. The speed of head training is printed.
"""

import cProfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.commands.session import cache_folder
from harness.datasets.dataset import Dataset
from harness.measure.threads import available_threads, use_threads
from methods.base import Advance, Pairs, Resources
from methods.ehi.settings import EhiSettings
from methods.ehi.trainer import EhiTrainer
from methods.encoder.encoder import Encoder
from methods.settings import EncoderSettings, TrainingSettings
from methods.texts import Texts
from methods.trainer import Trainer
from methods.training.batches import Batches
from methods.training.dual_encoder import DualEncoderTrainer
from methods.training.settings import DualEncoderSettings

BATCH, STEPS, ROUNDS = 64, 4, 2
FULL = EncoderSettings(train="full", head="none")
ONE_EPOCH = TrainingSettings(epochs=1, batch_size=BATCH, hard_negatives=0, checkpoint_seconds=0)
RESOURCES = Resources("cpu", cache_folder())
SECTIONS = {
    ("batches.py", "epoch"): "sampling",
    ("encoder.py", "<lambda>"): "embedding",
    ("contrastive.py", "in_batch_softmax"): "loss",
    ("objective.py", "tree_losses"): "losses of the tree",
    ("transferred_pairs.py", "pairs_for_tree"): "transferred pairs",
    ("~", "<method 'run_backward' of 'torch._C._EngineBase' objects>"): "backward",
    ("optimisation.py", "step"): "optimiser",
}


@pytest.fixture(scope="module", autouse=True)
def threads() -> None:
    use_threads(available_threads())


@pytest.fixture(scope="module")
def pairs(hpo: Dataset) -> Pairs:
    """The queries of a few batches, each with one document."""
    drawn = Batches(hpo.train().pairs(), BATCH * STEPS, seed=0).epoch(0)
    batch = next(drawn)
    texts = hpo.train().pairs().queries
    queries = Texts(texts[int(i)] for i in batch.queries)
    return Pairs(queries, np.arange(len(queries) + 1), batch.documents)


def pairs_per_second(ends: list[float]) -> float:
    """Return the speed of all steps but the first, from the times at which steps ended."""
    return BATCH * (len(ends) - 1) / (ends[-1] - ends[0])


def ehibench_speed(pairs: Pairs, hpo: Dataset) -> float:
    ends: list[float] = []

    @contextmanager
    def bar(description: str, total: int) -> Iterator[Advance]:
        yield lambda steps=1: ends.extend([time.perf_counter()] * steps)

    resources = replace(RESOURCES, progress=bar)
    encoder = Encoder(FULL, RESOURCES)
    DualEncoderTrainer(ONE_EPOCH, DualEncoderSettings(), resources).fit(
        encoder, pairs, hpo.corpus, 0
    )
    return pairs_per_second(ends)


def sentence_transformers_speed(pairs: Pairs, hpo: Dataset, folder: Path) -> float:
    datasets = pytest.importorskip("datasets", reason='pip install ".[bench]"')
    pytest.importorskip("accelerate", reason='pip install ".[bench]"')
    from sentence_transformers import (
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from transformers import TrainerCallback

    ends: list[float] = []

    class Steps(TrainerCallback):
        def on_step_end(self, *_: object, **__: object) -> None:
            ends.append(time.perf_counter())

    encoder = Encoder(FULL, RESOURCES)
    rows = {
        "anchor": list(pairs.queries),
        "positive": [hpo.corpus.texts[int(i)] for i in pairs.documents],
    }
    arguments = SentenceTransformerTrainingArguments(
        str(folder),
        num_train_epochs=1,
        per_device_train_batch_size=BATCH,
        learning_rate=ONE_EPOCH.transformer_learning_rate,
        max_grad_norm=ONE_EPOCH.clip_norm,
        weight_decay=ONE_EPOCH.weight_decay,
        bf16=encoder.bf16,
        use_cpu=True,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    loss = MultipleNegativesRankingLoss(encoder.transformer, scale=1 / ONE_EPOCH.temperature)
    SentenceTransformerTrainer(
        encoder.transformer,
        arguments,
        train_dataset=datasets.Dataset.from_dict(rows),
        loss=loss,
        callbacks=[Steps()],
    ).train()
    return pairs_per_second(ends)


def test_full_training_is_as_fast_as_with_sentence_transformers(
    pairs: Pairs, hpo: Dataset, tmp_path: Path
):
    speeds = [
        (ehibench_speed(pairs, hpo), sentence_transformers_speed(pairs, hpo, tmp_path))
        for _round in range(ROUNDS)
    ]
    best, others = (max(column) for column in zip(*speeds, strict=True))
    precision = "bf16" if Encoder(FULL, RESOURCES).bf16 else "fp32"
    print(
        f"\nfull mode, batch {BATCH}, {precision}: {best:.0f} pairs/s, sentence-transformers "
        f"{others:.0f}, ratio {best / others:.2f}"
    )
    assert best >= others


@pytest.mark.parametrize("name", ["dual_encoder", "ehi"])
def test_head_training_on_cached_embeddings(hpo: Dataset, name: str):
    training = TrainingSettings(epochs=3, checkpoint_seconds=0)
    joint = EhiSettings(joint_from=0, warm_start="random")
    trainer: Trainer = (
        DualEncoderTrainer(training, DualEncoderSettings(), RESOURCES)
        if name == "dual_encoder"
        else EhiTrainer(training, joint, RESOURCES)
    )
    pairs = hpo.train().pairs()
    profile = cProfile.Profile()
    trained = [
        trainer.fit(Encoder(EncoderSettings(), RESOURCES), pairs, hpo.corpus, 0),
        profile.runcall(trainer.fit, Encoder(EncoderSettings(), RESOURCES), pairs, hpo.corpus, 0),
    ]
    seconds = min(row["seconds"] for row in trained[0].history)
    print(f"\nhead mode, {name}: {len(pairs) / seconds:,.0f} pairs/s")
    print("  " + ", ".join(f"{part} {share:.0%}" for part, share in shares(profile).items()))


def shares(profile: cProfile.Profile) -> dict[str, float]:
    """Return the share of each section in the time of all sections."""
    profile.create_stats()
    sums: dict[str, float] = {}
    for (path, _line, function), (_, _, _, cumulative, _) in profile.stats.items():
        section = SECTIONS.get((Path(path).name, function))
        if section:
            sums[section] = sums.get(section, 0) + cumulative
    return {section: spent / sum(sums.values()) for section, spent in sums.items()}
