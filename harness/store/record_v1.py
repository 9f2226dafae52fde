"""Convert records that ehibench 0.1 wrote (format 1) to the current format."""

import shlex
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

RESULT = ("effort", "spent", "next_spent", "artifacts")
QUALITY = ("metrics", "metrics_unseen", "queries", "queries_unseen", "overlap_exact_10")
IDENTITY = ("cell", "dataset", "method", "seed", "settings")


def upgrade(old: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain values of a record of format 1 in the nesting of format 2.

    Raise KeyError or TypeError if they are not a record.
    """
    ok = old["status"] == "ok"
    return {
        **{name: old[name] for name in IDENTITY},
        "budget": {"kind": old["budget_by"], "limit": old["budget"]},
        "selection": _selection(old["menu"], old["chosen"]) if old.get("chosen") else None,
        "provenance": _provenance(old["dataset"], old["provenance"]),
        "result": _result(old) if ok else None,
        "failure": None if ok else {"error": old["error"], "reason": old["reason"]},
    }


def dataset_spec(dataset: str, command: str) -> str:
    """Return the dataset as the command named it; format 1 kept only the name of its folder."""
    try:
        words = shlex.split(command)
    except ValueError:
        return dataset
    for word, following in pairwise([*words, ""]):
        value = following if word == "--dataset" else word.removeprefix("--dataset=")
        if value.startswith("beir:") and word.startswith("--dataset"):
            return value
    return dataset


def _result(old: Mapping[str, Any]) -> dict[str, Any]:
    seconds = old["seconds"]
    return {
        **{name: old[name] for name in RESULT},
        "quality": {name: old[name] for name in QUALITY},
        "cost": {
            "visited": old["visited"],
            "scan_macs": old["scan_macs"],
            "route_macs": old["route_macs"],
            "exact": old["cost_exact"],
        },
        "latency": {
            "search_ms": old["latency_ms"],
            "encode_ms": old["encode_ms"],
            "end_to_end_ms": old["end_to_end_ms"],
            "throughput": old["throughput"],
            "reference_ms": old["reference_ms"],
            "rounds_ms": old.get("rounds_ms", {}),
            **old.get("timing", {}),
        },
        "durations": {step: seconds[step] for step in ("train", "build", "measure")},
        "memory": old["bytes"],
        "postings": old.get("postings"),
        "training": without_early_stopping(old["training"]) if old["training"] else None,
    }


def without_early_stopping(training: Mapping[str, Any]) -> dict[str, Any]:
    """Return the summary of a training without the field that early stopping added."""
    return {name: value for name, value in training.items() if name != "stopped_at_update"}


def _selection(menu: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    choice = {name: chosen[name] for name in ("measure", "seeds")}
    return {"menu": menu, "choice": {**choice, "trials": chosen["tried"]}}


def _provenance(dataset: str, old: Mapping[str, Any]) -> dict[str, Any]:
    return {**old, "dataset_spec": dataset_spec(dataset, old.get("command", ""))}
