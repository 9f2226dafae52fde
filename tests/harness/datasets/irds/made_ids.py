"""Small datasets as ir_datasets has them: documents, and judged queries about them."""

from pathlib import Path
from typing import Any, NamedTuple

from ir_datasets.datasets.base import Dataset as IrDataset
from ir_datasets.formats import JsonlDocs, TrecQrels, TsvQueries
from ir_datasets.util.download import LocalDownload


class Document(NamedTuple):
    doc_id: str
    title: str
    text: str


def made_documents(path: Path, lines: str) -> Any:
    """Return the documents of some lines of JSON, which are written to a file."""
    return JsonlDocs(_written(path, lines), doc_cls=Document)


def made_split(start: Path, docs: Any, queries: str, qrels: str) -> IrDataset:
    """Return documents with judged queries, which are written to two files of the same start."""
    asked = TsvQueries(_written(start.with_suffix(".tsv"), queries))
    judged = TrecQrels(_written(start.with_suffix(".qrels"), qrels), {1: "relevant"})
    return IrDataset(docs, asked, judged)


def _written(path: Path, text: str) -> LocalDownload:
    path.write_text(text)
    return LocalDownload(path)
