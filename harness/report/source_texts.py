"""The dataset that was measured, loaded again for its texts: the same one, or a reason."""

import shlex
from itertools import pairwise

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.report.measured import Measured
from methods.errors import InputError, UnavailableError


def load_again(measured: Measured) -> Dataset | str:
    """Return the dataset, or in one line why its texts cannot be shown."""
    provenance = measured.ok[0].provenance
    written = _written(measured.dataset, str(provenance.get("command", "")))
    try:
        dataset = load_dataset(written)
    except (InputError, UnavailableError) as error:
        return f"no texts of {measured.dataset}: {error}"
    if dataset.fingerprint != provenance.get("dataset_sha256"):
        return f"no texts of {measured.dataset}: {written} is not the data that was measured"
    return dataset


def _written(dataset: str, command: str) -> str:
    """Return the dataset as the command had it, of which a record keeps a folder's name alone."""
    try:
        words = shlex.split(command)
    except ValueError:
        return dataset
    for word, following in pairwise([*words, ""]):
        value = following if word == "--dataset" else word.removeprefix("--dataset=")
        if value.startswith("beir:") and word.startswith("--dataset"):
            return value
    return dataset
