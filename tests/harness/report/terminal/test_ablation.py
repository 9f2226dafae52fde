from harness.report.numbers import Spread
from harness.report.rows.ablation import AblationRow
from harness.report.rows.difference import Difference
from harness.report.terminal.ablation import ablation_table
from tests.harness.report.fake_run import row

BALANCE = {
    "largest_over_mean": Spread(3.0, None),
    "entropy": Spread(0.9, None),
    "dead": Spread(2.0, None),
}
FULL, FULL_AT_20 = (AblationRow("full", row("ehi", b, 0.6), None, BALANCE, {}) for b in (0.1, 0.2))
LOST, LOST_BY_FAR = (Difference(-0.2, p, 1.0, 0.1) for p in (0.004, 0.0004))
ARM = AblationRow("arm", row("ehi", 0.1, 0.4), LOST, BALANCE, {})
WITHOUT_LEAVES = AblationRow("arm", row("ehi", 0.2, 0.4, macs=None), LOST_BY_FAR, {}, {})


def test_the_table_has_one_line_per_arm_and_budget():
    columns = ablation_table([FULL, FULL_AT_20, ARM, WITHOUT_LEAVES]).columns
    cells = list(zip(*[list(map(str, column.cells)) for column in columns], strict=True))
    assert cells == [
        ("full", "10 %", ".600", "", "", "", "", "12.00", "3.0", ".900", "2"),
        ("", "20 %", ".600", "", "", "", "", "22.00", "3.0", ".900", "2"),
        ("arm", "10 %", ".400", "-.200", "p=.004", ".100", "worse", "12.00", "3.0", ".900", "2"),
        ("", "20 %", ".400", "-.200", "p<.001", ".100", "worse", "", "", "", ""),
    ]


def test_the_caption_names_seeds_queries_and_the_correction():
    caption = str(ablation_table([FULL, ARM]).caption)
    assert "over the seeds 0, for 60 queries of d. Difference from full" in caption
    assert "Holm-corrected for 1 comparison: better or worse if p < .05" in caption
    assert "Tested" not in str(ablation_table([FULL]).caption)


def test_without_rows_the_caption_says_so():
    assert ablation_table([]).caption == "Nothing was measured."
