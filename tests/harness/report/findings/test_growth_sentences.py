from pathlib import Path

from harness.report.findings.growth_sentences import growth_sentences
from tests.harness.report.fake_growth import growth_of, write_size, write_sizes

LAST = "Exponents are slopes through the costs measured at 2 sizes. None of this was tested."


def test_the_subject_is_held_against_the_cheapest_baseline_for_each_cost(tmp_path: Path):
    found = growth_sentences(growth_of(write_sizes(tmp_path, (10_000, 1_000_000))))
    start = "To find 90 % of exact search's first ten among 1,000,000 documents of beir:synthetic, "
    assert found == [
        f"{start}ehi needs 31,623 documents; the cheapest baseline, hnsw, needs 32 documents.",
        "The documents visited grow with the corpus: those of ehi as documents^.75; those of hnsw "
        "as documents^.25.",
        f"{start}ehi needs the multiply-adds of scoring 31,623 documents; the cheapest baseline, "
        "hnsw, needs the multiply-adds of scoring 32 documents.",
        "The multiply-adds grow with the corpus: those of ehi as documents^.75; those of hnsw as "
        "documents^.25.",
        f"{start}ehi needs 31,623 µs; the cheapest baseline, hnsw, needs 32 µs.",
        "The microseconds grow with the corpus: those of ehi as documents^.75; those of hnsw as "
        "documents^.25.",
        LAST,
    ]


def test_what_does_not_get_there_is_said(tmp_path: Path):
    poor = {0.5: 1.0, 0.6: 2.0}
    folders = [
        write_size(tmp_path / "small", 10_000),
        write_size(tmp_path / "large", 1_000_000, {"ehi": 0.75, "ivf": 0.5}, poor),
    ]
    found = growth_sentences(growth_of(folders))
    assert len(found) == 4  # no exponent
    assert found[0].endswith("ehi does not get there; no baseline gets there.")


def test_a_bound_is_stated_as_a_bound(tmp_path: Path):
    folders = [
        write_size(tmp_path / str(size), size, {"ehi": 0.5}, {0.99: 1.0})
        for size in (10_000, 1_000_000)
    ]
    assert "ehi needs at most 1,000 documents." in growth_sentences(growth_of(folders))[0]
