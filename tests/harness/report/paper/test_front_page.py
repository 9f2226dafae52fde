from pathlib import Path

import pytest

from harness.report.paper.front_page import fill_in
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
LATENCY = """\
| method | R@10 0.1 ms | R@10 0.2 ms |
| --- | ---: | ---: |
| ehi | **.5** | **.6** |
| hnsw | - | .5 |
| exact | .9 | .9 |
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "d.md").write_text(VISITED)
    (tmp_path / "tables" / "d-latency.md").write_text(LATENCY)
    return tmp_path


def test_the_readme_equals_the_reference_report():
    readme = (ROOT / "README.md").read_text()
    filled = fill_in(readme, ROOT / "reports" / "reference", "reports/reference", "hpo")
    assert filled == readme, "run make report, which writes both"


def test_each_part_is_written_between_its_comments(report: Path):
    assert fill_in(README, report, "link", "d") == (
        "before\n<!-- found: written by make report -->\n\n"
        "![d: quality against latency](link/figures/d-latency.png)\n\n"
        "- Visiting 1 % of the documents, ehi has R@10 .70 "
        "(ivf .60; exact search, which visits all, .90).\n"
        "- Highest R@10 at equal shares of the documents visited: "
        "ehi and ivfpq at 1 %; ivf at 5 %.\n"
        "- Highest R@10 at equal time per query, one thread: ehi at 0.1 ms, 0.2 ms.\n\n"
        "<!-- /found -->\nbetween\n<!-- table: written by make report -->\n\n"
        "| method | R@10 at 1 % | R@10 at 5 % |\n"
        "| --- | ---: | ---: |\n"
        "| ehi | **.70** ± .01 | .80 ± .02 |\n"
        "| ivf | .60 ± .01 | **.85** ± .01 |\n"
        "| exact | .90 | .90 |\n\n"
        "<!-- /table -->\nafter\n"
    )


def test_filling_in_twice_changes_nothing(report: Path):
    once = fill_in(README, report, "link", "d")
    assert fill_in(once, report, "link", "d") == once


def test_a_readme_without_a_part_is_refused(report: Path):
    with pytest.raises(InputError, match=r"must have <!-- table: .* exactly once"):
        fill_in(README.replace("<!-- /table -->", ""), report, "link", "d")
