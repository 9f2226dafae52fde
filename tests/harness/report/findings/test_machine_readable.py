import json
from pathlib import Path

from harness.report.findings.machine_readable import machine_readable, readable_growth
from harness.report.findings.sentences import state_findings
from tests.harness.report.fake_growth import growth_of, write_sizes
from tests.harness.report.fake_run import row

ROWS = [
    row("exact", None, 0.8),
    row("ehi", 0.01, 0.7),
    row("ehi", 0.05, 0.8),
    row("ivf", 0.01, 0.6),
    row("ivf", 0.05, 0.8, per_seed={0: {f"q{i}": 0.8 for i in range(60)}}),
]


def test_verdicts_leaders_costs_and_sentences_are_plain_data():
    written = machine_readable("d", ROWS, "nDCG@10", state_findings(ROWS, "nDCG@10"))
    assert json.loads(json.dumps(written)) == written
    assert (written["queries"], written["exact_search"], written["margin"]) == (60, 0.8, 0.005)
    assert next(iter(written["sentences"])) == "answer"
    first, second = written["verdicts"]
    assert (first["other"], first["baseline"], first["verdict"]) == ("ivf", True, "better")
    assert first["budget"] == {"kind": "visited", "limit": 0.01, "label": "1 %"}
    assert second["verdict"] in ("equal", "cannot tell")
    (leader, _) = written["leaders"]
    assert (leader["first"], leader["second"], leader["verdict"]) == ("ehi", "ivf", "better")


def test_costs_name_their_unit_and_the_ratio_to_the_cheapest_baseline():
    written = machine_readable("d", ROWS, "nDCG@10", state_findings(ROWS, "nDCG@10"))
    of_visited = next(
        each
        for each in written["costs_to_reach"]
        if (each["cost"], each["share_of_exact_search"]) == ("visited", 0.99)
    )
    assert of_visited["unit"] == "% of the corpus"
    methods = {each["method"]: each for each in of_visited["methods"]}
    assert methods["ivf"]["ratio_to_cheapest_baseline"] == 1
    assert methods["ehi"]["ratio_to_cheapest_baseline"] < 1


def test_rows_that_reach_a_quality_have_costs_and_no_verdicts():
    rows = [row("exact", None, 0.8), row("ehi", 0.9, 0.79, kind="overlap")]
    written = machine_readable("d", rows, "nDCG@10", state_findings(rows, "nDCG@10"))
    assert written["verdicts"] == []
    assert written["costs_to_reach"][0]["methods"][0]["method"] == "ehi"


def test_a_growth_has_costs_by_size_and_exponents(tmp_path: Path):
    written = readable_growth(growth_of(write_sizes(tmp_path, (100, 10_000))))
    assert json.loads(json.dumps(written)) == written
    assert (written["kind"], written["documents"]) == ("beir:synthetic", [100, 10_000])
    first = written["costs_to_find"][0]
    assert (first["share_of_exact_search"], first["cost"], first["unit"]) == (
        *(0.9, "visited", "per query"),
    )
    (ivf,) = (entry for entry in first["methods"] if entry["method"] == "ivf")
    assert [(each["documents"], round(each["cost"])) for each in ivf["costs"]] == [
        *((100, 10), (10_000, 100)),
    ]
    assert (round(ivf["exponent"], 6), ivf["baseline"]) == (0.5, True)
