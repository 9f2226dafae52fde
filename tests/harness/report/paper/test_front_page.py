import json
from pathlib import Path

import pytest

from harness.report.paper.front_page import fill_in
from harness.report.rows.dataset_records import FIRST_DATASETS
from methods.errors import InputError

ROOT = Path(__file__).parents[4]
README = """\
before
<!-- found: written by make report -->
old
<!-- /found -->
between
<!-- table: written by make report -->
<!-- /table -->
after
"""
VISITED = """\
**d: quality at equal budgets**

| method | R@10 1 % | R@10 5 % | R@100 1 % | R@100 5 % |
| --- | ---: | ---: | ---: | ---: |
| ehi | **.70** ± .01† | .80 ± .02≈ | .71 | **.81** |
| ivf | .60 ± .01 | **.85** ± .01 | .61 | .80 |
| ivfpq | **.70** ± .02‡ | .75 ± .01 | **.72** | .80 |
| exact | .90 | .90 | .95 | .95 |

A caption.
"""
VERDICTS = {"datasets": [{"dataset": "d", "sentences": {"front_page": ["It holds.", "Here."]}}]}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "d.md").write_text(VISITED)
    (tmp_path / "tables" / "d-latency.md").touch()
    (tmp_path / "verdicts.json").write_text(json.dumps(VERDICTS))
    (tmp_path / "figures").mkdir()
    for name in ("latency", "visited", "throughput"):
        (tmp_path / "figures" / f"d-{name}-wide.png").touch()
    return tmp_path


def test_the_readme_equals_the_reference_report():
    readme = (ROOT / "README.md").read_text()
    filled = fill_in(readme, ROOT / "reports" / "reference", "reports/reference", FIRST_DATASETS)
    assert filled == readme, "run make report, which writes both"


def test_the_page_of_the_reference_report_stays_under_five_megabytes():
    page = ROOT / "reports" / "reference" / "index.html"
    assert 100_000 < page.stat().st_size < 5_000_000


def test_time_is_not_shown_where_it_was_not_the_budget(report: Path):
    (report / "tables" / "d-latency.md").unlink()
    filled = fill_in(README, report, "link", ["d"])
    assert "d-visited-wide.png" in filled and "latency" not in filled


def test_each_part_is_written_between_its_comments(report: Path):
    assert fill_in(README, report, "link", ["d"]) == (
        "before\n<!-- found: written by make report -->\n\n"
        "- It holds.\n"
        "- Here.\n\n"
        '<picture><source media="(prefers-color-scheme: dark)" '
        'srcset="link/figures/d-visited-wide-dark.png"><img alt="d: difference from exact search, '
        'by documents visited" src="link/figures/d-visited-wide.png"></picture>\n'
        '<picture><source media="(prefers-color-scheme: dark)" '
        'srcset="link/figures/d-latency-wide-dark.png"><img alt="d: difference from exact search, '
        'by time per query" src="link/figures/d-latency-wide.png"></picture>\n\n'
        "<!-- /found -->\nbetween\n<!-- table: written by make report -->\n\n"
        "| method | R@10 at 1 % | R@10 at 5 % |\n"
        "| --- | ---: | ---: |\n"
        "| ehi | **.70** ± .01 | .80 ± .02 |\n"
        "| ivf | .60 ± .01 | **.85** ± .01 |\n"
        "| exact | .90 | .90 |\n\n"
        "<!-- /table -->\nafter\n"
    )


def test_seen_and_unseen_queries_are_columns_at_the_smallest_budget(report: Path):
    parts = """\
| ehi, seen | .75 ± .01 | .82 ± .02 | .71 | .81 |
| ivf, seen | .75 ± .01 | .86 ± .02 | .71 | .81 |
| exact, seen | .91 | .91 | .96 | .96 |
| ehi, unseen | .51 ± .01 | .61 ± .02 | .71 | .81 |
| ivf, unseen | **.52** ± .01 | **.62** ± .02 | .71 | .81 |
| exact, unseen | .80 | .80 | .85 | .85 |
"""
    path = report / "tables" / "d.md"
    path.write_text(VISITED.replace("\n\nA caption", f"\n{parts}\nA caption"))
    assert (
        "| method | R@10 at 1 % | seen at 1 % | unseen at 1 % | R@10 at 5 % |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        "| ehi | **.70** ± .01 | .75 ± .01 | .51 ± .01 | .80 ± .02 |\n"
        "| ivf | .60 ± .01 | .75 ± .01 | **.52** ± .01 | **.85** ± .01 |\n"
        "| exact | .90 | .91 | .80 | .90 |\n\n"
    ) in fill_in(README, report, "link", ["d"])


def test_other_datasets_have_their_answer_and_one_picture(report: Path):
    answers = {"front_page": ["Long."], "answer": ["Worse there."]}
    verdicts = {"datasets": [*VERDICTS["datasets"], {"dataset": "e", "sentences": answers}]}
    (report / "verdicts.json").write_text(json.dumps(verdicts))
    for name in ("visited", "macs"):
        (report / "figures" / f"e-{name}-wide.png").touch()
    filled = fill_in(README, report, "link", ["d", "e", "f"])
    assert "- It holds.\n- Here.\n- Worse there.\n" in filled
    assert "e-visited-wide.png" in filled and "e-macs" not in filled and "Long" not in filled
    assert filled.count("| method |") == 1


def test_filling_in_twice_changes_nothing(report: Path):
    once = fill_in(README, report, "link", ["d"])
    assert fill_in(once, report, "link", ["d"]) == once


def test_a_dataset_without_findings_is_refused(report: Path):
    with pytest.raises(InputError, match="has nothing on e"):
        fill_in(README, report, "link", ["e", "d"])


def test_a_readme_without_a_part_is_refused(report: Path):
    with pytest.raises(InputError, match=r"must have <!-- table: .* exactly once"):
        fill_in(README.replace("<!-- /table -->", ""), report, "link", ["d"])
