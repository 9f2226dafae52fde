"""Read `irds:ID` with ir_datasets, whose id of each split is listed here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.datasets.dataset import Dataset, Split, SplitName
from harness.datasets.grades import read_grade
from harness.datasets.judgements import Judgements
from methods.base import Corpus
from methods.errors import InputError, unknown
from methods.texts import Ids, Texts

SUMMARY = "a dataset of ir_datasets, e.g. irds:beir/scifact, irds:msmarco-passage"


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


def load(location: str) -> Dataset:
    """Return the dataset of an id. ir_datasets downloads what it has not downloaded yet.

    Raise InputError if the id is unknown or the data cannot be read or downloaded.
    """
    if location not in KNOWN_IDS:
        raise unknown("ir_datasets id", location, KNOWN_IDS)
    try:
        return load_from_ids(location, KNOWN_IDS[location])
    except OSError as error:  # the errors of requests are OSErrors too
        cause = type(error).__name__
        raise InputError(
            f"irds:{location} cannot be read or downloaded ({cause}); see the ir_datasets "
            "documentation for how to obtain it"
        ) from None


def load_from_ids(name: str, source_ids: SourceIds) -> Dataset:
    """Return the dataset called `name`, read from the ids of ir_datasets in `source_ids`."""
    import ir_datasets

    ids, texts = Ids(), Texts()
    for document in ir_datasets.load(source_ids.documents).docs_iter():
        ids.append(document.doc_id)
        texts.append(full_text(document))
    corpus = Corpus(ids, texts)
    test_from = source_ids.test_relevant_from
    splits: dict[SplitName, Split] = {}
    notes = []
    for split, split_id in source_ids.splits.items():
        judgements = _read_judgements(split_id, corpus)
        splits[split] = judgements.split(f"irds:{split_id}", test_from if split == "test" else 1)
        notes += [f"{split}: {note}" for note in judgements.notes()]
    source = f"{name} through ir_datasets {ir_datasets.__version__}"
    if test_from > 1:
        source += f"; relevant from grade {test_from}"
    version = ir_datasets.__version__
    return Dataset(f"irds:{name}", version, source, corpus, splits, notes=tuple(notes))


def full_text(record: Any) -> str:
    """Return the text of a document or query, after its title if it has one."""
    title = getattr(record, "title", "")
    return f"{title} {record.text}" if title else str(record.text)


def _read_judgements(split_id: str, corpus: Corpus) -> Judgements:
    import ir_datasets

    source = ir_datasets.load(split_id)
    queries = {query.query_id: full_text(query) for query in source.queries_iter()}
    judgements = Judgements(queries, corpus)
    for judgement in source.qrels_iter():
        query, document = judgement.query_id, judgement.doc_id
        place = f"irds:{split_id}: query {query}, document {document}"
        judgements.add(query, document, read_grade(judgement.relevance, place))
    return judgements
