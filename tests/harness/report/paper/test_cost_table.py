from harness.report.numbers import Spread
from harness.report.paper.cost_table import cost_table
from harness.report.paper.typeset import to_markdown
from tests.harness.report.fake_run import row

ROWS = [
    row("ivf", 0.9, 0.5, "overlap", visited=Spread(0.04, 0.01), macs=Spread(0.06, None)),
    row("hnsw", 0.9, 0.5, "overlap", visited=Spread(0.02, None), macs=Spread(0.08, None)),
    row("hnsw", 0.95, 0.5, "overlap", visited=Spread(0.03, None), macs=Spread(0.09, None)),
    row("hnsw", 0.1, 0.5, "visited"),
    row("exact", None, 0.6, "overlap", latency_p50_ms=Spread(1.25, None)),
]


def test_the_costs_of_a_quality_are_in_one_row_per_method():
    _, _, head, _, hnsw, ivf, exact, *_ = (
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in to_markdown(
            cost_table(sorted(ROWS, key=lambda r: r.label), "overlap", "d")
        ).splitlines()
    )
    assert head == [
        "method",
        *("% visited 90 % overlap", "% visited 95 % overlap"),
        *("% MACs 90 % overlap", "% MACs 95 % overlap"),
        *("ms 90 % overlap", "ms 95 % overlap"),
    ]
    assert hnsw == ["hnsw", "**2.00**", "**3.00**", "8.00", "**9.00**", "-", "-"]
    assert ivf == ["ivf", "4.00 ± 1.000", "-", "**6.00**", "-", "-", "-"]
    assert exact[:2] == ["exact", "100.00"] and exact[-1] == "1.250"


def test_the_caption_says_what_is_reached():
    table = cost_table(ROWS, "ndcg", "d-ndcg")
    assert table.title == "d: cost at equal quality" and "share of exact search's" in table.caption
