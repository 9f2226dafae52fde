"""Ten thousand damaged files of the kinds of data that are not BEIR folders: no traceback.

Part of `make bench`. Parquet takes longest, so few of the inputs are of that kind.
"""

from pathlib import Path

import pytest

from tests.harness.datasets.test_fuzz_files import KINDS, fuzz

INPUTS = {"vectors": 4500, "hdf5": 2400, "nq320k": 2900, "parquet": 120, "hub": 80}


def test_the_inputs_are_ten_thousand_of_every_kind():
    assert sum(INPUTS.values()) == 10_000 and INPUTS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", INPUTS)
def test_damaged_files_are_valid_or_one_line(kind: str, tmp_path: Path):
    outcomes = fuzz(kind, INPUTS[kind], 1, tmp_path / "data")
    print(f"{kind}: {outcomes['valid']:,} valid, {outcomes['one line']:,} refused in one line")
    assert outcomes.total() == INPUTS[kind]
