"""State how the costs of the subject and of the cheapest baseline grow with the corpus.

Nothing here is tested: a sentence says what was measured.
"""

from harness.report.findings.baselines import SUBJECT
from harness.report.findings.growing_costs import FOUND_SHARES, GrowingCost, growing_costs
from harness.report.numbers import exponent
from harness.report.rows.frontier import AXES, Axis
from harness.report.rows.growth import Growth

STATED_SHARE = FOUND_SHARES[0]
NOUNS = {"visited": "documents visited", "macs": "multiply-adds", "latency": "microseconds"}
AMOUNTS = {
    "visited": "{} documents",
    "macs": "the multiply-adds of scoring {} documents",
    "latency": "{} µs",
}
"""Costs in words that follow "needs"."""


def growth_sentences(growth: Growth) -> list[str]:
    """Return for each cost what is needed at the largest size, and how it grows up to there."""
    sentences = []
    for axis in AXES:
        costs = growing_costs(growth, axis, STATED_SHARE)
        subject = next((entry for entry in costs if entry.method == SUBJECT), None)
        baseline = next((entry for entry in costs if entry.is_baseline), None)
        needs = [
            *([_needs(growth, axis, subject, subject.label)] if subject else []),
            *([_baseline_needs(growth, axis, baseline)] if baseline else []),
        ]
        if needs:
            sentences.append(
                f"To find {100 * STATED_SHARE:g} % of exact search's first ten among "
                f"{growth.largest:,} documents of {growth.kind}, {'; '.join(needs)}."
            )
        grown = [
            f"those of {each.label} as documents^{exponent(each.exponent)}"
            for each in (subject, baseline)
            if each is not None and each.exponent is not None
        ]
        if grown:
            sentences.append(f"The {NOUNS[axis.name]} grow with the corpus: {'; '.join(grown)}.")
    if sentences:
        sentences.append(
            f"Exponents are slopes through the costs measured at {len(growth.sizes)} sizes. "
            "None of this was tested."
        )
    return sentences


def _needs(growth: Growth, axis: Axis, entry: GrowingCost, name: str) -> str:
    cost = entry.cost(growth.largest)
    if cost is None:
        return f"{name} does not get there"
    least = "at most " if entry.reached[growth.largest].at_most else ""
    return f"{name} needs {least}{AMOUNTS[axis.name].format(f'{cost:,.0f}')}"


def _baseline_needs(growth: Growth, axis: Axis, entry: GrowingCost) -> str:
    """Say what the first baseline needs; it is the cheapest if any gets there."""
    if entry.cost(growth.largest) is None:
        return "no baseline gets there"
    return _needs(growth, axis, entry, f"the cheapest baseline, {entry.label},")
