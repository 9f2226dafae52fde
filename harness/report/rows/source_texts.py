"""Load the dataset that was measured again, to show its texts."""

from importlib.util import find_spec

from harness.datasets import load_dataset
from harness.datasets.dataset import Dataset
from harness.report.rows.dataset_records import DatasetRecords
from methods.errors import InputError, UnavailableError


def load_measured_dataset(dataset_records: DatasetRecords) -> Dataset | str:
    """Return the dataset, or one line that says why its texts cannot be shown."""
    name = dataset_records.dataset
    provenance = dataset_records.ok[0].provenance
    spec = provenance.dataset_spec or name
    if spec.startswith("irds:") and not _is_downloaded(spec):
        return f"no texts of {name}: ir_datasets has not downloaded it on this machine"
    try:
        dataset = load_dataset(spec)
    except (InputError, UnavailableError) as error:
        return f"no texts of {name}: {error}"
    if dataset.fingerprint != provenance.dataset_sha256:
        return f"no texts of {name}: {spec} is not the data that was measured"
    return dataset


def _is_downloaded(spec: str) -> bool:
    """Return whether ir_datasets has the dataset already, because a report downloads nothing."""
    if find_spec("ir_datasets") is None:
        return True  # load_dataset then raises the error that names the missing library
    from ir_datasets.util import home_path

    collection = home_path() / spec.removeprefix("irds:").split("/")[0]
    # ir_datasets may leave empty folders for a dataset that it has not downloaded.
    return any(path.is_file() for path in collection.rglob("*"))
