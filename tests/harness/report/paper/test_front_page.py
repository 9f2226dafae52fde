from pathlib import Path

from harness.report.paper.front_page import BEGIN, END, with_found

ROOT = Path(__file__).parents[4]


def test_the_readme_says_what_the_reference_report_says():
    readme = (ROOT / "README.md").read_text()
    found = with_found(readme, ROOT / "reports" / "reference", "reports/reference", "hpo")
    assert found == readme, "make report writes both"


def test_only_what_stands_between_the_marks_is_written(tmp_path: Path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "d.md").write_text("| a |\n")
    (tmp_path / "headline.md").write_text(
        "# What was found\n\n## c\n\n- no\n\n## d\n\n- At 1 % no\n- yes\n- so\n"
    )
    text = f"before\n{BEGIN}\nold\n{END}\nbehind\n"
    filled = with_found(text, tmp_path, "r", "d")
    assert filled.startswith(
        f"before\n{BEGIN}\n\n![d: quality against latency](r/figures/d-latency"
    )
    assert filled.endswith(f"- yes\n- so\n\n| a |\n\n{END}\nbehind\n")
    assert "- no" not in filled and "old" not in filled
    assert with_found(filled, tmp_path, "r", "d") == filled
