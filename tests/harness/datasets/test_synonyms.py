"""Two spellings of one synonym are one query, in a split that never changes."""

from collections import Counter

from harness.datasets.synonyms import normal_form, split_of


def test_the_normal_form_has_lower_case_letters_digits_and_single_spaces():
    assert normal_form("  Café-au-lait (spots) ") == "caf au lait spots"


def test_the_last_digit_of_the_hash_gives_the_split():
    # The first 8 hexadecimal digits of the sha256 of "hound" are 58fc07e9, in decimal 1492912105.
    assert int("58fc07e9", 16) % 10 == 5 and split_of("hound") == "train"
    assert int("22c72aa8", 16) % 10 == 8 and split_of("quick") == "dev"
    splits = Counter(split_of(f"word {number}") for number in range(1000))
    assert 750 < splits["train"] < 850 and 70 < splits["dev"] < 130 and 70 < splits["test"] < 130
