from harness.report.figures.seen_unseen import parts_by_budget, seen_and_unseen
from harness.report.figures.style import CANVASES
from harness.report.numbers import Spread
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row


def with_parts(method: str, budget: float | None, seen: float, unseen: float) -> Row:
    means = {"seen": seen, "unseen": unseen}
    parts = {part: {"nDCG@10": Spread(mean, None)} for part, mean in means.items()}
    return row(method, budget, seen, parts=parts, part_counts={"seen": 40, "unseen": 20})


EXACT = with_parts("exact", None, 0.8, 0.81)
EHI = [with_parts("ehi", share, 0.78, 0.7 + share) for share in (0.01, 0.02, 0.05)]
IVF = with_parts("ivf", 0.01, 0.76, 0.77)


def test_the_least_and_the_largest_share_are_shown_from_the_worst_on_unseen_queries_up():
    shown = parts_by_budget([EXACT, *EHI, IVF], "nDCG@10")
    assert [[each.label for each in own] for own in shown.values()] == [
        ["ehi", "ivf", "exact"],
        ["ehi", "exact"],
    ]


def test_rows_far_below_the_best_and_rows_without_parts_are_left_out():
    far, whole = with_parts("ngt", 0.01, 0.6, 0.6), row("hnsw", 0.01, 0.8)
    (own,) = parts_by_budget([EHI[0], far, whole], "nDCG@10").values()
    assert [each.label for each in own] == ["ehi"]
    assert parts_by_budget([EXACT, whole], "nDCG@10") == {}


def test_a_full_marker_is_the_seen_queries_and_an_open_one_the_unseen():
    figure = seen_and_unseen([EXACT, *EHI, IVF], "nDCG@10", CANVASES[0])
    line, seen, unseen, *_ = figure.axes[0].lines
    assert list(line.get_xdata()) == [0.78, 0.71]
    assert (list(seen.get_xdata()), seen.get_markerfacecolor()) == ([0.78], seen.get_color())
    assert (list(unseen.get_xdata()), unseen.get_markerfacecolor()) == ([0.71], "#FFFFFF")
    assert "40 seen, 20 unseen queries" in figure.get_suptitle()
