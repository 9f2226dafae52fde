"""Any input is either valid or rejected in one line, never with a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from harness.cli import main
from harness.config import load_settings, sections
from harness.datasets import load_dataset
from methods.errors import InputError

SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MANY = settings(SLOW, max_examples=300)

scalars = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(-(2**70), 2**70),
    some.floats(),
    some.text(max_size=8),
    some.sampled_from(["inf", "nan", "1e400", "-1", "0", "true", "head", "kmeans", "minilm", ""]),
)
keys = [f"{name}.{key}" for name, kind in sections().items() for key in kind.__annotations__]


def one_line(error: Exception) -> None:
    assert str(error) and "\n" not in str(error), repr(str(error))


def written(value: object) -> str:
    """Return a scalar as TOML writes it, or as text that TOML rejects."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, str) else str(value)


@MANY
@given(key=some.one_of(some.sampled_from(keys), some.text(max_size=12)), value=scalars)
def test_any_setting_is_valid_or_one_line(key: str, value: object):
    try:
        load_settings("quick", [f"{key}={value}"])
    except InputError as error:
        one_line(error)


@MANY
@given(
    table=some.dictionaries(
        some.one_of(some.sampled_from(sorted(sections())), some.text(max_size=6)),
        some.one_of(
            scalars,
            some.dictionaries(some.sampled_from([key.split(".")[1] for key in keys]), scalars),
        ),
        max_size=3,
    ),
    noise=some.one_of(some.just(b""), some.binary(max_size=10)),
)
def test_any_preset_is_valid_or_one_line(tmp_path: Path, table: dict[str, Any], noise: bytes):
    lines = [f"{json.dumps(k)} = {written(v)}" for k, v in table.items() if not isinstance(v, dict)]
    for section, values in table.items():
        if isinstance(values, dict):
            lines += [f"[{json.dumps(section)}]"]
            lines += [f"{json.dumps(key)} = {written(value)}" for key, value in values.items()]
    path = tmp_path / "own.toml"
    path.write_bytes("\n".join(lines).encode(errors="replace") + noise)
    try:
        load_settings(str(path))
    except InputError as error:
        one_line(error)


ids = some.one_of(some.sampled_from(["a", "b", "c", "d"]), some.text(max_size=3))
values = some.one_of(scalars, ids, some.lists(ids, max_size=2))
json_line = some.one_of(
    some.fixed_dictionaries({"_id": ids, "text": some.text(max_size=10)}),
    some.dictionaries(some.sampled_from(["_id", "text", "title", "more"]), values),
    values,
).map(lambda row: json.dumps(row).encode())
qrels_line = some.tuples(ids, ids, some.one_of(some.integers(-1, 2), some.text(max_size=2))).map(
    lambda fields: "\t".join(map(str, fields)).encode(errors="replace")
)


def lines_of(line: Any, header: bytes = b"") -> Any:
    """Return a strategy of files: mostly valid lines, and sometimes any bytes."""
    lines = some.lists(some.one_of(line, line, line, some.binary(max_size=6)), max_size=6)
    return lines.map(lambda found: b"\n".join([header, *found] if header else found))


folders = some.fixed_dictionaries(
    {
        "corpus.jsonl": lines_of(json_line),
        "queries.jsonl": lines_of(json_line),
        "qrels/test.tsv": lines_of(qrels_line, b"query-id\tcorpus-id\tscore"),
    },
    optional={
        "qrels/train.tsv": lines_of(qrels_line),
        "qrels/dev.tsv": lines_of(qrels_line),
        "qrels/train.tsv.gz": some.binary(max_size=20),
        "corpus.jsonl.gz": some.binary(max_size=20),
    },
)


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    for old in folder.rglob("*.*"):
        old.unlink()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@MANY
@given(files=folders)
def test_any_dataset_folder_is_valid_or_one_line(tmp_path: Path, files: dict[str, bytes]):
    write_folder(tmp_path / "data", files)
    try:
        dataset = load_dataset(f"beir:{tmp_path / 'data'}")
    except InputError as error:
        one_line(error)
        return
    assert len(dataset.corpus) and dataset.splits
    for split in dataset.splits.values():
        assert len(split) and (split.documents < len(dataset.corpus)).all()


words = some.lists(
    some.one_of(
        some.sampled_from(["dog", "Dog", "hot_dog", "able(p)", "a", "(a)", "..."]),
        some.text(some.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=4,
)
glosses = some.one_of(
    some.text(some.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=6),
    some.sampled_from(['gloss; "example"', "gloss;", "a | b"]),
)


@some.composite
def wordnet_folders(draw: some.DrawFn) -> dict[str, bytes]:
    """Draw a valid folder of WordNet, and sometimes replace or remove a piece of one file."""
    files = {}
    for part, kind in {"noun": "n", "verb": "v", "adj": "s", "adv": "r"}.items():
        lines = ["  WordNet 2.9 Copyright 2005"]
        for number, found in enumerate(draw(some.lists(words, min_size=1, max_size=3))):
            fields = " ".join(f"{word} 0" for word in found)
            lines.append(f"{number:08} 00 {kind} {len(found):02x} {fields} 000 | {draw(glosses)}")
        files[f"data.{part}"] = "".join(f"{line}  \n" for line in lines).encode()
    if draw(some.booleans()):
        name = draw(some.sampled_from(sorted(files)))
        start = draw(some.integers(0, len(files[name])))
        piece = draw(
            some.one_of(some.binary(max_size=3), some.sampled_from([b" | ", b"\n", b"3.0"]))
        )
        end = draw(some.sampled_from([start, start + 1, start + 40, len(files[name])]))
        files[name] = files[name][:start] + piece + files[name][end:]
    return files


@MANY
@given(files=wordnet_folders())
def test_any_folder_of_wordnet_is_valid_or_one_line(tmp_path: Path, files: dict[str, bytes]):
    write_folder(tmp_path / "data", files)
    try:
        dataset = load_dataset(f"wordnet:{tmp_path / 'data'}")
    except InputError as error:
        one_line(error)
        return
    assert len(dataset.corpus) and dataset.splits
    for split in dataset.splits.values():
        assert len(split) and (split.documents < len(dataset.corpus)).all()


good_corpus = some.lists(some.text(max_size=10), min_size=1, max_size=4).map(
    lambda texts: b"\n".join(
        json.dumps({"_id": "abcd"[i], "text": text}).encode() for i, text in enumerate(texts)
    )
)


@SLOW
@given(
    corpus=some.one_of(good_corpus, folders.map(lambda files: files["corpus.jsonl"])),
    qrels=lines_of(qrels_line),
    words=some.lists(
        some.one_of(
            some.tuples(some.just("--budget"), some.text(max_size=5)),
            some.tuples(some.just("--budget"), some.floats().map(str)),
            some.tuples(some.just("--budget-by"), some.sampled_from(["visited", "latency"])),
            some.tuples(some.just("--seed"), some.one_of(some.integers().map(str), some.text())),
            some.tuples(
                some.just("--methods"), some.sampled_from(["all", "exact", "ivf", "", "x"])
            ),
            some.tuples(some.just("--threads"), some.integers(-1, 3).map(str)),
            some.tuples(some.just("--timeout"), some.floats().map(str)),
            some.tuples(some.just("--set"), some.text(max_size=10)),
        ),
        max_size=3,
    ),
)
def test_any_command_line_is_a_plan_or_one_line(
    tmp_path: Path, tiny_encoder: Path, corpus: bytes, qrels: bytes, words: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    """Plan the run only; test_run.py runs plans."""
    monkeypatch.setenv("EHIBENCH_CACHE", str(tmp_path / "cache"))
    data = tmp_path / "data"
    files = {"corpus.jsonl": corpus, "queries.jsonl": corpus, "qrels/test.tsv": qrels}
    write_folder(data, {**files, "qrels/train.tsv": b"a\ta\t1"})
    line = ["run", "--dry-run", "--dataset", f"beir:{data}", "--device", "cpu"]
    line += ["--set", f"encoder.name={tiny_encoder}", "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(main, [*line, *(word for pair in words for word in pair)])
    assert done.exit_code in (0, 2), done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    if done.exit_code:
        errors = [row for row in done.output.splitlines() if row.startswith("Error: ")]
        assert len(errors) == 1, done.output
