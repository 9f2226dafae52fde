"""A check in words, for the terminal, Markdown and JUnit alike."""

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
class VerdictLine:
    """A verdict in words."""

    verdict: Verdict
    title: str  # the method, with the settings that distinguish it, and the budget
    texts: tuple[str, ...]  # one per header


def verdict_lines(check: Check) -> list[VerdictLine]:
    """Return one line per verdict, in order."""
    records = {verdict.cells.first.cell: verdict.cells.first for verdict in check.verdicts}
    label_of = labels(list(records.values()))
    return [_verdict_line(verdict, label_of, check.rules.measure) for verdict in check.verdicts]


def summary(check: Check) -> str:
    """Return the outcome in one sentence."""
    if check.obstacles:
        count = len(check.obstacles)
        return f"cannot compare {count} cell{'s' if count > 1 else ''} of the baseline"
    judged = [v for v in check.verdicts if v.outcome is not Outcome.UNJUDGED]
    kinds = " and ".join(
        f"{sum(v.kind == kind for v in judged)} in {kind}" for kind in ("quality", "speed")
    )
    worse = sum(v.outcome is Outcome.REGRESSED for v in judged)
    better = sum(v.outcome is Outcome.IMPROVED for v in judged)
    regressed = f"{worse} regressed" if worse else "no regression"
    return f"{regressed}, {better} improved; judged: {kinds}"


def remarks(check: Check) -> list[str]:
    """Return one line for everything that a reader needs to know besides the verdicts."""
    return [*_obstacle_lines(check), *_notes(check), *_added(check)]


def cell_title(record: Record) -> str:
    """Return a cell in words."""
    return f"{record.method}{_at_budget(record)}, seed {record.seed}"


def origins(check: Check) -> list[str]:
    """Return where the baseline and the candidate come from, one line each."""
    return [
        f"{name}: {side.path}{_commits(side.records)}"
        for name, side in (("baseline", check.baseline), ("candidate", check.candidate))
    ]


def legend(check: Check) -> str:
    """Return what the columns mean."""
    rules = check.rules
    yardstick = rules.relative_to or "the reference workload"
    return (
        f"Quality: {rules.measure}, the mean over seeds; regressed if it is lower by more than "
        f"{100 * rules.tolerance:g} % and by more than chance (corrected p at most {LEVEL:g}). "
        "Speed: ms of the median search on one thread, where the candidate's time is scaled by "
        f"{yardstick}; regressed if a search takes more than {rules.slowdown:g} times as long, "
        "and by more than noise."
    )


def _verdict_line(verdict: Verdict, label_of: Mapping[str, str], measure: str) -> VerdictLine:
    first = verdict.cells.first
    label = label_of[first.cell]
    seeds = ", ".join(str(pair.baseline.seed) for pair in verdict.cells.pairs)
    title = f"{label}{_at_budget(first)}"
    unit = measure if verdict.kind == "quality" else "ms"
    texts = (unit, label, first.budget.label, seeds, verdict.outcome.value)
    if verdict.change is None or verdict.p is None:
        return VerdictLine(verdict, title, (*texts, "", "", "", ""))
    values = (
        f"{verdict.baseline:.3f}",
        f"{verdict.candidate:.3f}",
        f"{100 * verdict.change:+.1f} %",
        probability(verdict.p),
    )
    return VerdictLine(verdict, title, (*texts, *values))


def _obstacle_lines(check: Check) -> list[str]:
    """Return one line per reason, with the cells that cannot be compared for it."""
    titles: dict[str, list[str]] = {}
    for obstacle in check.obstacles:
        titles.setdefault(obstacle.reason, []).append(cell_title(obstacle.record))
    return [f"{'; '.join(cells)}: {reason}" for reason, cells in titles.items()]


def _notes(check: Check) -> list[str]:
    """Return one line per note, which names the verdicts with it unless all of a kind have it."""
    titles: dict[tuple[str, str], list[str]] = {}
    for line in verdict_lines(check):
        verdict = line.verdict
        if verdict.note:
            unjudged = " not judged" if verdict.outcome is Outcome.UNJUDGED else ""
            titles.setdefault((verdict.kind, f"{unjudged}: {verdict.note}"), []).append(line.title)
    count = Counter[str](verdict.kind for verdict in check.verdicts)
    return [
        f"{kind}{note}" if len(noted) == count[kind] else f"{kind} of {', '.join(noted)}{note}"
        for (kind, note), noted in titles.items()
    ]


def _added(check: Check) -> list[str]:
    if not check.added:
        return []
    return [f"not in the baseline: {'; '.join(cell_title(record) for record in check.added)}"]


def _at_budget(record: Record) -> str:
    return "" if record.budget.unlimited else f" at {record.budget.label}"


def _commits(records: Sequence[Record]) -> str:
    commits = dict.fromkeys(
        f"commit {str(record.provenance.commit)[:12]}, {record.provenance.time}"
        for record in records
        if record.status == "ok"
    )
    return "".join(f"; {commit}" for commit in commits)
