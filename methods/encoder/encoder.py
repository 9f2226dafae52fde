"""The text encoder: a SentenceTransformer, an optional trainable head, optional normalisation."""

from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from methods.base import Array, Resources
from methods.encoder.cache import SHARD_ROWS, Fill, cached_matrix
from methods.encoder.copied import copied
from methods.encoder.declared import NOUNS, Kind, declared_model
from methods.encoder.profile import EncoderProfile, encoder_profile
from methods.encoder.sources import encoder_folder, folder_fingerprint
from methods.encoder.token_batches import TokenBatches
from methods.encoder.tokeniser import Tokeniser
from methods.encoder.transformer import (
    ENCODE_BATCH,
    PreparedTexts,
    encode_texts,
    forward,
    load_transformer,
    prepare_texts,
)
from methods.ranks import fill_together, process_count
from methods.settings import EncoderSettings, TrainingSettings
from methods.texts import Texts
from methods.trainable_view import TrainableView

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

HEAD_CHUNK = 65536


class Encoder:
    """Embeds queries and documents, E(x) in the paper (section 3).

    They share one tower, unless the model has a Router that leads them through towers of their own.

    The transformer is loaded only when it is needed: never if all pooled outputs are in the cache
    and only a head is trained.
    """

    def __init__(self, settings: EncoderSettings, resources: Resources) -> None:
        """Find the encoder's files. Raise InputError if there are none, or they do not fit."""
        self.device = resources.device
        self._cache = resources.cache
        self._progress = resources.progress
        self.folder = encoder_folder(settings.name)
        self.fingerprint = folder_fingerprint(self.folder)
        self.declared = declared_model(self.folder)
        self.settings = self.declared.resolved(settings)
        self.learned_sha256 = ""
        self._trained_on: dict[Kind, TokenBatches] = {}  # the texts, with their tokens in a file
        self.head: nn.Linear | None = None
        if settings.head == "linear":
            self.head = nn.Linear(self.profile.dimensions, self.profile.dimensions)
            nn.init.eye_(self.head.weight)
            nn.init.zeros_(self.head.bias)
            self.head.to(self.device)

    @cached_property
    def profile(self) -> EncoderProfile:
        """The width of the output and the speed-up by bf16, measured once per machine."""
        stored = "-half" if self.declared.in_half_precision else ""
        note = self._cache / "encoders" / f"{self.fingerprint[:32]}-{self.device}{stored}.json"
        return encoder_profile(note, self.device, lambda: self.transformer, self._progress)

    @property
    def bf16(self) -> bool:
        """Whether the transformer runs under bf16 autocast."""
        if self.settings.precision == "auto":
            return self.profile.bf16_pays
        return self.settings.precision == "bf16"

    @cached_property
    def transformer(self) -> "SentenceTransformer":
        """The SentenceTransformer, limited to `max_tokens`."""
        with self._progress("Loading the encoder", 1):
            return load_transformer(self.folder, self.device, self.settings.max_tokens)

    def prompt(self, kind: Kind) -> str:
        """Return what is put before every query or document: as set, or as the model declares."""
        settings = self.settings
        given = settings.query_prompt if kind == "query" else settings.document_prompt
        return self.declared.prompt(kind) if given == "auto" else given

    def pooled(self, texts: Texts, kind: Kind, among: Texts | None = None) -> Array:
        """Return the untrained transformer's outputs (texts, dimensions), from the disk cache.

        The key holds the encoder's files, the texts and every setting that changes the numbers.
        Texts that are all `among` others are not encoded, but copied from the outputs of these.
        """
        # The device is "cpu" wherever it runs: what one device has encoded serves all.
        cache_key = self._cache_key(texts, kind) | {"bf16": self.bf16, "device": "cpu"}
        if self.declared.in_half_precision:
            cache_key["weights"] = "fp32"
        fill: Fill = partial(self._encode, texts, kind)
        if among is not None:
            fill = copied(texts, among, partial(self.pooled, among, kind))
        shape = len(texts), self.profile.dimensions
        return cached_matrix(self._cache / "embeddings", cache_key, shape, fill)

    def embed(self, texts: Texts, kind: Kind, matrix: Array) -> None:
        """Write E(x) of every text into `matrix` (texts, dimensions)."""
        if self.settings.train == "full":
            if process_count() == 1:
                self._encode(texts, kind, slice(0, len(texts)), matrix)
            else:
                for rows, part in self._encode_together(texts, kind):
                    matrix[rows] = part
            source = matrix
        else:
            source = self.pooled(texts, kind)
        with torch.inference_mode():
            for start in range(0, len(texts), HEAD_CHUNK):
                rows = slice(start, start + HEAD_CHUNK)
                features = torch.from_numpy(np.array(source[rows])).to(self.device)
                matrix[rows] = self._finish(features).cpu().numpy()

    def embed_share(self, texts: Texts, kind: Kind) -> None:
        """Do this process's share of an `embed` in another process, which alone keeps the rows."""
        if self.settings.train == "full":
            for _part in self._encode_together(texts, kind):
                pass
        else:
            self.pooled(texts, kind)

    def embeddings(self, texts: Texts, kind: Kind) -> Array:
        """Return E(x) of every text (texts, dimensions), with the current weights."""
        matrix = np.empty((len(texts), self.profile.dimensions), dtype=np.float32)
        self.embed(texts, kind, matrix)
        return matrix

    def encode(self, texts: list[str], kind: Kind) -> Array:
        """Return E(x) of texts (texts, dimensions) without any cache, as a server would."""
        with torch.inference_mode(), self._autocast():
            features = self.transformer.encode(
                texts,
                prompt=self.prompt(kind),
                task=kind,
                batch_size=ENCODE_BATCH[self.device],
                convert_to_tensor=True,
                show_progress_bar=False,
            )
            finished: Array = self._finish(features.float()).float().cpu().numpy()
        return finished

    def trainable_view(self, texts: Texts, kind: Kind) -> TrainableView:
        """Return what embeds the texts at positions in `texts`."""
        if self.settings.train == "full":
            tokeniser = Tokeniser(self.transformer, kind, self.prompt(kind))
            key, folder = self._cache_key(texts, kind), self._cache / "tokens"
            batches = TokenBatches.kept(tokeniser, texts, folder, key, self._progress)
            self._trained_on[kind] = batches
            prepare = partial(prepare_texts, self.transformer, batches)
            return TrainableView(partial(self._forward, kind), prepare)
        features = torch.from_numpy(np.array(self.pooled(texts, kind))).to(self.device)
        return TrainableView(
            lambda positions: self._finish(features[torch.from_numpy(positions).to(self.device)])
        )

    def parameter_groups(self, training: TrainingSettings) -> list[dict[str, Any]]:
        """Return the trained parameters, each part with its learning rate. Empty if frozen."""
        rates = {
            "transformer": training.transformer_learning_rate,
            "head": training.head_learning_rate,
        }
        return [
            {"name": part, "params": list(module.parameters()), "lr": rates[part]}
            for part, module in self._trained_modules().items()
        ]

    def trained_parts(self) -> list[str]:
        """Return the names of the parts that are trained."""
        parts = {"full": ["transformer", "head"], "head": ["head"], "frozen": []}
        return [part for part in parts[self.settings.train] if part != "head" or self.head]

    def has_finite_weights(self) -> bool:
        """Return whether every weight of the transformer is finite."""
        return all(bool(w.isfinite().all()) for w in self.transformer.parameters())

    def state_dict(self) -> dict[str, Tensor]:
        """Return the weights of the trained parts, for a checkpoint."""
        return nn.ModuleDict(self._trained_modules()).state_dict()

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Set the weights to what `state_dict` returned; the parameters stay the same objects."""
        nn.ModuleDict(self._trained_modules()).load_state_dict(state)

    def save(self, folder: Path) -> None:
        """Write the head, and the transformer if it is trained, into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.settings.train == "full":
            self.transformer.save(str(folder / "transformer"))
        if self.head is not None:
            state = {name: tensor.cpu() for name, tensor in self.head.state_dict().items()}
            save_file(state, folder / "head.safetensors")

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        self.learned_sha256 = folder_fingerprint(folder)
        if self.settings.train == "full":
            self.folder = folder / "transformer"
            self.__dict__.pop("transformer", None)
            self._trained_on.clear()  # their tokeniser is part of the transformer
        if self.head is not None:
            self.head.load_state_dict(load_file(folder / "head.safetensors"))

    def _trained_modules(self) -> dict[str, nn.Module]:
        modules: dict[str, nn.Module] = {}
        if self.settings.train == "full":
            modules["transformer"] = self.transformer
        if self.settings.train != "frozen" and self.head is not None:
            modules["head"] = self.head
        return modules

    def _cache_key(self, texts: Texts, kind: Kind) -> dict[str, object]:
        """Return what decides how the untrained transformer reads texts."""
        tower = {"tower": kind} if self.declared.has_towers else {}
        return {
            "encoder": self.fingerprint,
            "texts": texts.digest(),
            "prompt": self.prompt(kind),
            "max_tokens": self.settings.max_tokens,
        } | tower

    def _encode_together(self, texts: Texts, kind: Kind) -> Iterator[tuple[slice, Array]]:
        """Yield the outputs of texts part by part, of which each process computes a share."""
        shape = len(texts), self.profile.dimensions
        return fill_together(shape, SHARD_ROWS, partial(self._encode, texts, kind))

    def _encode(self, texts: Texts, kind: Kind, rows: slice, matrix: Array) -> None:
        """Write the outputs of some rows of the texts into `matrix` (rows, dimensions)."""
        batches = self._trained_on.get(kind)
        if batches is None or batches.texts is not texts:
            batches = TokenBatches(Tokeniser(self.transformer, kind, self.prompt(kind)), texts)
        count = rows.stop - rows.start
        part = "" if count == len(texts) else f"{count:,} of {len(texts):,} "
        with self._progress(f"Encoding {part}{NOUNS[kind]}", count) as advance, self._autocast():
            encode_texts(self.transformer, batches, rows, matrix, advance)

    def _forward(self, kind: Kind, prepared: PreparedTexts) -> Tensor:
        with self._autocast():  # one for all pieces, since it keeps the weights it has cast
            features = forward(self.transformer, prepared, kind)
        return self._finish(features)

    def _finish(self, features: Tensor) -> Tensor:
        """Apply the head and the normalisation to pooled outputs."""
        projected = self.head(features) if self.head is not None else features
        return functional.normalize(projected, dim=1) if self.settings.normalise else projected

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.bf16)
