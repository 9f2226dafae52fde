from pathlib import Path

from harness.report.page.growth_charts import growth_charts
from tests.harness.report.fake_growth import growth_of, write_size, write_sizes


def test_there_is_a_chart_for_every_cost_and_share(tmp_path: Path):
    charts = growth_charts(growth_of(write_sizes(tmp_path, (100, 10_000))))
    assert [chart["title"][:4] for chart in charts] == ["90 %", "95 %"] * 3
    (ivf,) = (line for line in charts[0]["lines"] if line["label"] == "ivf")
    assert ivf["points"] == [[100, 10.0, False], [10_000, 100.0, False]]
    assert (ivf["exponent"], ivf["reference"]) == (".50", False)


def test_what_never_finds_a_share_has_no_line(tmp_path: Path):
    folders = [
        write_size(tmp_path / str(size), size, {"ivf": 0.5}, {0.92: 1.0}) for size in (100, 200)
    ]
    first, second, *_ = growth_charts(growth_of(folders))
    assert [line["label"] for line in first["lines"]] == ["ivf", "exact"]
    assert [line["label"] for line in second["lines"]] == ["exact"]
    assert [bound for *_, bound in first["lines"][0]["points"]] == [True, True]
