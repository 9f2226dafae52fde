from pathlib import Path

from harness.report.growth_report import GrowthReport
from harness.report.paper.growth_page import growth_page
from tests.harness.report.fake_growth import growth_of, write_sizes


def test_the_page_has_sentences_figures_tables_and_commands(tmp_path: Path):
    report = GrowthReport(growth_of(write_sizes(tmp_path, (100, 10_000))), "g")
    text = growth_page([report])
    assert text.startswith("# Growth with the number of documents\n\n## beir:synthetic, 100 to ")
    assert all(f"- {sentence}\n" in text for sentence in report.sentences)
    for cost in ("visited", "macs", "latency"):
        assert f'src="figures/g-{cost}-wide.png"' in text
    assert "| ivf | 10 | 100 | .50 | 20 | 200 | .50 |" in text
    assert "ehibench run --dataset beir:synthetic-100\nehibench run" in text
    assert "Measured on: a processor, 2 cores, 16.0 GiB, 2026-01-01." in text
