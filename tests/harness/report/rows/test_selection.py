import pytest

from harness.report.rows.selection import select
from harness.store.record import Record
from methods.errors import InputError
from tests.harness.store.fake_records import make_record


def record(method: str, dataset: str, budget: float | None) -> Record:
    return make_record(method, budget, dataset=dataset)


EHI = record("ehi", "hpo", 0.1)
IVF = record("ivf", "hpo", 0.1)
IVF_MORE = record("ivf", "hpo", 0.25)
IVF_TINY = record("ivf", "tiny", 0.1)
EXACT = record("exact", "hpo", None)
RECORDS = [EHI, IVF, IVF_MORE, IVF_TINY, EXACT]


def test_without_a_choice_all_records_are_kept():
    assert select(RECORDS) == RECORDS


def test_several_methods_keep_their_order():
    assert select(RECORDS, methods=["ivf", "ehi"]) == [EHI, IVF, IVF_MORE, IVF_TINY]


def test_only_records_of_a_given_dataset_are_kept():
    assert select(RECORDS, datasets=["tiny"]) == [IVF_TINY]


def test_a_record_without_a_budget_is_kept_at_every_budget():
    assert select(RECORDS, budgets=[0.25]) == [IVF_MORE, EXACT]
    assert select(RECORDS, methods=["ivf"], budgets=[0.25]) == [IVF_MORE]


def test_choices_are_combined():
    assert select(RECORDS, methods=["ivf"], datasets=["hpo"], budgets=[0.1]) == [IVF]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"methods": ["ehi", "scann"]}, "unknown method 'scann'; known: ehi, exact, ivf"),
        ({"methods": ["ehii"]}, "did you mean 'ehi'"),
        ({"datasets": ["msmarco"]}, "unknown dataset 'msmarco'; known: hpo, tiny"),
        ({"budgets": [9]}, "unknown budget '9'; known: 0.1, 0.25"),
    ],
)
def test_an_unknown_value_is_refused_with_the_known_ones(
    choice: dict[str, list[str]], message: str
):
    with pytest.raises(InputError, match=message):
        select(RECORDS, **choice)  # type: ignore[arg-type]


def test_no_budget_is_known_if_no_record_has_one():
    with pytest.raises(InputError, match=r"unknown budget '0\.1'; known: none"):
        select([EXACT], budgets=[0.1])
