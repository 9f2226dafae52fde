import pytest

from harness.regression.check import Check, Rules, check
from harness.store.record import Failure
from tests.harness.regression.fake_measurements import make_measurements, record


@pytest.fixture
def checked() -> Check:
    """EHI is slower, IVF ran on different hardware, exact search is missing and bm25 crashed."""
    was = [record("ehi"), record("ivf"), record("exact", budget=None), record("bm25", budget=None)]
    crashed = record("bm25", budget=None, failure=Failure("SIGKILL", "killed by \x1b[31mSIGKILL"))
    elsewhere = record("ivf", origin={"processor": "<Xeon | *8*>"})
    now = [record("ehi", ms=0.2), elsewhere, crashed, record("hnsw")]
    return check(make_measurements(was), make_measurements(now), Rules())
