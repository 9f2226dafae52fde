"""An encoder of names: it looks up vectors that are given, and learns nothing."""

from functools import cached_property

import numpy as np
import torch
from torch import nn

from methods.base import Array, Positions, Resources
from methods.encoder.cache import cached_matrix
from methods.encoder.declared import Kind
from methods.encoder.encoder import Encoder
from methods.encoder.profile import EncoderProfile
from methods.encoder.vector_files import CHUNK, GIVEN, GivenVectors, VectorFile
from methods.texts import Texts
from methods.trainable_view import TrainableView


class GivenEncoder(Encoder):
    """Embeds a text by looking up the vector that it names.

    The text of a document is its row, such as "17"; that of a query is its file and its row, such
    as "test 17".
    """

    def __init__(self, resources: Resources, vectors: GivenVectors) -> None:
        self.device = resources.device
        self.settings = GIVEN
        self.fingerprint = vectors.sha256
        self.learned_sha256 = ""
        self.head = None
        self._cache = resources.cache
        self._progress = resources.progress
        self._vectors = vectors

    @cached_property
    def profile(self) -> EncoderProfile:
        """The width of the vectors."""
        return EncoderProfile("", self._vectors.dimensions, 0.0)

    def prompt(self, kind: Kind) -> str:
        """Return "": vectors have no prompt."""
        return ""

    def mapped(self, texts: Texts, kind: Kind) -> VectorFile | None:
        """Return the file that has exactly these vectors in this order, or None."""
        file = self._vectors.mapped_documents()
        if kind == "query" or file is None or len(texts) != file.shape[0]:
            return None
        return file

    def pooled(self, texts: Texts, kind: Kind, among: Texts | None = None) -> Array:
        """Return the vectors (texts, dimensions) by memory map, from their file or the cache."""
        if (file := self.mapped(texts, kind)) is not None:
            mapped: Array = file.open()
            return mapped
        cache_key = {"vectors": self.fingerprint, "texts": texts.digest(), "kind": kind}
        return cached_matrix(
            self._cache / "embeddings",
            cache_key,
            (len(texts), self.profile.dimensions),
            lambda rows, part: self._look_up_all(Texts(texts[rows]), kind, part),
        )

    def embed(self, texts: Texts, kind: Kind, matrix: Array) -> None:
        """Write the vector of every text into `matrix` (texts, dimensions)."""
        vectors = self.pooled(texts, kind)
        for start in range(0, len(texts), CHUNK):
            matrix[start : start + CHUNK] = vectors[start : start + CHUNK]

    def embeddings(self, texts: Texts, kind: Kind) -> Array:
        """Return the vectors (texts, dimensions) by memory map."""
        return self.pooled(texts, kind)

    def trainable_view(self, texts: Texts, kind: Kind) -> TrainableView:
        """Return what looks up vectors by positions in `texts`, without gradient."""
        vectors = self.pooled(texts, kind)

        def view(positions: Positions) -> torch.Tensor:
            return torch.from_numpy(np.array(vectors[positions])).to(self.device)

        return TrainableView(view)

    def has_finite_weights(self) -> bool:
        """Return True: there are no weights."""
        return True

    def _trained_modules(self) -> dict[str, nn.Module]:
        return {}

    def _look_up_all(self, texts: Texts, kind: Kind, matrix: Array) -> None:
        for start in range(0, len(texts), CHUNK):
            matrix[start : start + CHUNK] = self._look_up(texts[start : start + CHUNK], kind)

    def _look_up(self, texts: list[str], kind: Kind) -> Array:
        if kind == "document":
            return self._vectors.document_vectors(np.array([int(text) for text in texts]))
        names = [text.rpartition(" ") for text in texts]
        files = np.array([name for name, _, _ in names])
        rows = np.array([int(row) for _, _, row in names])
        vectors = np.empty((len(texts), self.profile.dimensions), dtype=np.float32)
        for file in np.unique(files):
            chosen = files == file
            vectors[chosen] = self._vectors.query_vectors(str(file), rows[chosen])
        return vectors
