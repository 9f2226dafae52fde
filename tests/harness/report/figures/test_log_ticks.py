from matplotlib.figure import Figure

from harness.report.figures.log_ticks import label_ticks


def test_ticks_are_plain_numbers_at_the_digits():
    axes = Figure().subplots()
    axes.set_xscale("log")
    axes.set_xlim(0.4, 3000)
    label_ticks(axes.xaxis, (1.0, 5.0))
    formatter = axes.xaxis.get_major_formatter()
    ticks = [tick for tick in axes.get_xticks() if 0.4 <= tick <= 3000]
    assert [formatter(tick) for tick in ticks] == [
        *("0.5", "1", "5", "10", "50", "100", "500", "1,000"),
    ]
    assert len(axes.get_xticks(minor=True)) == 0
