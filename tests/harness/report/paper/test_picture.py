from harness.report.paper.picture import picture


def test_a_picture_is_dark_on_a_dark_screen():
    assert picture("figures/f", "what it shows") == (
        '<picture><source media="(prefers-color-scheme: dark)" srcset="figures/f-wide-dark.png">'
        '<img alt="what it shows" src="figures/f-wide.png"></picture>'
    )
