"""Read what a model declares about itself: prompts, similarity, towers and stored precision."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from methods.errors import InputError
from methods.settings import EncoderSettings

Kind = Literal["query", "document"]
NOUNS: Mapping[Kind, str] = {"query": "queries", "document": "documents"}

PROMPT_NAMES: Mapping[Kind, tuple[str, ...]] = {
    "query": ("query",),
    "document": ("document", "passage", "corpus"),
}
"""The names of each kind's prompt in sentence-transformers, the preferred one first."""
ROUTERS = ("Router", "Asym")
HALF_PRECISION = {"F16", "BF16"}


@dataclass(frozen=True)
class DeclaredModel:
    """How to use a model, according to the files in its sentence-transformers folder."""

    folder: Path
    prompts: Mapping[str, str] = field(default_factory=dict)
    default_prompt_name: str | None = None
    similarity: str = "cosine"
    has_towers: bool = False  # whether queries and documents take different ways through a Router

    @cached_property
    def in_half_precision(self) -> bool:
        """Whether weights are stored as fp16 or bf16; in memory they are fp32."""
        paths = self.folder.rglob("*.safetensors")
        return any(not HALF_PRECISION.isdisjoint(_stored_types(path)) for path in paths)

    def prompt(self, kind: Kind) -> str:
        """Return the prompt of queries or documents, or "".

        The default prompt counts if the model declares no prompt for either kind. An empty prompt
        counts as none: sentence-transformers saves one for every kind that has none.
        """
        declared = {
            each: next((text for name in names if (text := self.prompts.get(name))), "")
            for each, names in PROMPT_NAMES.items()
        }
        if not any(declared.values()) and self.default_prompt_name is not None:
            return self.prompts.get(self.default_prompt_name) or ""
        return declared[kind]

    def resolved(self, settings: EncoderSettings) -> EncoderSettings:
        """Return the settings with `normalise` as the model declares it, if that is "auto".

        Raise InputError if it declares a similarity that is neither cosine nor an inner product.
        """
        if settings.normalise != "auto":
            return settings
        if self.similarity not in ("cosine", "dot"):
            raise InputError(
                f"encoder {settings.name} declares {self.similarity} similarity, but indexes "
                "search by inner product; set encoder.normalise=true for cosines, or else false"
            )
        return replace(settings, normalise=self.similarity == "cosine")

    def changed_reading(self, settings: EncoderSettings) -> dict[str, Any]:
        """Return the ways in which texts are encoded differently than in ehibench 0.2.

        It read only the prompts "query" and "document", encoded queries by the tower of the
        documents, and computed with weights as they are stored. It is empty for most models.
        """
        given = {"query": settings.query_prompt, "document": settings.document_prompt}
        reading: dict[str, Any] = {
            f"{kind}_prompt": self.prompt(kind)
            for kind in PROMPT_NAMES
            if given[kind] == "auto" and self.prompt(kind) != (self.prompts.get(kind) or "")
        }
        if self.has_towers:
            reading["towers"] = True
        if self.in_half_precision:
            reading["weights"] = "fp32"
        return reading


def declared_model(folder: Path) -> DeclaredModel:
    """Read what the model in `folder` declares. Raise InputError if a file is damaged."""
    path = folder / "config_sentence_transformers.json"
    config = read_json(path) if path.is_file() else {}
    return DeclaredModel(
        folder,
        {name: text for name, text in (config.get("prompts") or {}).items() if text},
        config.get("default_prompt_name"),
        config.get("similarity_fn_name") or "cosine",
        any(kind in ROUTERS for _, kind in modules(folder)),
    )


def modules(folder: Path) -> list[tuple[Path, str]]:
    """Return the folder and the class of each module of a model, in order.

    A model of the hub without modules.json is a Transformer, with the pooling that
    sentence-transformers gives it.
    """
    path = folder / "modules.json"
    if not path.is_file():
        return [(folder, "Transformer")]
    return [(folder / each["path"], module_class(each["type"])) for each in read_json(path)]


def module_class(reference: str) -> str:
    """Return the name of a module's class, such as Pooling, without its package."""
    return reference.rpartition(".")[2]


def read_json(path: Path) -> Any:
    """Return the content of a JSON file. Raise InputError if it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is not valid JSON: {error}") from None


def _stored_types(path: Path) -> set[str]:
    """Return the types of the tensors in a safetensors file, such as F32, from its header."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(length, path.stat().st_size)))
        return {tensor["dtype"] for name, tensor in header.items() if name != "__metadata__"}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise InputError(
            f"{path} is not a safetensors file; download it again, with git lfs if it is a pointer"
        ) from None
