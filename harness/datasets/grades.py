"""Read the grade of a judgement, which has an upper bound."""

from methods.errors import InputError

MAX_GRADE = 1000
"""The largest grade. Evaluators reserve memory in proportion to it, and larger numbers are hits or
dates rather than judgements."""


def is_grade(text: str) -> bool:
    """Return whether a text is a whole number."""
    try:
        int(text)
    except ValueError:
        return False
    return True


def read_grade(grade: str | int, place: str) -> int:
    """Return the grade of a judgement as a number.

    Raise InputError, which names the `place` of the judgement, if it is not a whole number or is
    beyond MAX_GRADE.
    """
    try:
        number = int(grade)
    except ValueError:
        raise InputError(f"{place}: the grade {grade!r} is not a whole number") from None
    if abs(number) > MAX_GRADE:
        raise InputError(
            f"{place}: the grade {number} is not between -{MAX_GRADE:,} and {MAX_GRADE:,}; give "
            "grades of relevance, such as 0, 1 and 2"
        )
    return number
