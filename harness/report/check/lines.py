"""What is said of a check, as texts: the terminal, Markdown and JUnit show the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.regression.check import Check
from harness.regression.verdict import LEVEL, Outcome, Verdict
from harness.report.labels import labels
from harness.report.numbers import probability
from harness.store.record import Record

HEADERS = (
    "",
    "method",
    "budget",
    "seeds",
    "verdict",
    "baseline",
    "candidate",
    "change",
    "corrected",
)


@dataclass(frozen=True)
class Line:
    """A verdict in words. `cells` stand under HEADERS."""

    verdict: Verdict
    title: str
    cells: tuple[str, ...]


def lines_of(check: Check) -> list[Line]:
    """Return a line a verdict, in order."""
    firsts = {verdict.place.first.cell: verdict.place.first for verdict in check.verdicts}
    named = labels(list(firsts.values()))
    return [_line(verdict, named, check.rules.measure) for verdict in check.verdicts]


def summary(check: Check) -> str:
    """Return the outcome in a sentence."""
    if check.obstacles:
        count = len(check.obstacles)
        return f"cannot compare {count} cell{'s' if count > 1 else ''} of the baseline"
    judged = [v for v in check.verdicts if v.outcome is not Outcome.UNJUDGED]
    kinds = " and ".join(
        f"{sum(v.kind == kind for v in judged)} in {kind}" for kind in ("quality", "speed")
    )
    red = sum(v.outcome is Outcome.REGRESSED for v in judged)
    better = sum(v.outcome is Outcome.IMPROVED for v in judged)
    told = f"{red} regressed" if red else "no regression"
    return f"{told}, {better} improved; judged: {kinds}"


def remarks(check: Check) -> list[str]:
    """Return what a reader has to know beside the verdicts, a line each."""
    return [*obstacles(check), *_notes(check), *_added(check)]


def obstacles(check: Check) -> list[str]:
    """Return a line for the cells that cannot be compared for one reason."""
    cells: dict[str, list[str]] = {}
    for obstacle in check.obstacles:
        cells.setdefault(obstacle.reason, []).append(cell_title(obstacle.record))
    return [f"{'; '.join(titles)}: {reason}" for reason, titles in cells.items()]


def cell_title(record: Record) -> str:
    """Return a cell in words."""
    return f"{record.method}{_at(record)}, seed {record.seed}"


def origins(check: Check) -> list[str]:
    """Return where both sides come from."""
    return [
        f"{name}: {side.place}{_origin(side.records)}"
        for name, side in (("baseline", check.baseline), ("candidate", check.candidate))
    ]


def legend(check: Check) -> str:
    """Return what the columns mean."""
    rules = check.rules
    yardstick = rules.relative_to or "the reference workload"
    return (
        f"Quality: {rules.measure}, the mean over seeds; red where it is lower by more than "
        f"{100 * rules.tolerance:g} % and by more than chance (corrected p at most {LEVEL:g}). "
        f"Speed: ms of the median search on one thread, the candidate's scaled by {yardstick}; red "
        f"where it takes more than {rules.slowdown:g} times as long and by more than noise."
    )


def _line(verdict: Verdict, named: Mapping[str, str], measure: str) -> Line:
    first = verdict.place.first
    seeds = ", ".join(str(pair.baseline.seed) for pair in verdict.place.pairs)
    what = measure if verdict.kind == "quality" else "ms"
    title = f"{named[first.cell]}{_at(first)}"
    identity = (what, named[first.cell], first.budget.label, seeds)
    if verdict.change is None or verdict.p is None:
        return Line(verdict, title, (*identity, verdict.outcome.value, "", "", "", ""))
    p = probability(verdict.p)
    values = (
        f"{verdict.baseline:.3f}",
        f"{verdict.candidate:.3f}",
        f"{100 * verdict.change:+.1f} %",
    )
    return Line(verdict, title, (*identity, verdict.outcome.value, *values, p))


def _notes(check: Check) -> list[str]:
    """Return a line for the places of one note, without their names where it is of all."""
    titles: dict[tuple[str, str], list[str]] = {}
    for line in lines_of(check):
        verdict = line.verdict
        if verdict.note:
            said = " not judged" if verdict.outcome is Outcome.UNJUDGED else ""
            titles.setdefault((verdict.kind, f"{said}: {verdict.note}"), []).append(line.title)
    places = Counter[str](verdict.kind for verdict in check.verdicts)
    return [
        f"{kind}{note}" if len(of) == places[kind] else f"{kind} of {', '.join(of)}{note}"
        for (kind, note), of in titles.items()
    ]


def _added(check: Check) -> list[str]:
    if not check.added:
        return []
    return [f"not in the baseline: {'; '.join(cell_title(record) for record in check.added)}"]


def _at(record: Record) -> str:
    return "" if record.budget.unlimited else f" at {record.budget.label}"


def _origin(records: Sequence[Record]) -> str:
    found = dict.fromkeys(
        f"commit {str(record.provenance.commit)[:12]}, {record.provenance.time}"
        for record in records
        if record.status == "ok"
    )
    return "".join(f"; {origin}" for origin in found)
