import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.datasets import load_dataset
from methods.errors import InputError
from tests.synthetic import write_paragraphs


@pytest.fixture
def folder(beir_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(beir_folder, tmp_path / "copy"))


def test_a_folder_is_read_with_its_splits(beir_folder: Path):
    dataset = load_dataset(f"beir:{beir_folder}")
    assert len(dataset.corpus) == 300
    assert set(dataset.splits) == {"train", "test"}
    assert dataset.name == "beir:tiny"


def test_gzipped_files_are_the_same_dataset(folder: Path):
    plain = load_dataset(f"beir:{folder}").fingerprint
    for path in [folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels" / "test.tsv"]:
        with gzip.open(f"{path}.gz", "wb") as packed:
            packed.write(path.read_bytes())
        path.unlink()
    assert load_dataset(f"beir:{folder}").fingerprint == plain


def test_title_and_text_are_joined(folder: Path):
    with (folder / "corpus.jsonl").open("a") as corpus:
        corpus.write(json.dumps({"_id": "new", "title": "A title", "text": "and a text."}) + "\n")
    corpus = load_dataset(f"beir:{folder}").corpus
    assert corpus.texts[corpus.ids.find("new")] == "A title and a text."


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text + "\n")


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("corpus.jsonl", "{not json", "corpus.jsonl:301: expected a JSON object"),
        ("corpus.jsonl", "[1, 2]", "corpus.jsonl:301: expected a JSON object"),
        ("corpus.jsonl", '{"_id": "x"}', "corpus.jsonl:301: 'text' is missing"),
        ("corpus.jsonl", '{"_id": 7, "text": "x"}', "corpus.jsonl:301: '_id' is missing"),
        ("queries.jsonl", "nonsense", "queries.jsonl:"),
        ("qrels/test.tsv", "q\td\tgood", "the grade 'good' is not a whole number"),
        ("qrels/test.tsv", '"q\td\t1', "expected 3 tab-separated columns, got 1"),
        ("qrels/test.tsv", "one column", "expected 3 tab-separated columns, got 1"),
    ],
)
def test_an_invalid_line_is_named_by_file_and_number(
    folder: Path, file: str, line: str, message: str
):
    append(folder / file, line)
    with pytest.raises(InputError) as caught:
        load_dataset(f"beir:{folder}")
    assert message in str(caught.value)


def test_a_duplicate_id_is_named(folder: Path):
    first = (folder / "corpus.jsonl").read_text().splitlines()[0]
    append(folder / "corpus.jsonl", first)
    with pytest.raises(InputError, match=r"duplicate id .*, in documents 1 and 301"):
        load_dataset(f"beir:{folder}")


def rows(folder: Path) -> list[str]:
    return (folder / "qrels" / "test.tsv").read_text().splitlines()[1:]


@pytest.mark.parametrize(
    "header",
    [
        "topic\tpassage\tgain",
        '"query id"\t"document id"\t"grade"',
        "0\t1\t2",  # the numbers of columns
        "Anfrage\tDokument\tRelevanz\tBemerkung",
        "# judged in May",
        "query-id corpus-id score",
        "\nquery-id\tcorpus-id\tscore",
    ],
)
def test_the_first_line_is_a_header_whatever_it_says(folder: Path, header: str):
    plain = load_dataset(f"beir:{folder}")
    (folder / "qrels" / "test.tsv").write_text("\n".join([header, *rows(folder)]))
    changed = load_dataset(f"beir:{folder}")
    assert changed.fingerprint == plain.fingerprint and changed.notes == ()


def test_a_first_line_that_is_a_judgement_is_read(folder: Path):
    plain = load_dataset(f"beir:{folder}").fingerprint
    (folder / "qrels" / "test.tsv").write_text("\n".join(rows(folder)))
    assert load_dataset(f"beir:{folder}").fingerprint == plain


def test_a_first_line_with_a_known_query_and_a_bad_grade_is_no_header(folder: Path):
    first, *others = rows(folder)
    (folder / "qrels" / "test.tsv").write_text("\n".join([f"{first}.5", *others]))
    with pytest.raises(InputError, match=r"test\.tsv:1: the grade '1\.5' is not a whole number"):
        load_dataset(f"beir:{folder}")


def test_quoted_fields_lose_their_quotes(folder: Path):
    plain = load_dataset(f"beir:{folder}").fingerprint
    quoted = ["\t".join(f'"{field}"' for field in row.split("\t")) for row in rows(folder)]
    mixed = [row if number % 3 else quoted[number] for number, row in enumerate(rows(folder))]
    for lines in (quoted, ["a\tb\tc", *quoted], mixed):
        (folder / "qrels" / "test.tsv").write_text("\r\n".join(lines) + "\r\n")
        assert load_dataset(f"beir:{folder}").fingerprint == plain


def test_judgements_of_what_is_missing_are_noted_by_split(folder: Path):
    query = rows(folder)[0].split("\t")[0]
    append(folder / "qrels" / "test.tsv", f"{query}\tnowhere\t1")
    append(folder / "qrels" / "train.tsv", "nobody\tnowhere\t1")
    dataset = load_dataset(f"beir:{folder}")
    test, train = (len((folder / "qrels" / f"{n}.tsv").read_text().splitlines()) - 1
                   for n in ("test", "train"))  # fmt: skip
    assert dataset.notes == (
        f"train: 1 of {train:,} judgements name queries without a text, such as 'nobody'; they are "
        "left out",
        f"test: 1 of {test:,} judgements name documents that the corpus lacks, such as 'nowhere'; "
        "they count as never found",
    )
    assert dataset.test().documents.min() == -1


def test_a_split_without_relevant_documents_is_rejected(folder: Path):
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n")
    with pytest.raises(InputError, match="no query has a relevant document"):
        load_dataset(f"beir:{folder}")


def test_missing_files_are_named(folder: Path, tmp_path: Path):
    with pytest.raises(InputError, match="is not a folder"):
        load_dataset(f"beir:{tmp_path / 'nowhere'}")
    (folder / "queries.jsonl").unlink()
    with pytest.raises(InputError, match=r"has neither queries\.jsonl nor"):
        load_dataset(f"beir:{folder}")


def test_a_byte_order_mark_is_skipped(folder: Path):
    plain = load_dataset(f"beir:{folder}").fingerprint
    for path in [folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels" / "test.tsv"]:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_dataset(f"beir:{folder}").fingerprint == plain


def test_a_gz_file_that_is_not_gzipped_is_named(folder: Path):
    (folder / "corpus.jsonl").rename(folder / "corpus.jsonl.gz")
    with pytest.raises(InputError, match=r"corpus\.jsonl\.gz cannot be read"):
        load_dataset(f"beir:{folder}")


def test_an_id_with_a_space_is_rejected(folder: Path):
    append(folder / "corpus.jsonl", '{"_id": "two words", "text": "x"}')
    with pytest.raises(InputError, match="'two words' is empty or contains whitespace"):
        load_dataset(f"beir:{folder}")


def test_reading_a_corpus_takes_little_more_memory_than_its_text(tmp_path: Path):
    text = write_paragraphs(100_000, tmp_path / "corpus.jsonl")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "import psutil\n"
        "from harness.datasets.beir import read_corpus\n"
        "from harness.measure.memory import peak_bytes\n"
        "before = psutil.Process().memory_info().rss\n"
        "assert len(read_corpus(Path(sys.argv[1]))) == 100_000\n"
        "print(peak_bytes() - before)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "corpus.jsonl")]
    grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown < 1.5 * text
