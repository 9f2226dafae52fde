"""Make the table of what papers claim, tested on one dataset."""

from collections.abc import Mapping, Sequence

from harness.report.numbers import probability, short
from harness.report.paper.claims import Answer, ask
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.published import Claim

COLUMNS = (
    Column("measure", numeric=False),
    Column("budget", numeric=False),
    Column("method", numeric=False),
    Column("best rival", numeric=False),
    Column("difference"),
    Column("of the rival's"),
    Column("95 % interval"),
    Column("corrected"),
    Column("detectable"),
    Column("the claim is", numeric=False),
)


def claims_table(claims: Sequence[Claim], measured: DatasetRecords, name: str) -> Table | None:
    """Return a table named after `name` with a section per claim, or None if none has an answer."""
    answers: Mapping[int, list[Answer]] = {
        position: ask(claim, measured.rows(claim.measure))
        for position, claim in enumerate(claims)
        if claim.measure in measured.measures
    }
    asked = [position for position, own in answers.items() if own]
    if not asked:
        return None
    return Table(
        f"{name}-claims",
        f"{measured.dataset}: what papers claim, asked of these data",
        " ".join(
            [
                *(_sentence(claims[position]) for position in asked),
                "Here: the method in the form that did best on the tuning queries, and its "
                "difference from the rival with the highest mean. Supported: better than each "
                "rival, p < .05, Holm-corrected for the budgets. Contradicted: worse than the "
                "best rival, or equal to it, corrected for all comparisons. Detectable: the "
                "smallest difference that is found in 80 % of all cases. The interval is that of "
                "one comparison. A claim is about fewer comparisons than the findings, which "
                "correct for all; so it may be supported where they cannot tell.",
            ]
        ),
        COLUMNS,
        [[_entries(claims[position], own) for own in answers[position]] for position in asked],
    )


def _sentence(claim: Claim) -> str:
    weak = ", weakly sourced" if claim.confidence == "weak" else ""
    return (
        f"Claim ({claim.source}{weak}): at equal compute, {claim.system} has a higher "
        f"{claim.measure} than the best other method on {claim.dataset}, by "
        f"{100 * claim.gain:.4g} %."
    )


def _entries(claim: Claim, answer: Answer) -> list[Entry]:
    low, high = (short(bound, "+") for bound in answer.interval)
    return [
        Entry(claim.measure),
        Entry(answer.budget.label),
        Entry(answer.method),
        Entry(answer.rival),
        Entry(short(answer.difference, "+"), answer.difference),
        Entry(f"{100 * answer.relative:+.2f} %", answer.relative),
        Entry(f"{low} to {high}"),
        Entry(probability(answer.p), answer.p),
        Entry(number=answer.detectable),
        Entry(answer.finding),
    ]
