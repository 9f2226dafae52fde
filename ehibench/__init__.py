"""ehibench from Python: run comparisons, and read what they found.

    import ehibench

    run = ehibench.run("ehi,ivf", dataset="hpo", budget=[0.01, 0.1])
    run.summary()          # a pandas table
    run.figure("latency")  # a matplotlib figure

These functions run the code of the commands, and what they write is what the commands write.
"""

from ehibench_start import check_imported

check_imported()

from ehibench.measured_run import Run, load  # noqa: E402
from ehibench.start_run import run  # noqa: E402
from harness.datasets import load_dataset  # noqa: E402
from harness.datasets.dataset import Dataset  # noqa: E402
from harness.store.record import Record  # noqa: E402
from methods.errors import InputError, UnavailableError  # noqa: E402
from methods.method import Component, Method  # noqa: E402
from methods.registration import register  # noqa: E402

__all__ = [
    "Component",
    "Dataset",
    "InputError",
    "Method",
    "Record",
    "Run",
    "UnavailableError",
    "load",
    "load_dataset",
    "register",
    "run",
]
