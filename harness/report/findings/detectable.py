"""Say in words which differences tests could have found."""

from collections.abc import Collection

from harness.measure.mean_difference import POWER
from harness.report.numbers import short


def what_tests_find(detectable: Collection[float]) -> str:
    """Return what tests find, as a clause: "the tests find .008 to .014 in 80 % of all cases".

    Args:
        detectable: The smallest difference that each test finds. No difference of two qualities is
            1 or more, so such a test finds none.
    """
    found = [each for each in detectable if each < 1]
    if not found:
        return "seeds differ too much for a test to find any difference"
    one, nothing = len(detectable) == 1, len(found) < len(detectable)
    least, most = short(min(found)), short(max(found))
    return (
        f"{'the test finds' if one else 'the tests find'} "
        f"{least if least == most else f'{least} to {most}'} in {100 * POWER:.0f} % of all cases"
        f"{', and nothing where seeds differ too much' if nothing else ''}"
    )


def detectable_sentence(detectable: Collection[float]) -> str:
    """Return what tests find as a sentence that follows another one, with the space before it."""
    clause = what_tests_find(detectable)
    return f" {clause[0].upper()}{clause[1:]}."
