"""Messages that name the input and say what to do."""

from methods.errors import missing_library, unknown


def test_an_unknown_name_suggests_the_nearest_one():
    assert str(unknown("method", "hsnw", ["ivf", "hnsw"])) == (
        "unknown method 'hsnw'; did you mean 'hnsw'?"
    )


def test_an_unknown_name_that_resembles_none_lists_all_names():
    assert str(unknown("dataset", "zzz", ["irds:ID", "hpo"])) == (
        "unknown dataset 'zzz'; known: hpo, irds:ID"
    )


def test_a_missing_library_is_named_with_who_needs_it_and_one_command():
    assert missing_library("hnsw", "hnswlib", 'pip install "ehibench[hnsw]"') == (
        'hnsw needs hnswlib, which is not installed. Run: pip install "ehibench[hnsw]"'
    )
