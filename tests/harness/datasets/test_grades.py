import pytest

from harness.datasets.grades import read_grade
from methods.errors import InputError


@pytest.mark.parametrize("grade", ["1001", 2_000_000_000, 2**63, "-100000"])
def test_a_huge_grade_is_rejected_with_its_place_and_the_bound(grade: str | int):
    message = f"test.tsv:3: the grade {grade} is not between -1,000 and 1,000"
    with pytest.raises(InputError, match=message):
        read_grade(grade, "test.tsv:3")
    assert read_grade("1000", "test.tsv:3") == 1000
