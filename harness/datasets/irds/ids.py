"""Which ids of ir_datasets have the documents and the splits of a dataset."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.datasets.dataset import SplitName
from methods.errors import InputError, unknown

PARTS: Mapping[SplitName, tuple[str, ...]] = {
    "train": ("train/judged", "train", "training"),
    "dev": ("dev/small", "dev", "validation", "valid", "val"),
}
"""Where the other splits of an id are, below one of the ids above it."""


@dataclass(frozen=True)
class SourceIds:
    """The ids in ir_datasets of the documents and of the judged queries of each split."""

    documents: str
    splits: Mapping[SplitName, str]
    test_relevant_from: int = 1  # the smallest grade of a test judgement that means relevant


def _beir(name: str, *splits: SplitName) -> SourceIds:
    return SourceIds(f"beir/{name}", {split: f"beir/{name}/{split}" for split in splits})


def _beir_test_only(name: str) -> SourceIds:
    return SourceIds(f"beir/{name}", {"test": f"beir/{name}"})


# TREC's Deep Learning track: grade 1 is "related", and does not count as relevant.
TREC_DL_RELEVANT = 2
# Papers report the dev set of MS MARCO as its test set, because the test judgements are not
# public. The effort is then found on a tenth of the training queries.
KNOWN_IDS = {
    "msmarco-passage": SourceIds(
        "msmarco-passage",
        {"train": "msmarco-passage/train/judged", "test": "msmarco-passage/dev/small"},
    ),
    "msmarco-passage/trec-dl-2019": SourceIds(
        "msmarco-passage",
        {
            "train": "msmarco-passage/train/judged",
            "dev": "msmarco-passage/dev/small",
            "test": "msmarco-passage/trec-dl-2019/judged",
        },
        TREC_DL_RELEVANT,
    ),
    "msmarco-passage/trec-dl-2020": SourceIds(
        "msmarco-passage",
        {
            "train": "msmarco-passage/train/judged",
            "dev": "msmarco-passage/dev/small",
            "test": "msmarco-passage/trec-dl-2020/judged",
        },
        TREC_DL_RELEVANT,
    ),
    "dpr-w100/natural-questions": SourceIds(
        "dpr-w100",
        {"train": "dpr-w100/natural-questions/train", "test": "dpr-w100/natural-questions/dev"},
    ),
    "beir/scifact": _beir("scifact", "train", "test"),
    "beir/fiqa": _beir("fiqa", "train", "dev", "test"),
    "beir/nfcorpus": _beir("nfcorpus", "train", "dev", "test"),
    "beir/hotpotqa": _beir("hotpotqa", "train", "dev", "test"),
    "beir/fever": _beir("fever", "train", "dev", "test"),
    "beir/quora": _beir("quora", "dev", "test"),
    "beir/dbpedia-entity": _beir("dbpedia-entity", "dev", "test"),
    "beir/nq": _beir_test_only("nq"),
    "beir/arguana": _beir_test_only("arguana"),
    "beir/scidocs": _beir_test_only("scidocs"),
    "beir/trec-covid": _beir_test_only("trec-covid"),
    "beir/climate-fever": _beir_test_only("climate-fever"),
    "beir/webis-touche2020/v2": _beir_test_only("webis-touche2020/v2"),
}


def source_ids(name: str) -> SourceIds:
    """Return the ids of a dataset: those listed above, or else found by a rule.

    The queries of the id are the test queries, or the training queries if it ends in "train". The
    other splits are ids beside it, such as antique/train beside antique/test, with the same
    documents. Raise InputError if the id is unknown, or lacks documents, queries or judgements.
    """
    if name in KNOWN_IDS:
        return KNOWN_IDS[name]
    import ir_datasets

    if name not in ir_datasets.registry:
        near = difflib.get_close_matches(name, list(ir_datasets.registry), n=1, cutoff=0.5)
        raise unknown("ir_datasets id", name, near or KNOWN_IDS)
    source = ir_datasets.load(name)
    has = {
        "documents": source.has_docs(),
        "queries": source.has_queries(),
        "judgements": source.has_qrels(),
    }
    if missing := [kind for kind, there in has.items() if not there]:
        below = [each for each in ir_datasets.registry if each.startswith(f"{name}/")]
        hint = f"; its parts are {', '.join(below[:8])}" if below else ""
        raise InputError(f"irds:{name} has no {' and no '.join(missing)}{hint}")
    *above, last = name.split("/")
    splits: dict[SplitName, str] = {"train" if last.startswith("train") else "test": name}
    wanted = [split for split in PARTS if split not in splits]
    if not set(PARTS["dev"]).isdisjoint([*above, last]):  # else queries would be in both
        wanted = [split for split in wanted if split != "dev"]
    for split in wanted:
        found = _beside(above, split, name, source)
        if found is not None:
            splits[split] = found
    relevant_from = TREC_DL_RELEVANT if _is_passages_of_trec_dl(name) else 1
    return SourceIds(name, splits, relevant_from)


def _beside(above: list[str], split: SplitName, name: str, source: Any) -> str | None:
    """Return the id of a split next to an id or to one above it, or None if there is none."""
    import ir_datasets

    for depth in range(len(above), 0, -1):
        for part in PARTS[split]:
            other = "/".join([*above[:depth], part])
            if other == name or other not in ir_datasets.registry:
                continue
            found = ir_datasets.load(other)
            if found.has_queries() and found.has_qrels() and _has_same_documents(found, source):
                return other
    return None


def _has_same_documents(first: Any, second: Any) -> bool:
    try:
        return first.has_docs() and bool(first.docs_namespace() == second.docs_namespace())
    except (ValueError, NotImplementedError):  # a few datasets do not name their documents
        return False


def _is_passages_of_trec_dl(name: str) -> bool:
    return name.startswith("msmarco-passage") and "/trec-dl-" in name
