import json

from harness.report.findings.machine_readable import machine_readable
from harness.report.findings.sentences import state_findings
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
