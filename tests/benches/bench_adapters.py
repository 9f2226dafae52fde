"""Time every adapter against its library, one query at a time: `make bench`. Takes minutes.

Every method searches through its adapter and by its library's own call, on the same index and in
turns, on one thread. The cases are those of tests/methods/every_index/adapter_cases.py.
"""

from collections.abc import Iterator

import pytest

from harness.measure.threads import one_thread
from methods.base import Resources
from methods.registry import method
from tests.methods.every_index.adapter_cases import CASES

SAMPLES, TRIES = 10_000, 3


@pytest.fixture(autouse=True)
def on_one_thread() -> Iterator[None]:
    with one_thread():
        yield


@pytest.mark.parametrize("name", CASES)
def test_a_search_takes_3_us_or_5_per_cent_more_than_the_library_itself(
    name: str, resources: Resources
):
    if (hint := method(CASES[name].method).install_hint()) is not None:
        pytest.skip(hint)
    searches = CASES[name].searches(resources)
    for _ in range(TRIES):
        mine, theirs = searches.medians(SAMPLES)
        print(f"{name}: {mine:.2f} us, the library alone {theirs:.2f} us, {mine - theirs:+.2f} us")
        if mine <= max(theirs + 3, 1.05 * theirs):
            return
    pytest.fail("the adapter adds more in each of the tries")
