from harness.report.page.claims_overview import claims_overview
from harness.report.rows.dataset_records import gather
from harness.report.rows.published import Claim
from harness.store.run_folder import RunFolder
from tests.harness.report.fake_run import MadeUpRun

CLAIM = Claim(
    system="EHI",
    dataset="irds:msmarco-passage",
    measure="nDCG@10",
    gain=0.0145,
    method="ehi",
    rivals=("ivf", "hnsw"),
    read="abstract",
    source="v2",
    command="ehibench run --preset paper-msmarco",
)


def test_a_dataset_has_the_budgets_that_contradict_and_support_a_claim(made_up_run: MadeUpRun):
    measured, _ = gather([RunFolder(made_up_run.path)])
    table = claims_overview([CLAIM], measured)
    assert table is not None
    # At 1 % ehi has .50 and hnsw .34; at 5 % .56 and .60, at 10 % .60 and .64.
    assert [[cell.value for cell in row] for row in table.rows] == [
        ["EHI, nDCG@10", "beir:made<up>", "5 %, 10 %", "1 %", "-"]
    ]
    assert "EHI has a 1.45 % higher nDCG@10 on irds:msmarco-passage" in table.caption


def test_without_a_rival_there_is_no_table(made_up_run: MadeUpRun):
    measured, _ = gather([RunFolder(made_up_run.path)])
    assert claims_overview([], measured) is None
