from harness.regression.pairing import Pair, PairedCells
from harness.regression.verdict import Outcome, Verdict, decide
from tests.harness.regression.fake_measurements import record

EHI = record("ehi")
CELLS = PairedCells([Pair(EHI, EHI)], [EHI], [EHI])


def outcomes(*changes_and_ps: tuple[float, float]) -> list[tuple[Outcome, str]]:
    """Return the outcomes and notes of verdicts with these changes and p, at 10 % tolerance."""
    verdicts = [
        Verdict("quality", CELLS, Outcome.PASSED, change=change, p=p)
        for change, p in changes_and_ps
    ]
    decided = decide(verdicts, worse=lambda c: c < -0.1, better=lambda c: c > 0.1)
    return [(verdict.outcome, verdict.note) for verdict in decided]


def test_a_change_beyond_the_tolerance_and_chance_regresses_or_improves():
    assert outcomes((-0.2, 0.001)) == [(Outcome.REGRESSED, "")]
    assert outcomes((0.2, 0.001)) == [(Outcome.IMPROVED, "")]


def test_a_change_within_the_tolerance_passes_however_certain_it_is():
    assert outcomes((-0.05, 0.0)) == [(Outcome.PASSED, "")]


def test_a_change_beyond_the_tolerance_alone_passes_with_a_note():
    assert outcomes((-0.2, 0.5)) == [(Outcome.PASSED, "within noise")]


def test_p_is_corrected_by_holm_for_all_verdicts():
    # .015 is at most .02 alone, and twice .015 is not.
    assert outcomes((-0.2, 0.015)) == [(Outcome.REGRESSED, "")]
    assert outcomes((-0.2, 0.015), (0.0, 1.0))[0] == (Outcome.PASSED, "within noise")


def test_a_verdict_without_p_stays_as_it_is_and_is_not_counted():
    unjudged = Verdict("speed", CELLS, Outcome.UNJUDGED, note="different hardware")
    tested = Verdict("speed", CELLS, Outcome.PASSED, change=-0.2, p=0.015)
    decided = decide([unjudged, tested], worse=lambda c: c < -0.1, better=lambda c: c > 0.1)
    assert decided[0] is unjudged
    assert (decided[1].outcome, decided[1].p) == (Outcome.REGRESSED, 0.015)


def test_an_earlier_note_is_kept():
    verdict = Verdict("quality", CELLS, Outcome.PASSED, change=-0.2, p=0.5, note="one seed")
    (decided,) = decide([verdict], worse=lambda c: c < -0.1, better=lambda c: c > 0.1)
    assert decided.note == "within noise; one seed"
