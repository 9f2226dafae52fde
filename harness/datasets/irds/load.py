"""Read `irds:ID` with ir_datasets."""

from typing import Any

from harness.datasets.dataset import Dataset, Split, SplitName
from harness.datasets.grades import read_grade
from harness.datasets.irds.ids import KNOWN_IDS, SourceIds, source_ids
from harness.datasets.judgements import Judgements
from harness.datasets.split_rules import with_missing_splits
from methods.base import Corpus
from methods.errors import InputError
from methods.texts import Ids, Texts

SUMMARY = "a dataset of ir_datasets with judged queries, e.g. irds:beir/scifact"


def load(location: str) -> Dataset:
    """Return the dataset of an id. ir_datasets downloads what it has not downloaded yet.

    Raise InputError if the id is unknown or the data cannot be read or downloaded.
    """
    ids = source_ids(location)
    try:
        return load_from_ids(location, ids)
    except InputError:
        raise
    # The errors of requests are OSErrors; some datasets ask for files with other errors.
    except (OSError, RuntimeError, ValueError, AttributeError, KeyError) as error:
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
    if name not in KNOWN_IDS:
        splits, made = with_missing_splits(splits)
        beside = [
            f"{split} queries from {each}"
            for split, each in source_ids.splits.items()
            if each != name
        ]
        source += "".join(f"; {part}" for part in (*beside, made) if part)
    version = ir_datasets.__version__
    return Dataset(f"irds:{name}", version, source, corpus, splits, notes=tuple(notes))


def full_text(record: Any) -> str:
    """Return the text of a document or query, after its title if it has one.

    Of a record without a text, it is what ir_datasets declares as such: abstracts, bodies.
    """
    if not hasattr(record, "text"):
        return str(record.default_text())
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
