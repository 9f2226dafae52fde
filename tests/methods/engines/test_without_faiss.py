"""Without Faiss, both trainers learn, and torch builds and searches what they have learned."""

import subprocess
import sys
from pathlib import Path

from tests.missing_libraries import ROOT, environment_without

PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path

from harness.datasets import load_dataset
from methods.base import Resources
from methods.devices import SearchPlace, search_place
from methods.ehi.list_trainer import ListRouterTrainer
from methods.ehi.settings import EhiSettings, TreeSettings
from methods.ehi.trainer import EhiTrainer
from methods.encoder.encoder import Encoder
from methods.indexes.ivf import IvfSettings
from methods.registry import method
from methods.settings import EncoderSettings, TrainingSettings
from methods.training.dual_encoder import DualEncoderTrainer
from methods.training.settings import DualEncoderSettings

folder, encoder_folder, cache = sys.argv[1:]
dataset = load_dataset(f"beir:{folder}")
place = search_place("cpu")
assert place == SearchPlace("cpu", "torch")
resources = Resources("cpu", Path(cache), search=place)
training = TrainingSettings(epochs=2, refresh_every=1)
ehi = EhiSettings(branching=8, rank=8, joint_from=1)
sections = {"ivf": IvfSettings(lists=8), "tree": TreeSettings()}
for trainer, settings, name in (
    (DualEncoderTrainer, DualEncoderSettings(), "ivf"),
    (EhiTrainer, ehi, "ehi"),
    (ListRouterTrainer, ehi, "ivf+router"),
):
    assert method(name).install_hint(place) is None
    encoder = Encoder(EncoderSettings(name=encoder_folder, max_tokens=16), resources)
    pairs, corpus = dataset.train().pairs(), dataset.corpus
    trained = trainer(training, settings, resources).fit(encoder, pairs, corpus, 0)
    assert trained.history[-1]["refresh_seconds"] > 0  # hard negatives were searched
    documents = encoder.embeddings(corpus.texts, "document")
    index = method(name).new_index(sections, resources)
    index.build(documents, 0, trained.router)
    hits = index.search(documents[:20], 1, 8)
    assert (documents[hits.ids[:, 0]] == documents[:20]).all(axis=1).mean() > 0.9
print("all trained")
"""


def test_both_trainers_and_the_lists_need_no_faiss(
    beir_folder: Path, tiny_encoder: Path, tmp_path: Path
):
    arguments = [str(beir_folder), str(tiny_encoder), str(tmp_path / "cache")]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment_without("faiss", folder=tmp_path),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.stdout == "all trained\n", done.stderr
