"""The table of what papers claim: which budgets of which dataset support or contradict it."""

from collections.abc import Sequence

from harness.report.paper.claims import Answer, Finding, ask
from harness.report.paper.typeset import Column, Entry, Table
from harness.report.rows.dataset_records import DatasetRecords
from harness.report.rows.published import Claim

FINDINGS = {
    "contradicted at": (Finding.WORSE, Finding.EQUAL),
    "supported at": (Finding.SUPPORTED,),
    "cannot say at": (Finding.UNKNOWN,),
}
"""The findings whose budgets each column lists."""


def claims_overview(claims: Sequence[Claim], measured: Sequence[DatasetRecords]) -> Table | None:
    """Return a section per claim with a row per dataset, or None if no claim can be tested."""
    asked = {
        position: {
            each.title: answers
            for each in measured
            if claim.measure in each.measures
            if (answers := ask(claim, each.rows(claim.measure)))
        }
        for position, claim in enumerate(claims)
    }
    sections = [
        [_entries(claims[position], title, answers) for title, answers in of_claim.items()]
        for position, of_claim in asked.items()
    ]
    if not any(sections):
        return None
    return Table(
        "claims",
        "What papers claim",
        f"At equal compute, {_gains(claims)}, than all two-stage methods. Here that is asked of "
        "the data that were measured, budget by budget. Contradicted: worse than the best rival, "
        "or equal to it. Supported: better than each rival. A budget in % is a share of the "
        "documents. The tables of a dataset have the differences and their p-values.",
        [Column(head, numeric=False) for head in ("claim", "asked of", *FINDINGS)],
        [section for section in sections if section],
    )


def _gains(claims: Sequence[Claim]) -> str:
    return ", ".join(
        f"{each.system} has a {100 * each.gain:.4g} % higher {each.measure} on {each.dataset}"
        for each in claims
    )


def _entries(claim: Claim, title: str, answers: Sequence[Answer]) -> list[Entry]:
    return [
        Entry(f"{claim.system}, {claim.measure}"),
        Entry(title),
        *(
            Entry(", ".join(each.budget.label for each in answers if each.finding in own) or "-")
            for own in FINDINGS.values()
        ),
    ]
