from pathlib import Path

from harness.report.rows.growth import find_growths
from tests.harness.report.fake_growth import gathered, growth_of, write_size, write_sizes


def test_equal_names_up_to_the_number_of_documents_are_sizes_of_one_kind(tmp_path: Path):
    growth = growth_of(write_sizes(tmp_path, (100_000, 10_000)))
    assert growth.kind == "beir:synthetic"
    assert list(growth.sizes) == [10_000, 100_000]
    assert growth.title == "beir:synthetic, 10,000 to 100,000 documents"


def test_a_growth_has_only_its_own_datasets(tmp_path: Path):
    small, large, other = gathered(
        [*write_sizes(tmp_path, (100, 200)), write_size(tmp_path / "other", 300, kind="other")]
    )
    (growth,) = find_growths([small, large, other])
    assert growth.has(small) and growth.has(large) and not growth.has(other)


def test_one_size_is_no_growth(tmp_path: Path):
    assert find_growths(gathered(write_sizes(tmp_path, (10_000,)))) == []


def test_a_number_that_is_not_that_of_the_documents_is_no_size(tmp_path: Path):
    folders = [write_size(tmp_path / str(year), year, counted=5000) for year in (2019, 2020)]
    assert find_growths(gathered(folders)) == []


def test_a_name_without_a_number_is_no_size(tmp_path: Path):
    folders = [write_size(tmp_path / kind, 100, kind=kind) for kind in ("a", "b")]
    assert find_growths(gathered(folders)) == []


def test_sizes_searched_to_another_depth_are_another_growth(tmp_path: Path):
    folders = [
        write_size(tmp_path / f"{documents}-{depth}", documents, depth=depth)
        for documents in (100, 200)
        for depth in (10, 100)
    ]
    found = {growth.kind: list(growth.sizes) for growth in find_growths(gathered(folders))}
    assert found == {
        "beir:synthetic, depth 10": [100, 200],
        "beir:synthetic, depth 100": [100, 200],
    }
