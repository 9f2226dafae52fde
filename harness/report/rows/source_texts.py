"""The dataset that was measured, loaded again for its texts: the same one, or a reason."""

from importlib.util import find_spec

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.report.rows.dataset_records import DatasetRecords
from methods.errors import InputError, UnavailableError


def load_again(measured: DatasetRecords) -> Dataset | str:
    """Return the dataset, or in one line why its texts cannot be shown."""
    provenance = measured.ok[0].provenance
    written = provenance.dataset_spec or measured.dataset
    if written.startswith("irds:") and not _is_here(written):
        return f"no texts of {measured.dataset}: ir_datasets does not hold it here"
    try:
        dataset = load_dataset(written)
    except (InputError, UnavailableError) as error:
        return f"no texts of {measured.dataset}: {error}"
    if dataset.fingerprint != provenance.dataset_sha256:
        return f"no texts of {measured.dataset}: {written} is not the data that was measured"
    return dataset


def _is_here(written: str) -> bool:
    """Say whether ir_datasets holds the dataset already, for a report downloads nothing."""
    if find_spec("ir_datasets") is None:
        return True  # loading says which library is missing
    from ir_datasets.util import home_path

    collection = home_path() / written.removeprefix("irds:").split("/")[0]
    return any(path.is_file() for path in collection.rglob("*"))  # it makes empty folders for some
