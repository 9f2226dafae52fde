"""`irds:ID`: datasets of ir_datasets, with every split mapped to an id by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.datasets.dataset import Dataset, Split, SplitName, split_from_judgements
from methods.base import Corpus
from methods.errors import InputError, unknown
from methods.texts import Ids, Texts

SUMMARY = "a dataset of ir_datasets, e.g. irds:beir/scifact, irds:msmarco-passage"


@dataclass(frozen=True)
class SourceIds:
    """The ir_datasets ids that hold the documents and the judged queries of each split."""

    documents: str
    splits: Mapping[SplitName, str]


def _beir(name: str, *splits: SplitName) -> SourceIds:
    return SourceIds(f"beir/{name}", {split: f"beir/{name}/{split}" for split in splits})


def _beir_test_only(name: str) -> SourceIds:
    return SourceIds(f"beir/{name}", {"test": f"beir/{name}"})


# What the field calls the test set of MS MARCO is its dev set: the test judgements are
# not public. The effort is then found on a tenth of train.
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
    ),
    "msmarco-passage/trec-dl-2020": SourceIds(
        "msmarco-passage",
        {
            "train": "msmarco-passage/train/judged",
            "dev": "msmarco-passage/dev/small",
            "test": "msmarco-passage/trec-dl-2020/judged",
        },
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


def load(place: str) -> Dataset:
    """Return the dataset. ir_datasets downloads what it does not hold yet."""
    if place not in KNOWN_IDS:
        raise unknown("ir_datasets id", place, KNOWN_IDS)
    try:
        return load_from_ids(place, KNOWN_IDS[place])
    except OSError as error:  # requests' errors are OSErrors too
        cause = type(error).__name__
        raise InputError(
            f"irds:{place} cannot be read or fetched ({cause}); see ir_datasets"
        ) from None


def load_from_ids(name: str, mapped: SourceIds) -> Dataset:
    """Return the dataset made of the ids in `mapped`."""
    import ir_datasets

    ids, texts = Ids(), Texts()
    for document in ir_datasets.load(mapped.documents).docs_iter():
        ids.append(document.doc_id)
        texts.append(full_text(document))
    corpus = Corpus(ids, texts)
    splits: dict[SplitName, Split] = {
        split: _read_split(ir_datasets.load(source), source, corpus)
        for split, source in mapped.splits.items()
    }
    source = f"{name} through ir_datasets {ir_datasets.__version__}"
    return Dataset(f"irds:{name}", ir_datasets.__version__, source, corpus, splits)


def full_text(record: Any) -> str:
    """Return the text of a document or query: its title, where it has one, and its text."""
    title = getattr(record, "title", "")
    return f"{title} {record.text}" if title else str(record.text)


def _read_split(source: Any, name: str, corpus: Corpus) -> Split:
    queries = {query.query_id: full_text(query) for query in source.queries_iter()}
    judgements = []
    for judgement in source.qrels_iter():
        position = corpus.ids.find(judgement.doc_id)
        if position < 0:
            raise InputError(
                f"irds:{name} judges document {judgement.doc_id!r}, which the corpus lacks"
            )
        if judgement.query_id in queries:
            judgements.append((judgement.query_id, position, int(judgement.relevance)))
    if not any(grade > 0 for _, _, grade in judgements):
        raise InputError(f"irds:{name} is empty: no query has a relevant document")
    return split_from_judgements(queries, judgements)
