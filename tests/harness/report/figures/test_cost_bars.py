from harness.report.figures.cost_bars import cost_bars
from harness.report.figures.style import CANVASES
from harness.report.findings.reached_costs import reached_costs
from harness.report.rows.frontier import AXES
from harness.report.rows.summary import Row
from tests.harness.report.fake_run import row

COLUMN = CANVASES[0]
ROWS = [
    row("exact", None, 0.8),
    *(row("ehi", 0.02, 0.7), row("ehi", 0.04, 0.8)),
    *(row("ivf", 0.04, 0.7), row("ivf", 0.08, 0.8)),
    row("hnsw", 0.05, 0.6),
]


def words(rows: list[Row], share: float) -> list[str]:
    costs = {share: reached_costs(rows, "nDCG@10", AXES[0], share)}
    (axes,) = cost_bars(costs, AXES[0], "d", COLUMN).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    return [f"{name}: {text.get_text()}" for name, text in zip(names, axes.texts, strict=True)]


def test_bars_have_their_cost_and_the_ratio_to_the_cheapest_baseline():
    assert words(ROWS, 0.9375) == [  # of .8, which is .75: half way between the points
        "ehi: 3.00  \N{MULTIPLICATION SIGN}0.50",
        "ivf: 6.00  baseline",
        "hnsw: not reached (75.0 %)",
    ]


def test_a_ratio_to_a_baseline_that_may_need_less_is_a_bound():
    cheap = row("scann", 0.02, 0.75)
    assert words([*ROWS, cheap], 0.9375)[:2] == [
        "scann: ≤ 2.00  baseline",
        "ehi: 3.00  ≥ \N{MULTIPLICATION SIGN}1.50",
    ]


def test_every_share_has_a_panel():
    costs = {share: reached_costs(ROWS, "nDCG@10", AXES[0], share) for share in (0.9, 1.0)}
    figure = cost_bars(costs, AXES[0], "d", COLUMN)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["90 % of exact search", "100 % of exact search"]
    assert figure.get_supxlabel() == "documents visited (% of the corpus)"
