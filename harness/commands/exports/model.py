"""Write an encoder as a sentence-transformers model, with a card that says where it comes from."""

from pathlib import Path
from typing import TYPE_CHECKING

from harness.store.record import Record
from methods.atomic_files import new_folder

if TYPE_CHECKING:
    from methods.encoder.encoder import Encoder

CARD = """---
{metadata}
---

# {title}

The encoder of `{method}`, trained on `{dataset}` by ehibench. Queries and documents are compared by
the inner products of these vectors of {dimensions} dimensions.

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("FOLDER")
queries = model.encode_query(["hole in the heart"])
documents = model.encode_document(["Atrial septal defect"])
scores = queries @ documents.T
```

- Dataset: {source}
- Trained: {parts}; {updates:,} updates from seed {seed}
- Measured: nDCG@10 {ndcg:.3f} by `{method}` at {budget}, on {queries:,} test queries

The values are those of the search with its index, in {precision}; this model computes in fp32.
"""


def write_model(encoder: "Encoder", record: Record, folder: Path) -> None:
    """Write the model and its card, in place of one that is there."""
    from huggingface_hub import EvalResult, ModelCardData

    from methods.encoder.export import export_encoder

    measured, training = record.measured, record.measured.training
    assert training is not None, "checked before"
    quality = measured.quality
    title = f"{record.method} on {record.dataset}, seed {record.seed}"
    results = [
        EvalResult("information-retrieval", record.dataset, record.dataset, name, round(value, 4))
        for name, value in quality.metrics.items()
    ]
    data = ModelCardData(
        model_name=title,
        eval_results=results,
        library_name="sentence-transformers",
        pipeline_tag="sentence-similarity",
        tags=["sentence-transformers", "feature-extraction", "ehibench"],
    )
    card = CARD.format(
        metadata=data.to_yaml(),
        title=title,
        method=record.method,
        dataset=record.dataset,
        dimensions=encoder.profile.dimensions,
        source=record.provenance.dataset_source,
        parts=", ".join(training.trained_parts) or "nothing",
        updates=training.encoder_updates,
        seed=record.seed,
        ndcg=quality.metrics["nDCG@10"],
        budget=record.budget.label,
        queries=quality.queries,
        precision=training.precision,
    )
    with new_folder(folder) as draft:
        export_encoder(encoder, draft)
        (draft / "README.md").write_text(card, encoding="utf-8")
