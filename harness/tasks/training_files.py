"""Write what a training learned, and its summary."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.store.artifacts import TRAINING
from methods.atomic_files import new_folder, write_json
from methods.trainer import Trained

ROUTER_FILE = "router.safetensors"


def save_training(trained: Trained, summary: Mapping[str, Any], folder: Path) -> None:
    """Write the encoder, the router if one was learned, the summary and the history."""
    with new_folder(folder) as draft:
        trained.encoder.save(draft)
        save_router(trained, summary, draft)


def save_router(trained: Trained, summary: Mapping[str, Any], draft: Path) -> None:
    """Write the router, if one was learned, the summary and the history into `draft`."""
    if trained.router is not None:
        trained.router.save(draft / ROUTER_FILE)
    write_json(draft / TRAINING, {"summary": summary, "history": list(trained.history)})


def last_epoch(trained: Trained) -> dict[str, float]:
    """Return the losses of the last epoch by name; none if there was no training."""
    return dict(trained.history[-1]) if trained.history else {}


def training_summary(trained: Trained, seconds: float) -> dict[str, Any]:
    """Return what a record says of a training that took this many seconds."""
    encoder = trained.encoder
    refreshes = [row["refresh_seconds"] for row in trained.history if "refresh_seconds" in row]
    return {
        "trained_parts": encoder.trained_parts(),
        "encoder_updates": trained.encoder_updates,
        "seconds": round(seconds, 3),
        "refreshes": len(refreshes),
        "refresh_seconds": round(sum(refreshes), 3),
        "precision": "bf16" if encoder.bf16 else "fp32",
        "bf16_speedup": encoder.profile.bf16_speedup,
        "encoder_sha256": encoder.fingerprint,
        "last_epoch": last_epoch(trained),
        "query_prompt": encoder.prompt("query"),
        "document_prompt": encoder.prompt("document"),
    }
